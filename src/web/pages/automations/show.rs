//! `GET /automations/{slug}`: may it run, what closes its gate, who settles it, and the nine facts.

use super::pauses::{self, PastPause, PauseShown};
use super::standing::{self, Standing};
use crate::actions::ask_gate;
use crate::actions::gate_facts;
use crate::actions::sight::{self, promised};
use crate::actions::{Desk, Failure};
use crate::domain::automation::Field;
use crate::domain::gate::PauseTarget;
use crate::domain::person::{Act, Actor};
use crate::domain::practice::Place;
use crate::store::automations::AutomationRow;
use crate::store::{Connection, people, sites};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::page::Page;
use crate::web::pages::mistakes::mistakes;
use crate::web::pages::sites::show::Refused;
use crate::web::shown::{Gate, SiteName, capital};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct Context {
    automation: Automation,
    gate: Gate,
    pauses: Vec<PauseShown>,
    releasing: Option<String>,
    explaining: Option<String>,
    paused_by_hand: bool,
    nine: Vec<NineFact>,
    missing_count: usize,
    gate_url: String,
    past_pauses: Vec<PastPause>,
    standing: Standing,
    mistakes: Vec<String>,
    can: Can,
}

#[derive(Serialize)]
struct Automation {
    slug: String,
    name: String,
    kind: String,
    category: String,
    site: SiteName,
}

#[derive(Serialize)]
struct NineFact {
    field: &'static str,
    label: String,
    value: Option<String>,
    problem: Option<&'static str>,
}

#[derive(Serialize)]
struct Can {
    manage: bool,
    pause: bool,
}

pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    slug: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    render(&state, &request, &signed, slug.into_inner(), Refused::default()).await
}

/// The page, also after one of its forms was refused.
pub(in crate::web::pages) async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    slug: String,
    refused: Refused,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let base = state.settings.base_url.clone();
    let mut context =
        state.run(move |desk| desk.read(|connection| context(connection, &actor, &slug, &base, desk))).await?;
    (context.releasing, context.explaining) = (refused.releasing, refused.explaining);
    Page::new(request, state, signed, &context.automation.name.clone())
        .values(refused.values)
        .errors(refused.errors)
        .render("automations/show.html", &context)
}

fn context(
    connection: &mut Connection,
    actor: &Actor,
    slug: &str,
    base_url: &str,
    desk: &Desk,
) -> Result<Context, Failure> {
    let row = sight::automation(connection, actor, slug, Act::ReadRegistry)?;
    let site = promised(sites::find(connection, &row.site_id))?;
    let covers = gate_facts::covers(&row);
    let by_hand = |pause: &crate::store::pauses::PauseRow| {
        pause.target_kind == PauseTarget::Automation
            && pause.incident_id.is_none()
            && covers.includes(pause.target_kind, &pause.target)
    };
    Ok(Context {
        gate: ask_gate::verdict(connection, &row, desk.now())?.into(),
        pauses: pauses::holding(connection, actor, |pause| covers.includes(pause.target_kind, &pause.target))?,
        paused_by_hand: !pauses::holding(connection, actor, by_hand)?.is_empty(),
        past_pauses: pauses::past(connection, &covers, row.created_at)?,
        releasing: None,
        explaining: None,
        nine: nine(connection, &row)?,
        standing: standing::standing(connection, &row, &site.time_zone, desk)?,
        mistakes: mistakes(connection, Place::AutomationPage)?,
        missing_count: row.missing().len(),
        gate_url: format!("{base_url}/api/v1/gate/{}", row.slug),
        can: Can { manage: actor.may(Act::ManageRegistry, &site.id), pause: actor.may(Act::Pause, &site.id) },
        automation: Automation {
            slug: row.slug.clone(),
            name: row.name.clone(),
            kind: capital(&row.kind.label()),
            category: row.category.label(),
            site: SiteName::from(&site),
        },
    })
}

fn nine(connection: &mut Connection, row: &AutomationRow) -> Result<Vec<NineFact>, Failure> {
    let owner = match &row.owner_id {
        Some(owner) => Some(promised(people::find(connection, owner))?),
        None => None,
    };
    let missing = row.missing();
    let fact = |field: &Field| NineFact {
        field: field.as_str(),
        label: capital(&field.label()),
        value: Some(match field {
            Field::Owner => owner.as_ref().map(|owner| owner.name.clone()),
            Field::Trigger => row.run_trigger.clone(),
            Field::InputScope => row.input_scope.clone(),
            Field::ExpectedOutput => row.expected_output.clone(),
            Field::ApprovalGate => row.approval_gate.clone(),
            Field::RetryLimit => row.retry_limit.map(|limit| limit.to_string()),
            Field::NotificationPath => row.notification_path.clone(),
            Field::PauseRule => row.pause_rule.clone(),
            Field::RollbackPath => row.rollback_path.clone(),
        })
        .filter(|_| !missing.contains(field))
        .flatten(),
        problem: (*field == Field::Owner && owner.as_ref().is_some_and(|owner| !owner.active))
            .then_some("no longer active"),
    };
    Ok(Field::ALL.iter().map(fact).collect())
}
