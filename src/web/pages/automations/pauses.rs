//! Pauses as pages show them: what each covers, who set it, and whether this person may release it.

use crate::actions::sight::promised;
use crate::actions::{Failure, pause};
use crate::domain::gate::PauseTarget;
use crate::domain::ids::SiteId;
use crate::domain::moment::Moment;
use crate::domain::person::Actor;
use crate::store::pauses::{self, Covers, PauseRow};
use crate::store::{Connection, sites};
use crate::web::shown::{Names, Time, time};
use serde::Serialize;

/// A pause that holds.
#[derive(Clone, Serialize)]
pub(in crate::web::pages) struct PauseShown {
    id: String,
    target_words: String,
    incident: Option<String>,
    reason: Option<String>,
    set_by: String,
    set_at: Time,
    releasable: bool,
    why_not: Option<String>,
}

/// A pause that was released.
#[derive(Clone, Serialize)]
pub(in crate::web::pages) struct PastPause {
    target_words: String,
    incident: Option<String>,
    reason: Option<String>,
    set_by: String,
    set_at: Time,
    released_by: String,
    released_at: Time,
    release_reason: Option<String>,
}

/// The pauses that hold now and fit, oldest first.
pub(in crate::web::pages) fn holding(
    connection: &mut Connection,
    actor: &Actor,
    fits: impl Fn(&PauseRow) -> bool,
) -> Result<Vec<PauseShown>, Failure> {
    let mut shown = Vec::new();
    for (row, incident) in pauses::all_holding(connection)? {
        if fits(&row) {
            shown.push(one(connection, actor, row, incident)?);
        }
    }
    Ok(shown)
}

fn one(
    connection: &mut Connection,
    actor: &Actor,
    row: PauseRow,
    incident: Option<String>,
) -> Result<PauseShown, Failure> {
    let refusal = pause::release_refusal(connection, actor, &row)?;
    let why_not = match &refusal {
        None => None,
        Some(Failure::Refused(reasons)) => reasons.first().map(|reason| reason.message.clone()),
        Some(_) if row.site_id.is_none() => {
            Some("An owner or administrator of every site, or whoever set it, may release it.".to_owned())
        }
        Some(_) => Some("An owner, an administrator or whoever set it may release it.".to_owned()),
    };
    Ok(PauseShown {
        target_words: target_words(connection, &row)?,
        set_by: Names::default().actor(connection, &row.set_by)?,
        set_at: time(row.set_at, "UTC"),
        reason: row.reason.map(|reason| reason.into_string()),
        id: row.id.to_string(),
        incident,
        releasable: refusal.is_none(),
        why_not,
    })
}

/// Released pauses that a page names.
const PAST: i64 = 20;

/// The newest pauses that covered an automation since it exists and were released.
pub(in crate::web::pages) fn past(
    connection: &mut Connection,
    covers: &Covers,
    since: Moment,
) -> Result<Vec<PastPause>, Failure> {
    let mut shown = Vec::new();
    for (row, incident) in pauses::past(connection, covers, since, PAST)? {
        let (Some(released_at), Some(released_by)) = (row.released_at, &row.released_by) else { continue };
        shown.push(PastPause {
            target_words: target_words(connection, &row)?,
            set_by: Names::default().actor(connection, &row.set_by)?,
            set_at: time(row.set_at, "UTC"),
            released_by: Names::default().actor(connection, released_by)?,
            released_at: time(released_at, "UTC"),
            incident,
            reason: row.reason.map(|reason| reason.into_string()),
            release_reason: row.release_reason.map(|reason| reason.into_string()),
        });
    }
    Ok(shown)
}

fn target_words(connection: &mut Connection, row: &PauseRow) -> Result<String, Failure> {
    Ok(match row.target_kind {
        PauseTarget::Automation => "This automation".to_owned(),
        PauseTarget::Category => format!("Category {}", row.target),
        PauseTarget::Site => {
            let site = promised(sites::find(connection, &SiteId::from_text(row.target.as_str())))?;
            format!("Site {}", site.name)
        }
        PauseTarget::Everything => "Everything".to_owned(),
    })
}
