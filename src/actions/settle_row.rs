//! Settling by hand a row that was altered behind the program's back.
//!
//! An administrator looks at the row as it stands, says why it may stand, and the chain vouches for it from then on. The
//! word is bound to what was looked at: a row that changed meanwhile is refused. Settling gives nothing that somebody
//! could have wanted by altering the row: a pause that was released that way holds again, a scope is read only again, a
//! break-glass opening ends, a role or a token is withdrawn, a person needs a new password, what was done, shown, passed or
//! reviewed is so no more ([`strict`] says it for each table); and whoever accepted a row of an incident took part in it,
//! so that they cannot decide its restart. What was signed or decided, a row that is gone, and the chain itself cannot be
//! accepted by anybody: there the way out is a backup.

mod strict;

use super::pause::registry_redactor;
use super::readiness::{took_part, void_if_changed};
use super::{Answer, Desk, Failure, gate_facts, sight, vacancy, watch_integrity};
use crate::domain::automation::RunScope;
use crate::domain::ids::{AutomationId, GrantId, IncidentId, PauseId, PersonId, SettlementId};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::{FieldError, Reason};
use crate::domain::review::Taking;
use crate::domain::statement::statement;
use crate::store::audit::{self, AuditEntry};
use crate::store::differences::{self, DifferenceRow};
use crate::store::people::{GrantRow, PersonRow};
use crate::store::settlements::SettlementRow;
use crate::store::{self, Connection, Record, Tx, Verb, automations, incidents, pauses, phases, sessions};
use serde::Serialize;
use strict::{Fate, Settler};

/// Columns whose values nobody needs to see: keys, hashes, what is sealed.
const HIDDEN: [&str; 6] = ["hash", "key", "secret", "known", "sealed", "signature"];

/// An altered row, as it stands now.
pub struct Altered {
    /// Its table.
    pub table: String,
    /// Its key.
    pub id: String,
    /// When it was found.
    pub found_at: Moment,
    /// Slugs of the automations whose gates it closes; none: every gate.
    pub closes: Option<Vec<String>>,
    /// The last entry of the chain about it.
    pub last: Option<AuditEntry>,
    /// Its columns, without secrets.
    pub columns: Vec<(String, String)>,
    /// What the word of whoever settles it is bound to; none: it cannot be settled.
    pub digest: Option<String>,
    /// Why nobody can settle it by hand.
    pub refusal: Option<String>,
}

/// A row that was settled.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Settled {
    /// Its table.
    pub table: String,
    /// Its key.
    pub id: String,
    /// When.
    pub settled_at: String,
}

impl Answer for Settled {}

/// Every altered row that is not settled, oldest first, for whoever may settle it.
pub fn list(desk: &Desk, actor: &Actor) -> Result<Vec<Altered>, Failure> {
    sight::everywhere(actor, Act::SettleRow)?;
    let mut found = desk.read(gather)?;
    let redactor = registry_redactor(desk)?;
    for (name, value) in found.iter_mut().flat_map(|altered| &mut altered.columns) {
        // Whoever altered the row could write anything into it.
        *value = if is_hidden(name) { "not shown".to_owned() } else { redactor.text(value).text.into_string() };
    }
    Ok(found)
}

fn is_hidden(column: &str) -> bool {
    HIDDEN.iter().any(|word| column.contains(word))
}

fn gather(connection: &mut Connection) -> Result<Vec<Altered>, Failure> {
    let mut all: Vec<Altered> = Vec::new();
    for row in differences::open(connection)? {
        let slug_of = |id| automations::find(connection, id).map_or_else(|_| id.to_string(), |row| row.slug);
        let slug = row.automation_id.as_ref().map(slug_of);
        let known = all.iter_mut().find(|known| known.table == row.subject_table && known.id == row.subject_id);
        match (known, slug) {
            (Some(known), Some(slug)) => known.closes.iter_mut().for_each(|closes| closes.push(slug.clone())),
            (Some(known), None) => known.closes = None,
            (None, slug) => all.push(look(connection, row, slug.map(|slug| vec![slug]))?),
        }
    }
    Ok(all)
}

