//! `GET /api/v1/openapi.json`: the whole API as an OpenAPI 3.1 document. A test holds it against the routes.

mod assets;
mod operators;
mod phases;
mod practices;
mod rules;
mod runs;
mod switches;

use super::Listing;
use super::alarms::{Alarms, LiftingBody};
use super::audit::VerificationShown;
use super::automations::{AutomationChange, AutomationShown, NewAutomation};
use super::bundles::BundleBody;
use super::checks::{CheckBody, CheckShown, ResultBody};
use super::criteria::{CriterionBody, CriterionShown, MetBody};
use super::escalations::{DeliveryBody, EscalationBody, EscalationShown, ReplyBody};
use super::evidence::{ReleaseBody as PictureReleaseBody, RemovalBody};
use super::incidents::change::{IncidentChange, WithdrawalBody};
use super::incidents::file::NewIncident;
use super::incidents::list::IncidentLine;
use super::incidents::show::IncidentShown;
use super::people::{ActiveBody, PersonBody, PersonShown, RoleBody};
use super::prevention::{ActionBody, ActionShown, CompletionBody, OwnerBody};
use super::problems::Problem;
use super::restarts::{DecisionBody, ReadinessShown, RequestBody, RequestShown};
use super::review::{PointBody, PointShown, ReviewBody, ReviewShown};
use super::sites::{NewSite, SiteShown};
use super::timeline::{EntryBody, NoEvidenceBody};
use super::tokens::{TokenBody, TokenShown};
use crate::actions::build_bundle::Built;
use crate::actions::by_hand::{AnswerRecorded, HandDelivered};
use crate::actions::change_incident::Changed;
use crate::actions::checks::CheckAnswer;
use crate::actions::criteria::CriterionAnswer;
use crate::actions::deliver::Retried;
use crate::actions::escalate::Escalated;
use crate::actions::file_reply::ReplyRead;
use crate::actions::gate_memory::OpenGate;
use crate::actions::lift_alarm::Questioned;
use crate::actions::look_at_picture::PictureReleased;
use crate::actions::open_incident::Opened;
use crate::actions::people::Added;
use crate::actions::prevent::ActionAnswer;
use crate::actions::register_automation::RegisteredAutomation;
use crate::actions::register_site::RegisteredSite;
use crate::actions::remove_value::ValueRemoved;
use crate::actions::restart::RequestAnswer;
use crate::actions::review_points::Looked;
use crate::actions::seal_evidence::SealedEvidence;
use crate::actions::tokens::{Issued, Withdrawn};
use crate::actions::withdraw_incident::IncidentWithdrawn;
use crate::actions::write_entry::{NothingToSeal, Written};
use crate::actions::write_review::Reviewed;
use crate::domain::audit_chain::ChainEntry;
use actix_web::HttpResponse;
use std::sync::OnceLock;
use utoipa::ToSchema;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ComponentsBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, Info, OpenApi, OpenApiBuilder, PathsBuilder, Ref, RefOr, Required, ResponseBuilder,
};

/// Answers with the document.
pub(in crate::web) async fn show() -> HttpResponse {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| serde_json::to_string(&document()).unwrap_or_default());
    HttpResponse::Ok().content_type("application/json").body(text.as_str())
}

/// A schema of ours: its name, itself and what it refers to.
struct Named {
    name: String,
    all: Vec<(String, RefOr<Schema>)>,
}

fn named<T: ToSchema>() -> Named {
    let name = T::name().into_owned();
    let mut all = vec![(name.clone(), T::schema())];
    T::schemas(&mut all);
    Named { name, all }
}

/// What an operation takes or gives beside JSON.
enum Content {
    Nothing,
    Json(Named),
    /// A media type whose body is bytes.
    Bytes(&'static str),
}

fn body<T: ToSchema>() -> Content {
    Content::Json(named::<T>())
}

/// A page of a list; its items are named beside it, since it only refers to them.
fn listing<T: ToSchema>() -> Content
where
    Listing<T>: ToSchema,
{
    let (mut page, item) = (named::<Listing<T>>(), named::<T>());
    page.all.extend(item.all);
    Content::Json(page)
}

/// One operation, a line in the tables below.
struct Line {
    method: HttpMethod,
    path: &'static str,
    summary: &'static str,
    query: &'static [&'static str],
    takes: Content,
    status: u16,
    gives: Content,
}

