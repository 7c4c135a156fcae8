//! Operators: what each has to learn, answers to be judged, first-week reviews and the changes that they ask for.

use super::{ListQuery, Listing, PersonNamed, act_once, found, json, json_or_nothing, needed, page_of, word};
use crate::actions::{Desk, Failure, people, review_week, sight, train, training};
use crate::domain::ids::PersonId;
use crate::domain::operator::{Shortfall, WeekSource};
use crate::domain::person::{Act, Role};
use crate::domain::problem::Reason;
use crate::domain::procedure::Behaviour;
use crate::redaction::Redacted;
use crate::store::procedures::CheckRow;
use crate::store::week_reviews::{self, TaskRow, WeekReviewRow};
use crate::store::{Connection, drills, procedures, rollouts, sites};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /api/v1/people/{id}/training`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TrainingBody {
    /// The role that they learn for.
    role: Option<String>,
    /// Slugs of the sites; left away or empty: every site.
    #[serde(default)]
    sites: Vec<String>,
}

/// Body of `POST /api/v1/scenario-checks/{id}/judgement`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct JudgementBody {
    passed: Option<bool>,
    /// What was talked through with them.
    note: Option<String>,
}

/// Body of `POST /api/v1/week-reviews/{id}/notes`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WeekNoteBody {
    /// prompts, rejected_plans, drafts, approvals or audit_records.
    source: Option<String>,
    /// What stood there.
    what: Option<String>,
    /// unsafe_question, skipped_context, misunderstood_approval or late_escalation; left away: nothing to complain of.
    finding: Option<String>,
}

/// Body of `POST /api/v1/week-reviews/{id}/closure`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ClosureBody {
    note: Option<String>,
}

/// Body of `POST /api/v1/procedure-tasks/{id}/completion`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TaskCompletionBody {
    /// Name of the procedure that was changed.
    procedure: Option<String>,
}

/// Somebody's training.
#[derive(Serialize, ToSchema)]
#[schema(as = Operator)]
pub(super) struct OperatorShown {
    id: String,
    person: PersonNamed,
    /// What they learn, for roles that they hold on sites in roll-out and roles that they are in training for.
    training: Vec<OwedShown>,
    /// Their answers, oldest first.
    checks: Vec<CheckShown>,
    /// When they held pause drills.
    drills: Vec<String>,
    /// When they fetched diagnostics.
    diagnostics: Vec<String>,
    /// Ids of their first-week reviews.
    week_reviews: Vec<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = OperatorTraining)]
struct OwedShown {
    role: Role,
    /// Slug of the site; null: every site.
    site: Option<String>,
    /// False: in training, the role is not given yet.
    held: bool,
    /// What they lack; empty: trained.
    lacking: Vec<Reason>,
    /// From then on they approve nothing there.
    due_at: Option<String>,
}

/// Answers to the situations of a procedure.
#[derive(Serialize, ToSchema)]
#[schema(as = ScenarioCheck)]
pub(super) struct CheckShown {
    id: String,
    person: PersonNamed,
    procedure: String,
    version: i32,
    answers: Vec<Behaviour>,
    answered_at: String,
    /// waits, wrong, passed or failed.
    state: String,
    note: Option<Redacted>,
    judged_by: Option<PersonNamed>,
    judged_at: Option<String>,
}

fn check(connection: &mut Connection, row: CheckRow) -> Result<CheckShown, Failure> {
    let procedure = sight::promised(procedures::find(connection, &row.procedure_id))?;
    Ok(CheckShown {
        id: row.id.to_string(),
        person: PersonNamed::of(connection, &row.person_id)?,
        procedure: procedure.slug,
        version: procedure.version,
        state: train::state_of(&row).to_owned(),
        answers: row.answers.to_vec(),
        answered_at: row.answered_at.rfc3339(),
        note: row.note,
        judged_by: PersonNamed::maybe(connection, row.judged_by.as_ref())?,
        judged_at: row.judged_at.map(|at| at.rfc3339()),
    })
}

fn slug_of(connection: &mut Connection, site: Option<&crate::domain::ids::SiteId>) -> Result<Option<String>, Failure> {
    site.map(|site| Ok(sight::promised(sites::find(connection, site))?.slug)).transpose()
}

fn show(connection: &mut Connection, desk: &Desk, id: &PersonId) -> Result<OperatorShown, Failure> {
    let mut training = Vec::new();
    for owed in training::owed(connection, desk.limits.training_days, id)? {
        training.push(OwedShown {
            role: owed.role,
            site: slug_of(connection, owed.site.as_ref())?,
            held: owed.held,
            lacking: owed.reasons,
            due_at: owed.due_at.map(|at| at.rfc3339()),
        });
    }
    let checks = procedures::checks(connection, id)?;
    Ok(OperatorShown {
        id: id.to_string(),
        person: PersonNamed::of(connection, id)?,
        training,
        checks: checks.into_iter().map(|row| check(connection, row)).collect::<Result<_, _>>()?,
        drills: drills::held_by(connection, id)?.into_iter().map(|row| row.held_at.rfc3339()).collect(),
        diagnostics: rollouts::downloads_of(connection, id)?.into_iter().map(|row| row.fetched_at.rfc3339()).collect(),
        week_reviews: week_reviews::of_person(connection, id)?.into_iter().map(|row| row.id.to_string()).collect(),
    })
}

/// `GET /api/v1/operators`.
pub(in crate::web) async fn list(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &[])?;
    query.check_id_cursor()?;
    found(&state, move |desk| {
        training_reader(&bearer)?;
        desk.read(|connection| {
            let rows = page_of(training::operators(connection, &bearer.0)?, &query, |row| row.id.to_string());
            Listing::tried(rows, query.limit(), |row| row.id.to_string(), |row| show(connection, desk, &row.id))
        })
    })
    .await
}

/// Judges, reviewers and auditors see the training of others.
fn training_reader(bearer: &Bearer) -> Result<(), Failure> {
    if bearer.0.may_somewhere(Act::ReadAudit) { Ok(()) } else { sight::somewhere(&bearer.0, Act::TrainOperators) }
}

/// `GET /api/v1/operators/{id}`.
pub(in crate::web) async fn one(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        desk.read(|connection| {
            let row = training::operator(connection, &bearer.0, &id)?;
            show(connection, desk, &row.id)
        })
    })
    .await
}

/// `POST /api/v1/people/{id}/training`.
pub(in crate::web) async fn enrol(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 201, move |desk, actor, body| {
        sight::everywhere(actor, Act::ManagePeople)?;
        desk.read(|connection| people::known(connection, &id))?;
        let body: TrainingBody = json(body)?;
        let mut errors = Vec::new();
        let role = word::<Role>("role", body.role.as_deref(), &mut errors);
        let role = needed("role", role, "Say for which role they learn.", &mut errors);
        train::enrol(desk, actor, &id, role.ok_or(Failure::Invalid(errors))?, &body.sites)
    })
    .await
}

/// `GET /api/v1/scenario-checks`: right answers that wait for a judgement.
pub(in crate::web) async fn checks(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &[])?;
    query.check_id_cursor()?;
    found(&state, move |desk| {
        sight::somewhere(&bearer.0, Act::TrainOperators)?;
        desk.read(|connection| {
            let mut mine = Vec::new();
            for row in procedures::checks_to_judge(connection, &training::trainees(&bearer.0), i64::MAX)? {
                if training::trainee(connection, &bearer.0, &row.person_id).is_ok() {
                    mine.push(row);
                }
            }
            let rows = page_of(mine, &query, |row| row.id.to_string());
            Listing::tried(rows, query.limit(), |row| row.id.to_string(), |row| check(connection, row))
        })
    })
    .await
}

/// `POST /api/v1/scenario-checks/{id}/judgement`.
pub(in crate::web) async fn judge(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 200, move |desk, actor, body| {
        desk.read(|connection| train::judged(connection, actor, &id))?;
        let body: JudgementBody = json(body)?;
        train::judge(desk, actor, &id, body.passed, &body.note.unwrap_or_default())
    })
    .await
}

/// The review of a first week.
#[derive(Serialize, ToSchema)]
#[schema(as = WeekReview)]
pub(super) struct WeekReviewShown {
    id: String,
    operator: PersonNamed,
    /// Id of the operator.
    operator_id: String,
    role: Role,
    /// Slug of the site; null: every site.
    site: Option<String>,
    opened_at: String,
    week_ends_at: String,
    /// What this program has on record of the week.
    recorded: Vec<RecordedShown>,
    notes: Vec<WeekNoteShown>,
    tasks: Vec<TaskShown>,
    /// What keeps it open.
    reasons: Vec<Reason>,
    note: Option<Redacted>,
    closed_by: Option<PersonNamed>,
    closed_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = WeekRecord)]
struct RecordedShown {
    source: WeekSource,
    at: String,
    what: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = WeekNote)]
struct WeekNoteShown {
    id: String,
    source: WeekSource,
    what: Redacted,
    finding: Option<Shortfall>,
    noted_by: PersonNamed,
    noted_at: String,
}

/// A change of a procedure that a review asks for.
#[derive(Serialize, ToSchema)]
#[schema(as = ProcedureTask)]
struct TaskShown {
    id: String,
    finding: Shortfall,
    role: Role,
    opened_at: String,
    /// The procedure that was changed.
    procedure: Option<String>,
    done_by: Option<PersonNamed>,
    done_at: Option<String>,
}

fn task(connection: &mut Connection, row: TaskRow) -> Result<TaskShown, Failure> {
    let procedure = match &row.procedure_id {
        Some(id) => Some(sight::promised(procedures::find(connection, id))?.slug),
        None => None,
    };
    Ok(TaskShown {
        id: row.id.to_string(),
        finding: row.finding,
        role: row.role,
        opened_at: row.opened_at.rfc3339(),
        procedure,
        done_by: PersonNamed::maybe(connection, row.done_by.as_ref())?,
        done_at: row.done_at.map(|at| at.rfc3339()),
    })
}

fn week(connection: &mut Connection, desk: &Desk, row: WeekReviewRow) -> Result<WeekReviewShown, Failure> {
    let mut notes = Vec::new();
    for note in week_reviews::notes(connection, &row.id)? {
        notes.push(WeekNoteShown {
            id: note.id.to_string(),
            source: note.source,
            what: note.what,
            finding: note.finding,
            noted_by: PersonNamed::of(connection, &note.noted_by)?,
            noted_at: note.noted_at.rfc3339(),
        });
    }
    let recorded = review_week::recorded(connection, &row)?.into_iter().map(|record| RecordedShown {
        source: record.source,
        at: record.at.rfc3339(),
        what: record.what,
    });
    let tasks = review_week::tasks(connection, &row)?;
    Ok(WeekReviewShown {
        id: row.id.to_string(),
        operator: PersonNamed::of(connection, &row.person_id)?,
        operator_id: row.person_id.to_string(),
        role: row.role,
        site: slug_of(connection, row.site_id.as_ref())?,
        opened_at: row.opened_at.rfc3339(),
        week_ends_at: row.week_ends_at.rfc3339(),
        recorded: recorded.collect(),
        notes,
        tasks: tasks.into_iter().map(|row| task(connection, row)).collect::<Result<_, _>>()?,
        reasons: review_week::reasons(connection, &row, desk.now())?,
        closed_by: PersonNamed::maybe(connection, row.closed_by.as_ref())?,
        closed_at: row.closed_at.map(|at| at.rfc3339()),
        note: row.note,
    })
}

/// `GET /api/v1/week-reviews`: those of operators whose training the asker may look at.
pub(in crate::web) async fn weeks(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &["open"])?;
    query.check_id_cursor()?;
    found(&state, move |desk| {
        training_reader(&bearer)?;
        desk.read(|connection| {
            let mut rows = review_week::visible(connection, &bearer.0)?;
            rows.retain(|row| query.filter("open").is_none_or(|open| (open == "true") == row.closed_at.is_none()));
            let rows = page_of(rows, &query, |row| row.id.to_string());
            Listing::tried(rows, query.limit(), |row| row.id.to_string(), |row| week(connection, desk, row))
        })
    })
    .await
}

/// `GET /api/v1/week-reviews/{id}`.
pub(in crate::web) async fn one_week(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        desk.read(|connection| {
            let row = review_week::find(connection, &bearer.0, &id)?;
            week(connection, desk, row)
        })
    })
    .await
}

/// `POST /api/v1/week-reviews/{id}/notes`.
pub(in crate::web) async fn note(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 201, move |desk, actor, body| {
        desk.read(|connection| review_week::reviewed(connection, actor, &id))?;
        let body: WeekNoteBody = json(body)?;
        let mut errors = Vec::new();
        let source = word::<WeekSource>("source", body.source.as_deref(), &mut errors);
        let source = needed("source", source, "Say what you read.", &mut errors);
        let finding = word::<Shortfall>("finding", body.finding.as_deref(), &mut errors);
        match source {
            Some(source) if errors.is_empty() => {
                review_week::note(desk, actor, &id, source, finding, &body.what.unwrap_or_default())
            }
            _ => Err(Failure::Invalid(errors)),
        }
    })
    .await
}

/// `POST /api/v1/week-reviews/{id}/closure`.
pub(in crate::web) async fn close(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 200, move |desk, actor, body| {
        desk.read(|connection| review_week::reviewed(connection, actor, &id))?;
        let body: ClosureBody = json_or_nothing(body)?;
        review_week::close(desk, actor, &id, &body.note.unwrap_or_default())
    })
    .await
}

/// `POST /api/v1/procedure-tasks/{id}/completion`.
pub(in crate::web) async fn complete_task(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 200, move |desk, actor, body| {
        desk.read(|connection| review_week::task(connection, actor, &id))?;
        let body: TaskCompletionBody = json(body)?;
        review_week::complete_task(desk, actor, &id, &body.procedure.unwrap_or_default())
    })
    .await
}
