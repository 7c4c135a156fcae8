//! Playbooks on one site: writing them, their versions, their owner.

use super::keep_practice::on_site;
use super::{Answer, Desk, Failure, practice_facts, sight};
use crate::domain::ids::{PersonId, PlaybookId, PlaybookVersionId, SiteId};
use crate::domain::incident::{clean_line, clean_text};
use crate::domain::person::{Act, Actor};
use crate::domain::playbook::{self, Import, Playbook, PlaybookState};
use crate::domain::problem::{FieldError, Reason};
use crate::redaction::Redacted;
use crate::store::playbooks::{self, PlaybookRow, VersionRow};
use crate::store::{Connection, Json, Tx, Verb, people};
use serde::Serialize;

/// A playbook after an act.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PlaybookAnswer {
    /// Its id.
    pub id: String,
    /// Where it stands.
    pub state: PlaybookState,
    /// Its version.
    pub version: i32,
    /// What keeps it from production.
    pub reasons: Vec<Reason>,
}

impl Answer for PlaybookAnswer {
    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/playbooks/{}", self.id))
    }
}

/// The playbook with this id, for someone who may do `act` on its site.
pub fn find(connection: &mut Connection, actor: &Actor, id: &str, act: Act) -> Result<PlaybookRow, Failure> {
    let row = playbooks::find(connection, &PlaybookId::from_text(id))?;
    on_site(actor, &row.site_id, act)?;
    Ok(row)
}

/// What an act answers about a playbook.
pub(super) fn answer(connection: &mut Connection, row: &PlaybookRow) -> Result<PlaybookAnswer, Failure> {
    let reasons = playbook::production_reasons(&import(connection, row)?);
    Ok(PlaybookAnswer { id: row.id.to_string(), state: row.state, version: row.version, reasons })
}

/// What the rules look at.
pub fn import(connection: &mut Connection, row: &PlaybookRow) -> Result<Import, Failure> {
    Ok(Import {
        state: row.state,
        owned: practice_facts::owned(connection, row)?,
        answered: practice_facts::answered(connection, row)?,
        first_run_reviewed: practice_facts::first_run_reviewed(connection, row)?,
        open_flags: practice_facts::open_flags(connection, row)?,
    })
}

/// The texts as they are stored, or what is wrong with them. What looks like a secret becomes a placeholder, which keeps
/// the playbook from being exported.
pub(super) fn redacted(desk: &Desk, content: Playbook<String>) -> Result<Playbook<Redacted>, Failure> {
    let content = cleaned(content);
    let errors = playbook::problems(&content);
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    let redactor = super::pause::registry_redactor(desk)?;
    Ok(content.map(|_, text| redactor.text(&text).text))
}

/// The texts without what nobody can see.
pub(super) fn cleaned(content: Playbook<String>) -> Playbook<String> {
    let long = |field: &str| ["purpose", "instructions", "meaning", "hint"].iter().any(|end| field.ends_with(end));
    content.map(|field, text| if long(field) { clean_text(&text) } else { clean_line(&text) })
}

/// The person with this address, if they are active and may own something on the site.
pub(super) fn owner_on(connection: &mut Connection, site: &SiteId, email: &str) -> Result<PersonId, Failure> {
    let person = people::by_email(connection, email.trim())?.filter(|person| person.active);
    if let Some(person) = person
        && Actor::Person(people::as_actor(connection, &person)?).may(Act::Pause, site)
    {
        return Ok(person.id);
    }
    let message =
        "The owner must be an active person who may pause things on this site (owner, support lead or administrator).";
    Err(Failure::field("owner", message))
}

