//! What is held against a practice: `POST` and `GET /api/v1/practice-runs`, one run, its attestations and reviews.

use super::{ListQuery, Listing, PersonNamed, created, found, json, json_or_nothing, needed, page_of, word};
use crate::actions::keep_practice::{self as acts, Standing};
use crate::actions::{Failure, escalate_practice, sight};
use crate::domain::moment::Moment;
use crate::domain::person::Act;
use crate::domain::practice::{Change, Line, PracticeOccasion, Rule, SubjectKind};
use crate::redaction::Redacted;
use crate::store::practice_escalations::PracticeEscalationRow;
use crate::store::practices::{self, AttestationRow, PracticeReviewRow, PracticeRunRow};
use crate::store::{Connection, sites};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /api/v1/practice-runs`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PracticeRunBody {
    /// Name of the practice.
    practice: Option<String>,
    /// automation, incident, playbook or site.
    subject_kind: Option<String>,
    /// The automation's or site's slug, the incident's reference, the playbook's id.
    subject: Option<String>,
}

/// Body of `POST /api/v1/practice-runs/{id}/attestations`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AttestationBody {
    /// Id of the line.
    line: Option<String>,
    /// What shows it, where the line asks for it.
    evidence: Option<String>,
}

/// Body of `POST /api/v1/practice-reviews/{id}/completion`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PracticeReviewBody {
    /// What the review found.
    note: Option<String>,
}

/// No fields.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// A subject held against a practice.
#[derive(Serialize, ToSchema)]
#[schema(as = PracticeRun)]
pub(super) struct PracticeRunShown {
    id: String,
    practice: String,
    version: i32,
    subject_kind: SubjectKind,
    /// Id of the subject.
    subject: String,
    /// Slug of its site.
    site: String,
    opened_at: String,
    /// Do all items hold? An empty practice never counts.
    complete: bool,
    items: Vec<ItemShown>,
    /// Ids of the escalation lines whose condition holds, and the roles that are told.
    escalations: Vec<EscalationDue>,
    /// What the newest version says otherwise.
    changes: Vec<Change>,
    reviews: Vec<PracticeReviewShown>,
}

/// An item.
#[derive(Serialize, ToSchema)]
#[schema(as = PracticeItem)]
struct ItemShown {
    line: String,
    /// field, fact, attestation or precondition.
    kind: &'static str,
    text: String,
    met: bool,
    attestations: Vec<AttestationShown>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PracticeAttestationMade)]
struct AttestationShown {
    by: PersonNamed,
    role: String,
    at: String,
    evidence: Option<Redacted>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PracticeEscalationDue)]
struct EscalationDue {
    line: String,
    text: String,
    tell: Vec<String>,
    /// Id of what was raised; null until the next round, which tells people.
    id: Option<String>,
    raised_at: Option<String>,
    dismissed_by: Option<PersonNamed>,
    dismissed_at: Option<String>,
    dismissed_because: Option<Redacted>,
}

/// Body of `POST /api/v1/practice-escalations/{id}/dismissal`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EscalationDismissalBody {
    /// Who looked at it, and why it may stay so.
    reason: Option<String>,
}

/// A review that is due or was done.
#[derive(Serialize, ToSchema)]
#[schema(as = PracticeReview)]
pub(super) struct PracticeReviewShown {
    id: String,
    line: String,
    occasion: PracticeOccasion,
    opened_at: String,
    due_at: String,
    overdue: bool,
    done_by: Option<PersonNamed>,
    done_at: Option<String>,
    note: Option<Redacted>,
}

fn show(connection: &mut Connection, run: PracticeRunRow, now: Moment) -> Result<PracticeRunShown, Failure> {
    let standing = acts::standing(connection, run)?;
    let escalations =
        standing.escalations().into_iter().map(|line| escalation(connection, line, standing.raised(line)));
    let escalations = escalations.collect::<Result<_, _>>()?;
    let (items, complete) = (items(connection, &standing)?, standing.complete());
    let reviews = standing.reviews.into_iter().map(|row| review(connection, row, now)).collect::<Result<_, _>>()?;
    Ok(PracticeRunShown {
        id: standing.run.id.to_string(),
        practice: standing.run.practice,
        version: standing.run.version,
        subject_kind: standing.run.subject_kind,
        subject: standing.run.subject_id,
        site: sight::promised(sites::find(connection, &standing.run.site_id))?.slug,
        opened_at: standing.run.opened_at.rfc3339(),
        complete,
        items,
        escalations,
        changes: standing.changes,
        reviews,
    })
}

fn escalation(
    connection: &mut Connection,
    line: &Line,
    raised: Option<&PracticeEscalationRow>,
) -> Result<EscalationDue, Failure> {
    Ok(EscalationDue {
        line: line.id.clone(),
        text: line.text.clone(),
        tell: match &line.rule {
            Rule::Escalation(escalation) => escalation.tell.iter().map(|role| role.to_string()).collect(),
            _ => Vec::new(),
        },
        id: raised.map(|row| row.id.to_string()),
        raised_at: raised.map(|row| row.raised_at.rfc3339()),
        dismissed_by: PersonNamed::maybe(connection, raised.and_then(|row| row.dismissed_by.as_ref()))?,
        dismissed_at: raised.and_then(|row| row.dismissed_at).map(|at| at.rfc3339()),
        dismissed_because: raised.and_then(|row| row.dismissed_because.clone()),
    })
}

fn items(connection: &mut Connection, standing: &Standing) -> Result<Vec<ItemShown>, Failure> {
    let unmet: Vec<&str> = standing.unmet().into_iter().map(|line| line.id.as_str()).collect();
    let mut items = Vec::new();
    for line in standing.practice.lines.iter().filter(|line| line.is_item()) {
        let own = |row: &&AttestationRow| row.line_id == line.id;
        let mut attestations = Vec::new();
        for row in standing.attestations.iter().filter(own) {
            attestations.push(AttestationShown {
                by: PersonNamed::of(connection, &row.attested_by)?,
                role: row.role.to_string(),
                at: row.attested_at.rfc3339(),
                evidence: row.evidence.clone(),
            });
        }
        items.push(ItemShown {
            line: line.id.clone(),
            kind: line.rule.kind(),
            text: line.text.clone(),
            met: !unmet.contains(&line.id.as_str()),
            attestations,
        });
    }
    Ok(items)
}

fn review(connection: &mut Connection, row: PracticeReviewRow, now: Moment) -> Result<PracticeReviewShown, Failure> {
    Ok(PracticeReviewShown {
        id: row.id.to_string(),
        line: row.line_id,
        occasion: row.occasion,
        opened_at: row.opened_at.rfc3339(),
        overdue: row.done_at.is_none() && row.due_at < now,
        due_at: row.due_at.rfc3339(),
        done_by: PersonNamed::maybe(connection, row.done_by.as_ref())?,
        done_at: row.done_at.map(|at| at.rfc3339()),
        note: row.note,
    })
}

/// `POST /api/v1/practice-runs`: holds a subject against a practice.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    bearer: Bearer,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let kept = state
        .run(move |desk| {
            let desk = key.desk(desk, &bearer.0, &body, 201);
            sight::somewhere(&bearer.0, Act::KeepPractice)?;
            let body: PracticeRunBody = json(&body)?;
            let mut errors = Vec::new();
            let kind = word::<SubjectKind>("subject_kind", body.subject_kind.as_deref(), &mut errors);
            let kind = needed("subject_kind", kind, "Say what kind of thing it is.", &mut errors);
            let subject = needed("subject", body.subject, "Name what is held against the practice.", &mut errors);
            let practice = needed("practice", body.practice, "Name the practice.", &mut errors);
            let (Some(kind), Some(subject), Some(practice)) = (kind, subject, practice) else {
                return Err(Failure::Invalid(errors));
            };
            acts::open(&desk, &bearer.0, &practice, kind, &subject)
        })
        .await?;
    Ok(created(&kept))
}

/// `GET /api/v1/practice-runs`.
pub(in crate::web) async fn list(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &["practice"])?;
    query.check_id_cursor()?;
    found(&state, move |desk| {
        sight::somewhere(&bearer.0, Act::ReadRegistry)?;
        let now = desk.now();
        desk.read(|connection| {
            let mut rows = practices::runs(connection)?;
            rows.retain(|row| bearer.0.may(Act::ReadRegistry, &row.site_id));
            rows.retain(|row| query.filter("practice").is_none_or(|name| name == row.practice));
            let rows = page_of(rows, &query, |row| row.id.to_string());
            Listing::tried(rows, query.limit(), |row| row.id.to_string(), |row| show(connection, row, now))
        })
    })
    .await
}

/// `GET /api/v1/practice-runs/{id}`.
pub(in crate::web) async fn one(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        let now = desk.now();
        desk.read(|connection| {
            let run = acts::find(connection, &bearer.0, &id, Act::ReadRegistry)?;
            show(connection, run, now)
        })
    })
    .await
}

/// `POST /api/v1/practice-runs/{id}/attestations`.
pub(in crate::web) async fn attest(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let kept = state
        .run(move |desk| {
            let desk = key.desk(desk, &bearer.0, &body, 201);
            desk.read(|connection| acts::find(connection, &bearer.0, &id, Act::KeepPractice))?;
            let body: AttestationBody = json(&body)?;
            acts::attest(&desk, &bearer.0, &id, &body.line.unwrap_or_default(), body.evidence.as_deref())
        })
        .await?;
    Ok(created(&kept))
}

/// `POST /api/v1/practice-runs/{id}/version`: moves it on to the newest version.
pub(in crate::web) async fn move_on(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        let desk = key.desk(desk, &bearer.0, &body, 200);
        desk.read(|connection| acts::find(connection, &bearer.0, &id, Act::KeepPractice))?;
        json_or_nothing::<Nothing>(&body)?;
        acts::move_on(&desk, &bearer.0, &id)
    })
    .await
}

/// `POST /api/v1/practice-reviews/{id}/completion`.
pub(in crate::web) async fn complete_review(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        let desk = key.desk(desk, &bearer.0, &body, 200);
        let body: PracticeReviewBody = json(&body)?;
        acts::complete_review(&desk, &bearer.0, &id, &body.note.unwrap_or_default())
    })
    .await
}

/// `POST /api/v1/practice-escalations/{id}/dismissal`.
pub(in crate::web) async fn dismiss(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        let desk = key.desk(desk, &bearer.0, &body, 200);
        let body: EscalationDismissalBody = json(&body)?;
        escalate_practice::dismiss(&desk, &bearer.0, &id, &body.reason.unwrap_or_default())
    })
    .await
}
