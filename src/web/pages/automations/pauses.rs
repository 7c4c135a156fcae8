//! Pauses as pages show them: what each covers, who set it, and whether this person may release it.

use crate::actions::sight::promised;
use crate::actions::{Failure, pause};
use crate::domain::gate::PauseTarget;
use crate::domain::ids::SiteId;
use crate::domain::moment::Moment;
use crate::domain::person::Actor;
use crate::domain::switch::Fates;
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
    /// Nobody has said why, and this person may.
    explainable: bool,
    /// What becomes of work, in a sentence.
    fates_words: String,
    /// The same, as the form has it.
    fates: serde_json::Value,
    amendable: bool,
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
            shown.push(shown_to(connection, actor, row, incident)?);
        }
    }
    Ok(shown)
}

/// One pause, as this person sees it.
pub(in crate::web::pages) fn shown_to(
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
    let amendable = pause::may_amend(actor, &row).is_ok();
    let fates = row.fates.as_ref().map(|fates| **fates).unwrap_or_default();
    Ok(PauseShown {
        explainable: amendable && row.reason.is_none(),
        fates_words: fates.words(),
        fates: fate_values(&fates),
        amendable,
        target_words: target_words(connection, &row)?,
        set_by: Names::default().actor(connection, &row.set_by)?,
        set_at: time(row.set_at, &Names::default().zone(connection, row.site_id.as_ref())?),
        reason: row.reason.map(|reason| reason.into_string()),
        id: row.id.to_string(),
        incident,
        releasable: refusal.is_none(),
        why_not,
    })
}

/// The values of the fields under which a form asks for fates.
pub(in crate::web::pages) fn fate_values(fates: &Fates) -> serde_json::Value {
    serde_json::json!({
        "fate_running": fates.running, "fate_queued": fates.queued,
        "fate_scheduled": fates.scheduled, "fate_retrying": fates.retrying,
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
        let zone = Names::default().zone(connection, row.site_id.as_ref())?;
        shown.push(PastPause {
            target_words: target_words(connection, &row)?,
            set_by: Names::default().actor(connection, &row.set_by)?,
            set_at: time(row.set_at, &zone),
            released_by: Names::default().actor(connection, released_by)?,
            released_at: time(released_at, &zone),
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
