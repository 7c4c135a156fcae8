//! The one next thing in an incident, computed here for its own page and for home.

use crate::actions::Failure;
use crate::actions::readiness::Standing;
use crate::actions::sight::Case;
use crate::domain::incident::{self, Level};
use crate::domain::person::Actor;
use crate::store::{Connection, bundles, escalations, evidence};
use crate::web::pages::restarts::blocks::blocks;
use crate::web::shown::missing;
use serde::Serialize;

/// What is to be done next.
#[derive(Clone, Serialize)]
pub(in crate::web::pages) struct Next {
    /// How urgent it looks: warning, info or success.
    kind: &'static str,
    /// In a line: "seal the evidence".
    pub(in crate::web::pages) title: String,
    /// Why, or what comes of it.
    text: String,
    /// Where it is done.
    pub(in crate::web::pages) href: String,
    /// The words of the button that leads there.
    link: String,
    /// Is it something that blocks the restart?
    blocks: bool,
}

/// The next thing; none where nothing is left to do, or nobody may do it any more.
pub(in crate::web::pages) fn step(
    connection: &mut Connection,
    actor: &Actor,
    case: &Case,
    standing: &Standing,
) -> Result<Option<Next>, Failure> {
    let incident = &case.incident;
    if !incident.status.is_open() {
        return Ok(None);
    }
    let base = format!("/incidents/{}", incident.reference);
    let new = |kind, title: &str, text: &str, to: &str, link: &str| {
        Some(Next {
            kind,
            title: title.to_owned(),
            text: text.to_owned(),
            href: format!("{base}{to}"),
            link: link.to_owned(),
            blocks: false,
        })
    };
    if standing.readiness.open_request {
        let text = "A restart is asked for. An administrator who took no part decides.";
        return Ok(new("info", "the decision", text, "/restart#request", "Look at the request"));
    }
    let sealed = evidence::of_incident(connection, &incident.id)?.iter().any(|row| row.current_version > 0);
    if !sealed && incident.no_evidence_reason.is_none() {
        let text = "Upload the log or paste the error report before anybody retries or changes a setting. Attempts can be logged after that.";
        return Ok(new("warning", "seal the evidence", text, "/evidence/new", "Seal evidence"));
    }
    let mut lacking = incident::missing(&incident.facts, incident.lead_id.is_some());
    lacking.retain(|missing| missing.level == Level::Mandatory);
    if let Some(first) = missing(&lacking).first() {
        let names: Vec<String> = missing(&lacking).into_iter().map(|missing| missing.label).collect();
        let title = format!("find out {} needed fact{}", names.len(), if names.len() == 1 { "" } else { "s" });
        let text = format!("No bundle goes to another party without them: {}.", names.join(", "));
        return Ok(new("warning", &title, &text, &format!("/edit#{}", first.field), "Fill them in"));
    }
    if bundles::of_incident(connection, &incident.id)?.is_empty() {
        let text = "All needed facts are known. Check what another party would read, and build it.";
        return Ok(new("info", "prepare a bundle", text, "/bundles/new", "Prepare bundle"));
    }
    if escalations::of_incident(connection, &incident.id)?.is_empty() {
        let text = "A bundle is built and nobody has it yet. Four questions lead to whom it belongs.";
        return Ok(new("info", "escalate", text, "/escalations/new", "Escalate"));
    }
    Ok(way_back(actor, case, standing, &base))
}

/// What keeps the restart from being asked for.
fn way_back(actor: &Actor, case: &Case, standing: &Standing, base: &str) -> Option<Next> {
    let here = format!("{base}/restart");
    let next = |kind, title: &str, text: &str, link: &str| Next {
        kind,
        title: title.to_owned(),
        text: text.to_owned(),
        href: format!("{here}#request"),
        link: link.to_owned(),
        blocks: false,
    };
    let first = blocks(case, standing, actor).into_iter().flat_map(|group| group.blocks).next();
    match first {
        Some(block) => Some(Next {
            href: if block.href.is_empty() { here.clone() } else { block.href },
            link: if block.link.is_empty() { "Look at it".to_owned() } else { block.link.to_owned() },
            blocks: true,
            ..next("info", &block.message, "", "")
        }),
        None if standing.held.is_empty() => None,
        None => Some(next("success", "ask for the restart", "Nothing blocks any more.", "Ask for the restart")),
    }
}