fn look(connection: &mut Connection, row: DifferenceRow, closes: Option<Vec<String>>) -> Result<Altered, Failure> {
    let (table, id) = (row.subject_table, row.subject_id);
    // A row that cannot be read is one of those that cannot be settled.
    let present = store::present(connection, &table, &id).ok().flatten();
    let refusal = refusal(connection, &table, &id, present.is_some())?;
    let text = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => text,
        value => value.to_string(),
    };
    let digest = present.as_ref().map(|row| row.digest.clone()).filter(|_| refusal.is_none());
    let columns = present.map(|row| row.columns).unwrap_or_default();
    Ok(Altered {
        found_at: row.found_at,
        closes,
        last: audit::last_of(connection, &table, &id)?,
        columns: columns.into_iter().map(|(name, value)| (name, text(value))).collect(),
        digest,
        refusal,
        table,
        id,
    })
}

/// Why nobody can settle this row by hand; none: an administrator can.
fn refusal(connection: &mut Connection, table: &str, id: &str, is_there: bool) -> Result<Option<String>, Failure> {
    let backup = "Restore what was written from a backup; it settles by itself then.";
    let why = match table {
        "audit" | "audit_seals" => "The chain itself does not hold, and nobody can vouch for it by hand.",
        table if strict::fate_of(table).is_none() => {
            "It was signed, or is somebody's own word or decision: nobody else can stand in for it."
        }
        _ if !is_there => "The row is gone or cannot be read, so that there is nothing to look at.",
        "pauses" => {
            let pause = pauses::find(connection, &PauseId::from_text(id))?;
            match pause.released_at.is_some() && watch_integrity::released_only(connection, &pause)? {
                true => return Ok(None),
                false => "Nobody can tell any more what this pause covered.",
            }
        }
        "incidents" => {
            let incident = incidents::find(connection, &IncidentId::from_text(id))?;
            match incident.status.is_open() {
                true => return Ok(None),
                false => "An incident is closed by its review, and not by hand.",
            }
        }
        _ => return Ok(None),
    };
    Ok(Some(format!("{why} {backup}")))
}

/// Settles a row: the word of `actor`, bound to the row with this digest.
pub fn run(desk: &Desk, actor: &Actor, table: &str, id: &str, digest: &str, reason: &str) -> Result<Settled, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    sight::everywhere(actor, Act::SettleRow)?;
    let mut errors = Vec::new();
    let ask = "Say in a sentence what you found out, and why the row may stand.";
    let reason = statement("reason", reason, ask, &mut errors);
    if digest.trim().is_empty() {
        errors.push(FieldError::new("digest", "Send the digest of the row that you looked at."));
    }
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    let reason = registry_redactor(desk)?.text(&reason).text;
    let (table, id, digest, who) =
        (table.to_owned(), id.to_owned(), digest.trim().to_owned(), (actor.reference(), actor.name()));
    desk.answer(actor, move |tx| {
        let mut open = differences::open(tx.connection())?;
        open.retain(|row| row.subject_table == table && row.subject_id == id);
        if open.is_empty() {
            return Err(Failure::NotFound);
        }
        refuse(tx.connection(), &table, &id, &digest)?;
        settle(tx, &table, &id, &person, &who)?;
        for mut row in open {
            row.settled_at = Some(tx.now());
            tx.update(Verb::Settled, &row)?;
        }
        let settled_at = tx.now();
        let row = SettlementRow {
            id: SettlementId::fresh(),
            subject_table: table.clone(),
            subject_id: id.clone(),
            digest,
            reason,
            settled_by: person,
            settled_at,
        };
        tx.insert(Verb::Settled, &row)?;
        Ok(Settled { table, id, settled_at: settled_at.rfc3339() })
    })
}

