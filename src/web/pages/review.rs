//! The review: five parts and the documented change; what still keeps restart and closing from happening beside it.

use super::incidents::shown::name;
use super::restarts::blocks::{Group, blocks};
use crate::actions::write_review::{self, ReviewForm};
use crate::actions::{Failure, readiness, sight};
use crate::domain::person::{Act, Actor};
use crate::domain::problem::FieldError;
use crate::domain::review::ChangeKind;
use crate::redaction::Redacted;
use crate::store::Connection;
use crate::store::reviews::{self, ReviewRow};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::once;
use crate::web::page::{Page, go};
use crate::web::shown::{ByAt, HintedChoice, IncidentName, Labelled, Names, capital, time};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::{Map, Value};

/// The parts: field, question, what belongs there. About the set-up, not about people.
const PARTS: [(&str, &str, &str); 5] = [
    (
        "root_cause",
        "Why did it happen?",
        "Which setting, data or step let it happen. Not who: people did what made sense with what they knew.",
    ),
    (
        "detection_gaps",
        "What could have told us sooner?",
        "An alert that was missing, too quiet or ignored. If there was no gap: none, because …",
    ),
    ("missing_evidence", "What did we wish we had kept?", "A log, a version, a screenshot that would have saved time."),
    (
        "safeguards_worked",
        "What kept it from being worse?",
        "A limit, an approval, somebody who looked twice. It stays.",
    ),
    ("safeguards_failed", "What should have stopped it, and did not?", "It gets an action on the way back."),
];

#[derive(Serialize)]
struct Context {
    incident: IncidentName,
    parts: Vec<HintedChoice>,
    kinds: Vec<HintedChoice>,
    /// What was written, for whoever may only read.
    written: Vec<Labelled>,
    last: Option<ByAt>,
    version: i32,
    may_write: bool,
    conflict: bool,
    blocks: Vec<Group>,
    block_count: usize,
}

/// `GET /incidents/{ref}/review`.
pub(in crate::web) async fn form(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    reference: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    let (actor, reference) = (signed.actor(), reference.into_inner());
    let (context, values) =
        state.run(move |desk| desk.read(|connection| compose(connection, &actor, &reference))).await?;
    Page::new(&request, &state, &signed, "Review").values(values).render("review/form.html", &context)
}

/// `POST /incidents/{ref}/review`.
pub(in crate::web) async fn submit(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    reference: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let reference = reference.into_inner();
    let (actor, named, typed) = (signed.actor(), reference.clone(), fields.clone());
    let path = request.path().to_owned();
    let outcome = state
        .run(move |desk| {
            desk.read(|connection| sight::case(connection, &actor, &named, Act::WriteReview))?;
            let (version, form) = review(&typed)?;
            let desk = once::for_form(desk, &path, &actor, &typed.once());
            Ok(write_review::run(&desk, &actor, &named, Some(version), form)?.missing.len())
        })
        .await;
    let here = format!("/incidents/{reference}/review");
    match outcome {
        Ok(0) => Ok(go(&state, &here, "success", "The review is complete.")),
        Ok(_) => Ok(go(&state, &here, "success", "The review is saved. What it still lacks stands beside it.")),
        Err(Failure::Repeated { .. }) => Ok(go(&state, &here, "success", "The review is saved.")),
        Err(Failure::Invalid(errors)) => again(&state, &request, &signed, reference, &fields, errors, false).await,
        Err(Failure::Stale) => again(&state, &request, &signed, reference, &fields, Vec::new(), true).await,
        Err(failure) => Err(failure.into()),
    }
}

fn review(fields: &Fields) -> Result<(i32, ReviewForm), Failure> {
    let mut errors = fields.encoding_errors();
    let kind = fields.text("change_kind");
    let change_kind = ChangeKind::parse(kind);
    if change_kind.is_none() && !kind.is_empty() {
        errors.push(FieldError::new("change_kind", "Choose what kind of thing was changed from the list."));
    }
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    let version = fields.text("version").parse().map_err(|_| Failure::Stale)?;
    let text = |name: &str| fields.text(name).to_owned();
    let form = ReviewForm {
        root_cause: text("root_cause"),
        detection_gaps: text("detection_gaps"),
        missing_evidence: text("missing_evidence"),
        safeguards_worked: text("safeguards_worked"),
        safeguards_failed: text("safeguards_failed"),
        change_kind,
        change_link: text("change_link"),
        change_before: text("change_before"),
        change_after: text("change_after"),
    };
    Ok((version, form))
}

