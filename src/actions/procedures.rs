//! Procedures (SOPs): writing one, taking over a template, changing it. A change is a new version, and asks everybody of its
//! role again.

use super::{Answer, Desk, Failure, sight};
use crate::domain::ids::ProcedureId;
use crate::domain::incident::{clean_line, clean_text};
use crate::domain::person::{Act, Actor, Role};
use crate::domain::problem::FieldError;
use crate::domain::procedure::{self, Procedure, ProcedureTopic, Template};
use crate::domain::site::check_slug;
use crate::redaction::Redacted;
use crate::store::procedures::{self, ProcedureRow};
use crate::store::{Connection, Error, Json, Tx, Verb};
use serde::Serialize;

/// A procedure after it was written.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProcedureWritten {
    /// Its name in addresses.
    pub slug: String,
    /// Its current version.
    pub version: i32,
}

impl Answer for ProcedureWritten {
    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/procedures/{}", self.slug))
    }
}

/// A procedure as typed.
#[derive(Clone, Debug)]
pub struct NewProcedure {
    /// Name in addresses.
    pub slug: String,
    /// The role that is asked.
    pub role: Role,
    /// What it is about.
    pub topic: ProcedureTopic,
    /// What it says.
    pub content: Procedure<String>,
}

/// The six that the product brings.
pub fn templates() -> Result<Vec<Template>, Failure> {
    procedure::templates().map_err(|error| Failure::Broken(format!("a procedure: {error}")))
}

/// The template with this name.
pub fn template(name: &str) -> Result<Template, Failure> {
    let names = || templates().map(|all| all.into_iter().map(|one| one.name).collect::<Vec<_>>().join(", "));
    match templates()?.into_iter().find(|template| template.name == name) {
        Some(template) => Ok(template),
        None => {
            Err(Failure::field("template", format!("There is no template of this name. Use one of: {}.", names()?)))
        }
    }
}

/// Refuses what is no person: procedures are read by everybody who works here, also by whoever holds no role yet.
pub fn reader(actor: &Actor) -> Result<(), Failure> {
    match actor {
        Actor::Automation { .. } => Err(Failure::Forbidden("Procedures are for people.".into())),
        _ => Ok(()),
    }
}

/// The current version of a procedure.
pub fn find(connection: &mut Connection, actor: &Actor, slug: &str) -> Result<ProcedureRow, Failure> {
    reader(actor)?;
    current(connection, slug)
}

pub(super) fn current(connection: &mut Connection, slug: &str) -> Result<ProcedureRow, Failure> {
    procedures::versions(connection, slug)?.into_iter().next().ok_or(Failure::NotFound)
}

/// Writes a new procedure.
pub fn create(desk: &Desk, actor: &Actor, new: NewProcedure) -> Result<ProcedureWritten, Failure> {
    desk.answered_before()?;
    sight::everywhere(actor, Act::ManageProcedures)?;
    let mut errors = Vec::new();
    let slug = clean_line(&new.slug);
    check_slug("slug", &slug, &mut errors);
    let content = redacted(desk, new.content, errors)?;
    let (by, role, topic) = (actor.reference(), new.role, new.topic);
    desk.answer(actor, move |tx| {
        if !procedures::versions(tx.connection(), &slug)?.is_empty() {
            return Err(Failure::field("slug", "There is a procedure with this short name already."));
        }
        insert(tx, Written { slug, version: 1, role, topic, content, note: None, by })
    })
}

/// Takes a template over for a role. Its name is the template's and the role's.
pub fn adopt(desk: &Desk, actor: &Actor, name: &str, role: Option<Role>) -> Result<ProcedureWritten, Failure> {
    sight::everywhere(actor, Act::ManageProcedures)?;
    let template = template(name)?;
    let role = role.unwrap_or(template.role);
    let slug = if role == template.role {
        template.name.clone()
    } else {
        format!("{}-{}", template.name, role.as_str().replace('_', "-"))
    };
    create(desk, actor, NewProcedure { slug, role, topic: template.topic, content: template.content })
}

/// Writes a new version. `expected` is the version that was looked at.
pub fn change(
    desk: &Desk,
    actor: &Actor,
    slug: &str,
    expected: Option<i32>,
    content: Procedure<String>,
    note: Option<&str>,
) -> Result<ProcedureWritten, Failure> {
    desk.answered_before()?;
    desk.read(|connection| find(connection, actor, slug))?;
    sight::everywhere(actor, Act::ManageProcedures)?;
    let content = redacted(desk, content, Vec::new())?;
    let note = match note.map(clean_line).filter(|note| !note.is_empty()) {
        Some(note) => Some(super::pause::registry_redactor(desk)?.text(&note).text),
        None => None,
    };
    let (slug, by) = (slug.to_owned(), actor.reference());
    desk.answer(actor, move |tx| {
        let old = current(tx.connection(), &slug)?;
        if expected.is_some_and(|expected| expected != old.version) {
            return Err(Failure::Stale);
        }
        if *old.content == content {
            return Err(Failure::field(
                "title",
                "Nothing is different. A version that says the same asks people in vain.",
            ));
        }
        let (version, role, topic) = (old.version + 1, old.role, old.topic);
        insert(tx, Written { slug, version, role, topic, content, note, by })
    })
}

struct Written {
    slug: String,
    version: i32,
    role: Role,
    topic: ProcedureTopic,
    content: Procedure<Redacted>,
    note: Option<Redacted>,
    by: String,
}

fn insert(tx: &mut Tx, written: Written) -> Result<ProcedureWritten, Failure> {
    let row = ProcedureRow {
        id: ProcedureId::fresh(),
        slug: written.slug,
        version: written.version,
        role: written.role,
        topic: written.topic,
        content: Json::of(written.content),
        note: written.note,
        written_by: written.by,
        written_at: tx.now(),
    };
    match tx.insert(Verb::Written, &row) {
        Err(Error::Exists) => Err(Failure::Stale),
        Err(error) => Err(error.into()),
        Ok(()) => Ok(ProcedureWritten { slug: row.slug, version: row.version }),
    }
}

/// The texts as they are stored, or everything that is wrong with them.
fn redacted(
    desk: &Desk,
    content: Procedure<String>,
    mut errors: Vec<FieldError>,
) -> Result<Procedure<Redacted>, Failure> {
    let content = content.map(|field, text| match field {
        "title" | "written_for" => clean_line(&text),
        _ => clean_text(&text),
    });
    errors.extend(procedure::problems(&content));
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    let redactor = super::pause::registry_redactor(desk)?;
    Ok(content.map(|_, text| redactor.text(&text).text))
}