fn get(path: &'static str, query: &'static [&'static str], gives: Content, summary: &'static str) -> Line {
    Line { method: HttpMethod::Get, path, summary, query, takes: Content::Nothing, status: 200, gives }
}

fn post(path: &'static str, takes: Content, status: u16, gives: Content, summary: &'static str) -> Line {
    Line { method: HttpMethod::Post, path, summary, query: &[], takes, status, gives }
}

fn patch(path: &'static str, takes: Content, gives: Content, summary: &'static str) -> Line {
    Line { method: HttpMethod::Patch, path, summary, query: &[], takes, status: 200, gives }
}

fn put(path: &'static str, takes: Content, gives: Content, summary: &'static str) -> Line {
    Line { method: HttpMethod::Put, path, summary, query: &[], takes, status: 200, gives }
}

const PAGE: &[&str] = &["limit", "cursor"];

fn registry() -> Vec<Line> {
    vec![
        get("/openapi.json", &[], Content::Bytes("application/json"), "This document"),
        get("/sites", PAGE, listing::<SiteShown>(), "Sites you may see"),
        post("/sites", body::<NewSite>(), 201, body::<RegisteredSite>(), "Register a site"),
        get("/sites/{slug}", &[], body::<SiteShown>(), "One site"),
        get("/automations", &["site", "limit", "cursor"], listing::<AutomationShown>(), "Automations you may see"),
        post("/automations", body::<NewAutomation>(), 201, body::<RegisteredAutomation>(), "Register an automation"),
        get("/automations/{slug}", &[], body::<AutomationShown>(), "One automation, with what its gate says"),
        patch(
            "/automations/{slug}",
            body::<AutomationChange>(),
            body::<RegisteredAutomation>(),
            "Change an automation",
        ),
        get("/gate/{automation}", &["environment"], body::<OpenGate>(), "May it run now? 423 with every reason if not"),
        get(
            "/gate-events",
            &["automation", "environment"],
            Content::Bytes("text/event-stream"),
            "Server-sent events: how each gate stands, then what opens, closes and narrows",
        ),
    ]
}

fn incidents() -> Vec<Line> {
    const FILTERS: &[&str] = &["status", "severity", "site", "q", "limit", "cursor"];
    const BUNDLE: &str = "Build a support bundle for one audience";
    const REMOVAL: &str = "Remove a value that no rule found from all evidence and texts";
    const ENTRY: &str = "Write into the timeline; attempts wait for sealed evidence";
    let sealed = Line {
        query: &["name"],
        ..post(
            "/incidents/{reference}/evidence",
            Content::Bytes("application/octet-stream"),
            201,
            body::<SealedEvidence>(),
            "Seal evidence: the raw body, streamed",
        )
    };
    vec![
        get("/incidents", FILTERS, listing::<IncidentLine>(), "Incidents you may see"),
        post("/incidents", body::<NewIncident>(), 201, body::<Opened>(), "File an incident and pause what it names"),
        get("/incidents/{reference}", &[], body::<IncidentShown>(), "One incident with its timeline"),
        patch("/incidents/{reference}", body::<IncidentChange>(), body::<Changed>(), "Change status and facts"),
        post(
            "/incidents/{reference}/withdrawal",
            body::<WithdrawalBody>(),
            200,
            body::<IncidentWithdrawn>(),
            "Withdraw an incident that was declared by mistake; 409 while it pauses something",
        ),
        post("/incidents/{reference}/timeline", body::<EntryBody>(), 201, body::<Written>(), ENTRY),
        post(
            "/incidents/{reference}/no-evidence",
            body::<NoEvidenceBody>(),
            201,
            body::<NothingToSeal>(),
            "State why there is nothing to seal",
        ),
        sealed,
        post("/incidents/{reference}/removals", body::<RemovalBody>(), 202, body::<ValueRemoved>(), REMOVAL),
        get("/evidence/{id}", &[], Content::Bytes("text/plain"), "The redacted form: text, or image/png"),
        post(
            "/evidence/{id}/releases",
            body::<PictureReleaseBody>(),
            201,
            body::<PictureReleased>(),
            "Confirm that a picture shows no secret",
        ),
        post("/incidents/{reference}/bundles", body::<BundleBody>(), 201, body::<Built>(), BUNDLE),
        get("/bundles/{id}", &[], Content::Bytes("application/zip"), "The bundle"),
        get("/incidents/{reference}/alarms", &[], body::<Alarms>(), "Alarms of the second scan"),
        post("/alarms/{id}/lifting", body::<LiftingBody>(), 201, body::<Questioned>(), "Say why an alarm is false"),
        post("/alarms/{id}/confirmation", Content::Nothing, 201, body::<Questioned>(), "Agree, as the second person"),
    ]
}

/// Escalation, review and restart of an incident.
fn story() -> Vec<Line> {
    const ESCALATE: &str = "Queue a mail with a bundle; the four answers say where it goes";
    const BY_HAND: &str = "Record that somebody told them by telephone, in a portal, in a chat";
    const ANSWERED: &str = "Record an answer that came by telephone, in a portal, in a chat";
    const READY: &str = "Every reason that blocks a restart or closing, and who settles it";
    const ASK: &str = "Ask for a restart; 409 with every reason";
    const DECIDE: &str = "Approve or decline a restart, for an administrator who took no part";
    vec![
        get("/incidents/{reference}/escalations", PAGE, body::<Listing<EscalationShown>>(), "Its escalations"),
        post("/incidents/{reference}/escalations", body::<EscalationBody>(), 202, body::<Escalated>(), ESCALATE),
        get("/escalations/{id}", &[], body::<EscalationShown>(), "Where a mail stands, with the server's words"),
        post("/escalations/{id}/retry", Content::Nothing, 200, body::<Retried>(), "Try a failed mail again at once"),
        post("/escalations/{id}/deliveries", body::<DeliveryBody>(), 201, body::<HandDelivered>(), BY_HAND),
        post("/escalations/{id}/replies", body::<ReplyBody>(), 201, body::<AnswerRecorded>(), ANSWERED),
        post("/replies/{id}/reading", Content::Nothing, 200, body::<ReplyRead>(), "Say that an answer was read"),
        get("/incidents/{reference}/review", &[], body::<ReviewShown>(), "The review, and what it lacks"),
        put("/incidents/{reference}/review", body::<ReviewBody>(), body::<Reviewed>(), "Write the review"),
        get(
            "/incidents/{reference}/review-points",
            PAGE,
            body::<Listing<PointShown>>(),
            "The looks that are asked for",
        ),
        post("/incidents/{reference}/review-points", body::<PointBody>(), 200, body::<Looked>(), "Say that you looked"),
        get("/incidents/{reference}/readiness", &[], body::<ReadinessShown>(), READY),
        get("/incidents/{reference}/restart-requests", PAGE, body::<Listing<RequestShown>>(), "Its restart requests"),
        post("/incidents/{reference}/restart-requests", body::<RequestBody>(), 201, body::<RequestAnswer>(), ASK),
        get("/restart-requests/{id}", &[], body::<RequestShown>(), "One restart request with its decision"),
        post("/restart-requests/{id}/decision", body::<DecisionBody>(), 200, body::<RequestAnswer>(), DECIDE),
    ]
}

/// What a review asks for: actions, checks, criteria.
fn work() -> Vec<Line> {
    const VERIFY: &str = "Agree, as a second person, that it is done";
    vec![
        get("/incidents/{reference}/actions", PAGE, body::<Listing<ActionShown>>(), "Its prevention actions"),
        post("/incidents/{reference}/actions", body::<ActionBody>(), 201, body::<ActionAnswer>(), "Plan an action"),
        get("/actions/{id}", &[], body::<ActionShown>(), "One action"),
        post("/actions/{id}/completion", body::<CompletionBody>(), 200, body::<ActionAnswer>(), "Complete your action"),
        post("/actions/{id}/verification", Content::Nothing, 200, body::<ActionAnswer>(), VERIFY),
        post("/actions/{id}/owner", body::<OwnerBody>(), 200, body::<ActionAnswer>(), "Give it another owner"),
        get("/incidents/{reference}/checks", PAGE, body::<Listing<CheckShown>>(), "Its checks with their results"),
        post("/incidents/{reference}/checks", body::<CheckBody>(), 201, body::<CheckAnswer>(), "Add a check"),
        post("/checks/{id}/results", body::<ResultBody>(), 201, body::<CheckAnswer>(), "Record what came out"),
        get("/incidents/{reference}/criteria", PAGE, body::<Listing<CriterionShown>>(), "Its restart criteria"),
        post(
            "/incidents/{reference}/criteria",
            body::<CriterionBody>(),
            201,
            body::<CriterionAnswer>(),
            "Add a criterion",
        ),
        post("/criteria/{id}/met", body::<MetBody>(), 200, body::<CriterionAnswer>(), "Show that it holds"),
    ]
}

fn house() -> Vec<Line> {
    vec![
        get("/people", PAGE, listing::<PersonShown>(), "Everybody"),
        post("/people", body::<PersonBody>(), 201, body::<Added>(), "Add a person"),
        post("/people/{id}/role", body::<RoleBody>(), 200, body::<Added>(), "Replace a person's roles"),
        post("/people/{id}/active", body::<ActiveBody>(), 200, body::<Added>(), "Let a person in or keep them out"),
        get("/tokens", &["automation", "limit", "cursor"], listing::<TokenShown>(), "Your tokens"),
        post("/tokens", body::<TokenBody>(), 201, body::<Issued>(), "Make a token; it is shown this once"),
        post("/tokens/{id}/revocation", Content::Nothing, 201, body::<Withdrawn>(), "Revoke a token"),
        get("/audit", PAGE, listing::<ChainEntry>(), "Entries of the audit chain"),
        get("/audit/export", &[], Content::Bytes("application/x-ndjson"), "The chain, to be verified elsewhere"),
        get("/audit/verification", &[], body::<VerificationShown>(), "Walk the chain and compare every row"),
    ]
}

fn document() -> OpenApi {
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let mut components = ComponentsBuilder::new().security_scheme("bearer", bearer);
    let mut paths = PathsBuilder::new();
    let problem = named::<Problem>();
    components = components.schemas_from_iter(problem.all);
    let story = story().into_iter().chain(work()).chain(phases::lines()).chain(runs::lines()).chain(switches::lines());
    let rest = practices::practices().into_iter().chain(practices::playbooks()).chain(rules::lines());
    let rest = rest.chain(assets::lines());
    let rest = rest.chain(operators::training()).chain(operators::setups());
    for line in registry().into_iter().chain(incidents()).chain(story).chain(house()).chain(rest) {
        for content in [&line.takes, &line.gives] {
            if let Content::Json(named) = content {
                components = components.schemas_from_iter(named.all.clone());
            }
        }
        let item = utoipa::openapi::PathItem::new(line.method.clone(), operation(&line, &problem.name));
        paths = paths.path(format!("/api/v1{}", line.path), item);
    }
    OpenApiBuilder::new()
        .info(Info::new("Allclear", env!("CARGO_PKG_VERSION")))
        .paths(paths)
        .components(Some(components.build()))
        .security(Some([SecurityRequirement::new("bearer", Vec::<String>::new())]))
        .build()
}

fn operation(line: &Line, problem: &str) -> OperationBuilder {
    let mut operation = OperationBuilder::new().summary(Some(line.summary)).tag(tag(line.path));
    let in_path = line.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    for name in in_path {
        operation = operation.parameter(parameter(name, ParameterIn::Path, true));
    }
    for name in line.query {
        operation = operation.parameter(parameter(name, ParameterIn::Query, *name == "name"));
    }
    match line.method {
        HttpMethod::Post => operation = operation.parameter(parameter("Idempotency-Key", ParameterIn::Header, false)),
        HttpMethod::Patch | HttpMethod::Put => {
            operation = operation.parameter(parameter("If-Match", ParameterIn::Header, false))
        }
        _ => {}
    }
    if let Some((kind, content)) = content(&line.takes) {
        let body = RequestBodyBuilder::new().content(kind, content).required(Some(Required::True));
        operation = operation.request_body(Some(body.build()));
    }
    let mut answer = ResponseBuilder::new().description("Done");
    if let Some((kind, content)) = content(&line.gives) {
        answer = answer.content(kind, content);
    }
    let refusal = ContentBuilder::new().schema(Some(Ref::from_schema_name(problem))).build();
    let refusal = ResponseBuilder::new().description("A problem").content("application/problem+json", refusal);
    operation.response(line.status.to_string(), answer.build()).response("default", refusal.build())
}

fn content(of: &Content) -> Option<(&'static str, utoipa::openapi::Content)> {
    match of {
        Content::Nothing => None,
        Content::Json(named) => {
            let schema = Ref::from_schema_name(named.name.as_str());
            Some(("application/json", ContentBuilder::new().schema(Some(schema)).build()))
        }
        Content::Bytes(kind) => Some((kind, ContentBuilder::new().build())),
    }
}

fn parameter(name: &str, place: ParameterIn, needed: bool) -> ParameterBuilder {
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    let required = if needed { Required::True } else { Required::False };
    ParameterBuilder::new().name(name).parameter_in(place).required(required).schema(Some(Schema::Object(text)))
}

/// The noun that an address begins with.
fn tag(path: &str) -> &str {
    path.split('/').nth(1).unwrap_or_default()
}