/// Refuses what nobody may settle, and what is not what was looked at any more.
fn refuse(connection: &mut Connection, table: &str, id: &str, digest: &str) -> Result<(), Failure> {
    let present = store::present(connection, table, id).ok().flatten();
    if let Some(why) = refusal(connection, table, id, present.is_some())? {
        return Err(Failure::refused(Reason::new("not_by_hand", why, "administrator of this server")));
    }
    if present.is_none_or(|row| row.digest != digest) {
        let message = "The row changed since you looked at it. Look again.";
        return Err(Failure::refused(Reason::new("changed_meanwhile", message, "administrator")));
    }
    Ok(())
}

/// Puts the row into a state that gives nothing away, and lets the chain vouch for it.
fn settle(tx: &mut Tx, table: &str, id: &str, person: &PersonId, who: &(String, String)) -> Result<(), Failure> {
    match strict::fate_of(table) {
        Some(Fate::Stands) => {
            store::accept(tx, Verb::Accepted, table, id)?;
        }
        Some(Fate::Strict(put)) => put(tx, id, &Settler { person, who })?,
        None => return Err(Failure::Broken(format!("no rule for settling a row of {table}"))),
    }
    if let Some(incident) = watch_integrity::incident_of(tx.connection(), table, id.to_owned())? {
        moved(tx, &incident, person, who)?;
    }
    Ok(())
}

/// The ground of an incident was accepted by hand: what rested on it is void, and whoever accepted it took part.
fn moved(tx: &mut Tx, incident: &IncidentId, person: &PersonId, who: &(String, String)) -> Result<(), Failure> {
    took_part(tx, incident, person, Taking::SettledRow)?;
    void_if_changed(tx, incident, who, "an altered row was settled by hand")
}

/// A definition that was altered begins again: read only, with its approval requirement.
fn narrow(tx: &mut Tx, id: &AutomationId, who: &(String, String)) -> Result<(), Failure> {
    let mut row = sight::promised(automations::find(tx.connection(), id))?;
    (row.scope, row.approval_relaxed, row.version) = (RunScope::ReadOnly, false, row.version + 1);
    tx.update(Verb::Accepted, &row)?;
    if let Some(mut phase) = phases::present(tx.connection(), id)? {
        phase.ended_at = Some(tx.now());
        phase.ended_because = Some("A row that it rests on was altered outside Allclear, and settled by hand.".into());
        tx.update(Verb::Ended, &phase)?;
    }
    for incident in pauses::incidents_over(tx.connection(), &gate_facts::covers(&row))? {
        void_if_changed(tx, &incident, who, "an altered row was settled by hand")?;
    }
    Ok(())
}

fn withdraw_role(tx: &mut Tx, id: &GrantId, person: &PersonId) -> Result<(), Failure> {
    let row = GrantRow::by_key(tx.connection(), id.as_str())?;
    let mut row = row.ok_or_else(|| Failure::Broken("a grant that was looked at is gone".into()))?;
    refuse_own(&row.person_id, person)?;
    row.revoked_at = row.revoked_at.or(Some(tx.now()));
    tx.update(Verb::Revoked, &row)?;
    vacancy::look(tx, &row.person_id)
}

/// Whoever altered the row may know the password: the person gets a new one from an administrator.
fn forget_password(tx: &mut Tx, id: &str, person: &PersonId) -> Result<(), Failure> {
    let row = PersonRow::by_key(tx.connection(), id)?;
    let mut row = row.ok_or_else(|| Failure::Broken("a person who was looked at is gone".into()))?;
    refuse_own(&row.id, person)?;
    row.password_hash = None;
    sessions::end_all(tx, &row.id, None)?;
    tx.update(Verb::Accepted, &row)?;
    vacancy::look(tx, &row.id)
}

fn refuse_own(concerned: &PersonId, person: &PersonId) -> Result<(), Failure> {
    if concerned != person {
        return Ok(());
    }
    Err(Failure::Forbidden("This row is about yourself. Ask another administrator to look at it.".into()))
}