/// The form once more with what was typed. After somebody else was faster it holds the new version, so that a second
/// press saves, and shows what they wrote.
async fn again(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    reference: String,
    fields: &Fields,
    errors: Vec<FieldError>,
    stale: bool,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let (mut context, _) =
        state.run(move |desk| desk.read(|connection| compose(connection, &actor, &reference))).await?;
    context.conflict = stale;
    if !stale && let Ok(version) = fields.text("version").parse() {
        context.version = version;
    }
    let mut page = Page::new(request, state, signed, "Review").values(fields.values(&[])).errors(errors);
    if stale {
        page = page.status(StatusCode::PRECONDITION_FAILED);
    }
    page.render("review/form.html", &context)
}

fn compose(
    connection: &mut Connection,
    actor: &Actor,
    reference: &str,
) -> Result<(Context, Map<String, Value>), Failure> {
    let case = sight::case(connection, actor, reference, Act::ReadIncidents)?;
    let row = reviews::find(connection, &case.incident.id)?;
    let last = match &row {
        None => None,
        Some(row) => Some(ByAt {
            by: Names::default().person(connection, &row.written_by)?,
            at: time(row.written_at, &case.site.time_zone),
        }),
    };
    let blocks = blocks(&case, &readiness::gather(connection, &case.incident)?, actor);
    let values = row.as_ref().map(values).unwrap_or_default();
    let context = Context {
        incident: name(&case.incident),
        parts: PARTS.iter().map(|(field, label, hint)| hinted(field, label, hint)).collect(),
        kinds: ChangeKind::ALL.iter().map(|kind| hinted(kind.as_str(), &capital(&kind.label()), "")).collect(),
        written: written(&values),
        last,
        version: row.map_or(0, |row| row.version),
        may_write: case.incident.status.is_open() && actor.may(Act::WriteReview, &case.site.id),
        conflict: false,
        block_count: blocks.iter().map(|group| group.blocks.len()).sum(),
        blocks,
    };
    Ok((context, values))
}

fn hinted(value: &str, label: &str, hint: &str) -> HintedChoice {
    HintedChoice { value: value.to_owned(), label: label.to_owned(), hint: hint.to_owned() }
}

fn values(row: &ReviewRow) -> Map<String, Value> {
    let texts = [
        ("root_cause", &row.root_cause),
        ("detection_gaps", &row.detection_gaps),
        ("missing_evidence", &row.missing_evidence),
        ("safeguards_worked", &row.safeguards_worked),
        ("safeguards_failed", &row.safeguards_failed),
        ("change_link", &row.change_link),
        ("change_before", &row.change_before),
        ("change_after", &row.change_after),
    ];
    let mut values = Map::new();
    for (name, text) in texts {
        values.insert(name.to_owned(), text.as_ref().map(Redacted::as_str).unwrap_or_default().into());
    }
    values.insert("change_kind".to_owned(), row.change_kind.map(|kind| kind.as_str()).unwrap_or_default().into());
    values
}

/// What a review says, with the question that each part answers.
pub(in crate::web::pages) fn said(row: &ReviewRow) -> Vec<Labelled> {
    written(&values(row))
}

/// What stands written, with the question it answers.
fn written(values: &Map<String, Value>) -> Vec<Labelled> {
    let change = [
        ("change_kind", "What was changed"),
        ("change_link", "Where it can be seen"),
        ("change_before", "Before"),
        ("change_after", "After"),
    ];
    PARTS
        .iter()
        .map(|(field, label, _)| (*field, *label))
        .chain(change)
        .filter_map(|(field, label)| {
            let value = values.get(field)?.as_str()?.to_owned();
            (!value.is_empty()).then(|| Labelled { label: label.to_owned(), value })
        })
        .collect()
}
