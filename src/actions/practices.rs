//! What practices say: the product's text at the start, an administrator's afterwards. Each change is a new version.

use super::register_site::refuse_secrets;
use super::{Answer, Desk, Failure, sight};
use crate::domain::ids::PracticeId;
use crate::domain::incident::{clean_line, clean_text};
use crate::domain::person::{Act, Actor};
use crate::domain::practice::{self, Line, Practice, Rule};
use crate::domain::problem::FieldError;
use crate::store::practices::{self, PracticeRow};
use crate::store::{Connection, Json, Tx, Verb};
use serde::Serialize;

/// A practice after it was written.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PracticeWritten {
    /// Its name.
    pub name: String,
    /// Its newest version.
    pub version: i32,
}

impl Answer for PracticeWritten {}

/// Brings the product's practices into the database: the first version on the first start, a new version when the product
/// says something else and nobody here has changed it.
///
/// # Errors
/// A file that does not parse or names an unknown fact, with file, line and reason: the program does not start.
pub fn ship(desk: &Desk) -> Result<(), Failure> {
    let shipped = practice::embedded().map_err(|error| Failure::Broken(format!("a practice: {error}")))?;
    let news = desk.read(|connection| changed(connection, &shipped))?;
    if news.is_empty() {
        return Ok(());
    }
    desk.write(&Actor::System("start"), move |tx| {
        // Another node may have been faster.
        for practice in changed(tx.connection(), &shipped)? {
            insert(tx, practice, true, None, "system:start")?;
        }
        Ok(())
    })
}

fn changed(connection: &mut Connection, shipped: &[Practice]) -> Result<Vec<Practice>, Failure> {
    let newest = practices::newest(connection)?;
    let is_news = |practice: &&Practice| match newest.iter().find(|row| row.name == practice.name) {
        None => true,
        Some(row) => row.shipped && *row.definition != **practice,
    };
    Ok(shipped.iter().filter(is_news).cloned().collect())
}

fn insert(
    tx: &mut Tx,
    practice: Practice,
    shipped: bool,
    note: Option<String>,
    by: &str,
) -> Result<PracticeWritten, Failure> {
    let last = practices::versions(tx.connection(), &practice.name)?.first().map_or(0, |row| row.version);
    let row = PracticeRow {
        id: PracticeId::fresh(),
        name: practice.name.clone(),
        version: last + 1,
        definition: Json::of(practice),
        shipped,
        note,
        written_by: by.to_owned(),
        written_at: tx.now(),
    };
    tx.insert(Verb::Written, &row)?;
    Ok(PracticeWritten { name: row.name, version: row.version })
}

/// The newest version of a practice, for somebody who may read the registry.
pub fn find(connection: &mut Connection, actor: &Actor, name: &str) -> Result<PracticeRow, Failure> {
    sight::somewhere(actor, Act::ReadRegistry)?;
    practices::versions(connection, name)?.into_iter().next().ok_or(Failure::NotFound)
}

/// Writes a new version. `expected` is the version that was looked at.
pub fn write(
    desk: &Desk,
    actor: &Actor,
    name: &str,
    expected: Option<i32>,
    definition: Practice,
    note: Option<&str>,
) -> Result<PracticeWritten, Failure> {
    desk.answered_before()?;
    desk.read(|connection| find(connection, actor, name))?;
    sight::everywhere(actor, Act::ManagePractices)?;
    let definition = cleaned(definition);
    let note = note.map(clean_line).filter(|note| !note.is_empty());
    let mut errors = Vec::new();
    let texts = definition.lines.iter().enumerate().map(|(at, line)| (format!("line[{at}].text"), line.text.as_str()));
    let texts: Vec<(String, &str)> = texts
        .chain([("title".to_owned(), definition.title.as_str()), ("about".to_owned(), definition.about.as_str())])
        .chain([("owner_words".to_owned(), definition.owner_words.as_str())])
        .chain(note.as_deref().map(|note| ("note".to_owned(), note)))
        .collect();
    refuse_secrets(desk, texts.iter().map(|(field, text)| (field.as_str(), *text)), &mut errors)?;
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    let (name, who) = (name.to_owned(), actor.reference());
    desk.answer(actor, move |tx| {
        let mut all = practices::newest(tx.connection())?;
        let old = all.iter_mut().find(|row| row.name == name).ok_or(Failure::NotFound)?;
        if expected.is_some_and(|expected| expected != old.version) {
            return Err(Failure::Stale);
        }
        if definition.name != old.name || definition.prefix != old.definition.prefix {
            return Err(Failure::field("name", "Name and prefix stay: tests, tables and links rest on them."));
        }
        old.definition = Json::of(definition.clone());
        let all: Vec<Practice> = all.into_iter().map(|row| row.definition.into_inner()).collect();
        let errors = practice::flaws(&all).into_iter().map(|flaw| {
            let field = match flaw.line {
                Some(at) if flaw.practice == definition.name => format!("line[{at}]"),
                _ => "definition".to_owned(),
            };
            FieldError::new(field, flaw.reason)
        });
        let errors: Vec<FieldError> = errors.collect();
        if !errors.is_empty() {
            return Err(Failure::Invalid(errors));
        }
        insert(tx, definition, false, note, &who)
    })
}

fn cleaned(mut practice: Practice) -> Practice {
    practice.title = clean_line(&practice.title);
    practice.about = clean_text(&practice.about);
    practice.owner_words = clean_text(&practice.owner_words);
    for line in &mut practice.lines {
        line.text = clean_line(&line.text);
    }
    practice
}

/// What is done to one line.
pub enum LineChange {
    /// Other words, or another rule, for a line.
    Say {
        /// The line's id.
        id: String,
        /// Its words.
        text: String,
        /// What makes it true; none: as before.
        rule: Option<Rule>,
    },
    /// A new line at the end of a section.
    Add {
        /// The section's word.
        section: String,
        /// Its words.
        text: String,
        /// What makes it true.
        rule: Rule,
    },
    /// The line goes.
    Remove {
        /// The line's id.
        id: String,
    },
}

/// Changes one line, as the page does it.
pub fn change_line(
    desk: &Desk,
    actor: &Actor,
    name: &str,
    expected: Option<i32>,
    change: LineChange,
) -> Result<PracticeWritten, Failure> {
    let row = desk.read(|connection| find(connection, actor, name))?;
    sight::everywhere(actor, Act::ManagePractices)?;
    let mut practice = row.definition.into_inner();
    let note = match change {
        LineChange::Say { id, text, rule } => {
            let line = practice.lines.iter_mut().find(|line| line.id == id).ok_or(Failure::NotFound)?;
            line.text = text;
            line.rule = rule.unwrap_or_else(|| line.rule.clone());
            format!("{id} was changed")
        }
        LineChange::Add { section, text, rule } => {
            let id = practice.next_id(&section);
            let after = practice.lines.iter().rposition(|line| line.section() == section);
            let at = after.map_or(practice.lines.len(), |at| at + 1);
            practice.lines.insert(at, Line { id: id.clone(), text, rule });
            format!("{id} was added")
        }
        LineChange::Remove { id } => {
            let before = practice.lines.len();
            practice.lines.retain(|line| line.id != id);
            if practice.lines.len() == before {
                return Err(Failure::NotFound);
            }
            format!("{id} was taken out")
        }
    };
    let expected = Some(expected.unwrap_or(row.version));
    write(desk, actor, name, expected, practice, Some(&note))
}
