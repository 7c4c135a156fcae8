//! The page of one incident.

use super::rotations::{RotationShown, rotations};
use super::shown::{self, BundleShown, EvidenceShown, Incident};
use super::story::{Story, story};
use super::timeline;
use crate::actions::sight::{self, Case};
use crate::actions::{Desk, Failure, ask_gate, count_asks, withdraw_incident};
use crate::domain::automation::Category;
use crate::domain::evidence::Media;
use crate::domain::gate::PauseTarget;
use crate::domain::incident::{Status, status_refusal};
use crate::domain::person::{Act, Actor};
use crate::domain::practice::Place;
use crate::domain::problem::{FieldError, Reason};
use crate::domain::timeline::attempt_refusal;
use crate::redaction::Redacted;
use crate::store::automations::{self, AutomationRow};
use crate::store::incidents::IncidentRow;
use crate::store::pauses::PauseRow;
use crate::store::{Connection, pauses, timeline as entries};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::page::Page;
use crate::web::pages::mistakes::mistakes;
use crate::web::shown::{Choice, Gate, Missing, Names, capital, zones};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Serialize)]
struct ShowIncident {
    incident: Incident,
    missing: Vec<Missing>,
    pauses: Vec<PausedAutomation>,
    pausable: Vec<Choice>,
    refusals: Vec<Reason>,
    evidence: Vec<EvidenceShown>,
    no_evidence_reason: Option<String>,
    attempts_refused: bool,
    log_open: bool,
    evidence_options: Vec<Choice>,
    entries_shown: String,
    entry_count: u64,
    days: Vec<timeline::Day>,
    entries_newer: Option<String>,
    entries_older: Option<String>,
    correcting: Option<String>,
    bundles: Vec<BundleShown>,
    rotations: Vec<RotationShown>,
    /// The common mistakes that would be made in the forms here.
    mistakes_closing: Vec<String>,
    mistakes_trying: Vec<String>,
    can: Can,
    status_options: Vec<Choice>,
    /// It is open, and this person may withdraw it unless a reason keeps them.
    may_withdraw: bool,
    withdrawal: Vec<Reason>,
    story: Story,
    zones: Vec<&'static str>,
}

#[derive(Serialize)]
struct PausedAutomation {
    slug: String,
    name: String,
    gate: Gate,
    /// It has never asked its gate, so nobody knows whether the pause stops it.
    never_asked: bool,
}

/// What this person may do here.
#[derive(Serialize)]
struct Can {
    work: bool,
    seal: bool,
    build: bool,
    pause: bool,
}

/// What the address asks for.
#[derive(Clone, Default, Deserialize)]
pub(in crate::web) struct Query {
    entries: Option<String>,
    correct: Option<String>,
    cursor: Option<String>,
    /// The entry that a link names.
    entry: Option<String>,
}

/// Why the page is shown again after a press.
#[derive(Default)]
pub(in crate::web::pages) struct Again {
    status: Option<StatusCode>,
    errors: Vec<FieldError>,
    refusals: Vec<Reason>,
    correcting: Option<String>,
    log_open: bool,
}

impl Again {
    /// Fields were typed wrong.
    pub(in crate::web::pages) fn errors(errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::default() }
    }

    /// Rules refuse.
    pub(in crate::web::pages) fn refused(refusals: Vec<Reason>) -> Self {
        Self { status: Some(StatusCode::CONFLICT), refusals, ..Self::default() }
    }

    /// Somebody else changed it meanwhile.
    pub(super) fn stale() -> Self {
        let message = "Somebody else changed this incident meanwhile. Nothing was written; look at it and press again.";
        Self {
            status: Some(StatusCode::PRECONDITION_FAILED),
            refusals: vec![Reason::new("changed_meanwhile", message, "")],
            ..Self::default()
        }
    }

    /// With the correction of this entry open.
    pub(super) fn correcting(self, entry: String) -> Self {
        Self { correcting: Some(entry), ..self }
    }

    /// With the form for a new entry open.
    pub(super) fn logging(self) -> Self {
        Self { log_open: true, ..self }
    }
}

/// `GET /incidents/{ref}`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    reference: web::Path<String>,
    query: web::Query<Query>,
) -> Result<HttpResponse, PageFailure> {
    render(&state, &request, &signed, &reference, query.into_inner(), Map::new(), Again::default()).await
}

/// The page again, with what was typed into one of its forms.
pub(in crate::web::pages) async fn again(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    reference: &str,
    fields: &Fields,
    why: Again,
) -> Result<HttpResponse, PageFailure> {
    render(state, request, signed, reference, Query::default(), fields.values(&[]), why).await
}

async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    reference: &str,
    query: Query,
    mut values: Map<String, Value>,
    why: Again,
) -> Result<HttpResponse, PageFailure> {
    let (actor, reference) = (signed.actor(), reference.to_owned());
    let mut context = state.run(move |desk| compose(desk, &actor, &reference, &query)).await?;
    values.entry("happened_zone").or_insert_with(|| context.incident.site.zone.clone().into());
    context.refusals = why.refusals;
    context.log_open = why.log_open;
    if why.correcting.is_some() {
        context.correcting = why.correcting;
    }
    let title = format!("{} {}", context.incident.reference, context.incident.title);
    let mut page = Page::new(request, state, signed, &title).values(values).errors(why.errors);
    if let Some(status) = why.status {
        page = page.status(status);
    }
    page.render("incidents/show.html", &context)
}