/// Writes a new playbook.
pub fn create(
    desk: &Desk,
    actor: &Actor,
    site: &str,
    owner: Option<&str>,
    content: Playbook<String>,
) -> Result<PlaybookAnswer, Failure> {
    desk.answered_before()?;
    let site = match desk.read(|connection| sight::site(connection, actor, site, Act::WritePlaybook)) {
        Err(Failure::NotFound) => return Err(Failure::field("site", "Name a site of yours by its slug.")),
        other => other?,
    };
    let content = redacted(desk, content)?;
    let (owner, by) = (owner.map(str::to_owned), actor.reference());
    desk.answer(actor, move |tx| {
        let owner_id = match owner {
            Some(email) => Some(owner_on(tx.connection(), &site.id, &email)?),
            None => None,
        };
        let row = PlaybookRow {
            id: PlaybookId::fresh(),
            site_id: site.id,
            owner_id,
            state: PlaybookState::Local,
            provenance_id: PlaybookId::fresh().to_string(),
            source_site: None,
            source_version: None,
            source_owner: None,
            exported_at: None,
            signed_by: None,
            file_sha256: None,
            quarantined_because: None,
            version: 1,
            created_by: by.clone(),
            created_at: tx.now(),
            released_by: None,
            released_at: None,
        };
        tx.insert(Verb::Created, &row)?;
        write_version(tx, &row, content, &by)?;
        answer(tx.connection(), &row)
    })
}

/// Writes what a version of it says.
pub(super) fn write_version(
    tx: &mut Tx,
    row: &PlaybookRow,
    content: Playbook<Redacted>,
    by: &str,
) -> Result<(), Failure> {
    let version = VersionRow {
        id: PlaybookVersionId::fresh(),
        playbook_id: row.id.clone(),
        version: row.version,
        content: Json::of(content),
        written_by: by.to_owned(),
        written_at: tx.now(),
    };
    Ok(tx.insert(Verb::Written, &version)?)
}

/// Writes a new version. An imported playbook that was in production is disabled again: its first run was of other
/// words.
pub fn change(
    desk: &Desk,
    actor: &Actor,
    id: &str,
    expected: Option<i32>,
    content: Playbook<String>,
) -> Result<PlaybookAnswer, Failure> {
    desk.answered_before()?;
    desk.read(|connection| find(connection, actor, id, Act::WritePlaybook))?;
    let content = redacted(desk, content)?;
    let (id, actor_copy) = (id.to_owned(), actor.clone());
    desk.answer(actor, move |tx| {
        let mut row = find(tx.connection(), &actor_copy, &id, Act::WritePlaybook)?;
        if expected.is_some_and(|expected| expected != row.version) {
            return Err(Failure::Stale);
        }
        refuse_quarantined(&row)?;
        row.version += 1;
        if row.state == PlaybookState::Production {
            row.state = PlaybookState::Disabled;
            (row.released_by, row.released_at) = (None, None);
        }
        tx.update(Verb::Changed, &row)?;
        write_version(tx, &row, content, &actor_copy.reference())?;
        answer(tx.connection(), &row)
    })
}

/// Names who answers for it on this site.
pub fn set_owner(desk: &Desk, actor: &Actor, id: &str, email: &str) -> Result<PlaybookAnswer, Failure> {
    desk.answered_before()?;
    let (id, email, actor_copy) = (id.to_owned(), email.to_owned(), actor.clone());
    desk.answer(actor, move |tx| {
        let mut row = find(tx.connection(), &actor_copy, &id, Act::WritePlaybook)?;
        row.owner_id = Some(owner_on(tx.connection(), &row.site_id, &email)?);
        tx.update(Verb::Changed, &row)?;
        answer(tx.connection(), &row)
    })
}

/// What is in quarantine stays as it came.
pub(super) fn refuse_quarantined(row: &PlaybookRow) -> Result<(), Failure> {
    if row.state != PlaybookState::Quarantined {
        return Ok(());
    }
    let message = "It is in quarantine: nothing can be done with it but look. Ask the source for a new export.";
    Err(Failure::refused(Reason::new("quarantined", message, "nobody")))
}

/// An error for each text that holds something which must not travel; names the place and the rule, never the value.
pub(super) fn findings(desk: &Desk, texts: &[(String, String)]) -> Result<Vec<FieldError>, Failure> {
    let redactor = super::pause::registry_redactor(desk)?.with_private_addresses(true);
    let mut errors = Vec::new();
    for (field, text) in texts {
        let found = redactor.text(text).findings.into_iter().map(|finding| finding.rule);
        let earlier = crate::redaction::placeholders(text).into_iter().map(|span| span.rule.to_owned());
        let mut rules: Vec<String> = found.chain(earlier).collect();
        rules.sort();
        rules.dedup();
        if !rules.is_empty() {
            let message = format!("{field} holds something that must not travel ({}). Take it out.", rules.join(", "));
            errors.push(FieldError::new(field.as_str(), message));
        }
    }
    Ok(errors)
}