fn compose(desk: &Desk, actor: &Actor, reference: &str, query: &Query) -> Result<ShowIncident, Failure> {
    desk.read(|connection| {
        let case = sight::case(connection, actor, reference, Act::ReadIncidents)?;
        let Case { incident: row, site } = &case;
        let zone = site.time_zone.as_str();
        let mut names = Names::default();
        let evidence = shown::evidence(connection, &mut names, &desk.rules(), row, zone)?;
        let sealed = evidence.iter().filter(|(media, _)| *media != Media::Dropped).count();
        let reason = row.no_evidence_reason.clone().map(Redacted::into_string);
        let wanted = timeline::Wanted {
            filter: query.entries.as_deref().filter(|word| matches!(*word, "people" | "system")).unwrap_or("all"),
            cursor: query.cursor.as_deref(),
            entry: query.entry.as_deref().or(query.correct.as_deref()),
        };
        let all = entries::of_incident(connection, &row.id)?;
        let cited = evidence.iter().map(|(_, e)| (e.id.clone(), e.name.clone())).collect();
        let base = format!("/incidents/{reference}");
        let timeline = timeline::shown(&all, &wanted, &base, zone, &cited);
        let can = can(actor, &case);
        let may_withdraw = row.status.is_open() && withdraw_incident::may(actor, row);
        let (pauses, pausable) = paused(connection, &case, desk)?;
        Ok(ShowIncident {
            missing: shown::missing(row),
            pauses,
            pausable,
            refusals: Vec::new(),
            attempts_refused: attempt_refusal(sealed, reason.as_deref()).is_some(),
            no_evidence_reason: reason,
            log_open: false,
            evidence_options: evidence
                .iter()
                .filter(|(media, _)| *media != Media::Dropped)
                .map(|(_, e)| Choice::new(&e.id, &e.name))
                .collect(),
            evidence: evidence.into_iter().map(|(_, evidence)| evidence).collect(),
            entries_shown: timeline.filter,
            entry_count: timeline.count,
            days: timeline.days,
            entries_newer: timeline.newer,
            entries_older: timeline.older,
            correcting: query.correct.clone().filter(|_| can.work && row.status.is_open()),
            bundles: if actor.may(Act::ReadBundles, &site.id) {
                shown::bundles(connection, &mut names, &desk.rules(), row, zone)?
            } else {
                Vec::new()
            },
            rotations: rotations(connection, &mut names, &desk.rules(), &row.id, None, zone)?,
            mistakes_closing: mistakes(connection, Place::IncidentClose)?,
            mistakes_trying: mistakes(connection, Place::IncidentTimeline)?,
            can,
            status_options: status_options(row),
            may_withdraw,
            withdrawal: if may_withdraw { withdraw_incident::reasons(connection, actor, row)? } else { Vec::new() },
            story: story(connection, actor, &case, &mut names)?,
            zones: zones(),
            incident: shown::incident(connection, &mut names, row, site)?,
        })
    })
}

fn can(actor: &Actor, case: &Case) -> Can {
    let may = |act: Act| actor.may(act, &case.site.id);
    let open = case.incident.status.is_open();
    Can {
        work: may(Act::WorkIncident),
        seal: may(Act::SealEvidence),
        build: may(Act::BuildBundle),
        pause: open && may(Act::Pause) && may(Act::WorkIncident),
    }
}

/// What the status may change to. Cancelling has a form of its own: the withdrawal.
fn status_options(row: &IncidentRow) -> Vec<Choice> {
    Status::ALL
        .iter()
        .filter(|to| **to != Status::Cancelled && **to != row.status && status_refusal(row.status, **to).is_none())
        .map(|to| Choice::new(to.as_str(), capital(&to.label())))
        .collect()
}

/// What this incident pauses, with the gate of each; and what it could pause besides.
fn paused(
    connection: &mut Connection,
    case: &Case,
    desk: &Desk,
) -> Result<(Vec<PausedAutomation>, Vec<Choice>), Failure> {
    let mut held = pauses::of_incident(connection, &case.incident.id)?;
    held.retain(|pause| pause.released_at.is_none());
    let (mut paused, mut pausable) = (Vec::new(), Vec::new());
    for row in automations::list(connection)? {
        if held.iter().any(|pause| covers(pause, &row)) {
            let gate = Gate::from(ask_gate::verdict(connection, &row, desk.now())?);
            let never_asked = count_asks::of(connection, &desk.gate, &row.id)?.times == 0;
            paused.push(PausedAutomation { slug: row.slug, name: row.name, gate, never_asked });
        } else if row.site_id == case.site.id {
            pausable.push(Choice::new(row.slug, row.name));
        }
    }
    Ok((paused, pausable))
}

/// Does this pause cover this automation?
pub(in crate::web::pages) fn covers(pause: &PauseRow, row: &AutomationRow) -> bool {
    match pause.target_kind {
        PauseTarget::Automation => pause.target == row.id.as_str(),
        PauseTarget::Category => Category::parse(&pause.target) == Some(row.category),
        PauseTarget::Site => pause.target == row.site_id.as_str(),
        PauseTarget::Everything => true,
    }
}
