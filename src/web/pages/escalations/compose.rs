//! What the form for an escalation shows: the questions, where they lead, and what fits that destination.

use crate::actions::escalate::Preview;
use crate::actions::sight::{self, Case};
use crate::actions::{Desk, Failure, lift_alarm};
use crate::domain::bundle::Audience;
use crate::domain::escalation::{Routing, is_plain_address};
use crate::domain::gate::PauseTarget;
use crate::domain::ids::AutomationId;
use crate::domain::incident::{self, Level};
use crate::domain::person::{Act, Actor};
use crate::domain::practice::Place;
use crate::domain::problem::{FieldError, Reason};
use crate::store::{Connection, alarms, automations, bundles, pauses, people};
use crate::web::fields::Fields;
use crate::web::pages::bundles::hit::{self, ScanHit};
use crate::web::pages::incidents::shown::name;
use crate::web::pages::mistakes::mistakes;
use crate::web::shown::{
    Choice, Finding, HintedChoice, IncidentName, Missing, Names, capital, findings, missing, time,
};
use serde::Serialize;
use serde_json::{Map, Value};

/// The four questions: field, words, what a "yes" means.
const QUESTIONS: [(&str, &str, &str); 4] = [
    (
        "validation_error",
        "Was what went in not valid?",
        "A wrong address, an empty field, an order without lines. Yes leads to the workflow's owner.",
    ),
    (
        "host_connectivity",
        "Did the server, its network or its limits get in the way?",
        "Timeouts, blocked outbound HTTPS, memory or time limits, a restart. Yes leads to the hosting company.",
    ),
    (
        "provider_failure",
        "Did the AI provider fail?",
        "An outage, a rate limit, a changed model, a refused request. Yes leads to the AI provider.",
    ),
    (
        "reproducible_plugin_issue",
        "Does the plugin do the wrong thing every time you follow the steps?",
        "The same steps give the same fault. Yes leads to the plugin vendor.",
    ),
];

/// The whole form.
#[derive(Serialize)]
pub(super) struct Form {
    incident: IncidentName,
    /// `questions`, `letter` or `check`.
    pub(super) stage: &'static str,
    questions: Vec<HintedChoice>,
    led: Option<Led>,
    destinations: Vec<Choice>,
    contact: Option<String>,
    bundles: Vec<Choice>,
    must_miss: Vec<Missing>,
    pub(super) refusals: Vec<Reason>,
    pub(super) letter: Option<LetterShown>,
    alarms: Vec<ScanHit>,
    /// The common mistakes that would be made here.
    mistakes: Vec<String>,
}

/// Where the answers lead, and where it goes.
#[derive(Serialize)]
struct Led {
    /// Why, in the words that are stored.
    because: String,
    /// "the hosting company or the AI provider"
    to: String,
    destination: String,
    destination_words: &'static str,
    /// It goes elsewhere than the answers lead.
    elsewhere: bool,
}

/// The mail before it is sent.
#[derive(Serialize)]
pub(super) struct LetterShown {
    to: String,
    subject: String,
    text: String,
    attachment: String,
    findings: Vec<Finding>,
}

impl LetterShown {
    pub(super) fn of(desk: &Desk, preview: Preview) -> Self {
        Self {
            to: preview.to,
            subject: preview.subject,
            text: preview.text,
            attachment: preview.attachment,
            findings: findings(&desk.rules(), &preview.findings),
        }
    }
}

/// The four answers, or an error at each question that has none.
pub(super) fn routing(fields: &Fields) -> Result<Routing, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut answer = |name: &str| match fields.text(name) {
        "yes" => true,
        "no" => false,
        _ => {
            errors.push(FieldError::new(name, "Answer yes or no."));
            false
        }
    };
    let routing = Routing {
        validation_error: answer("validation_error"),
        host_connectivity: answer("host_connectivity"),
        provider_failure: answer("provider_failure"),
        reproducible_plugin_issue: answer("reproducible_plugin_issue"),
    };
    if errors.is_empty() { Ok(routing) } else { Err(errors) }
}

/// Where it goes: as chosen, or where the answers lead first.
fn destination(routing: &Routing, fields: &Fields) -> Audience {
    let led = routing.destinations();
    if fields.has("lead") {
        return led.first().copied().unwrap_or(Audience::Internal);
    }
    let chosen = Audience::parse(fields.text("destination"));
    chosen.or_else(|| led.first().copied()).unwrap_or(Audience::Internal)
}

/// The form with what was typed; completes what the site's record knows. `refused`: the second scan has just refused the
/// mail, so every alarm that nobody has lifted is shown, not only those that wait for a second person.
pub(super) fn compose(
    desk: &Desk,
    connection: &mut Connection,
    actor: &Actor,
    reference: &str,
    fields: &Fields,
    values: &mut Map<String, Value>,
    refused: bool,
) -> Result<Form, Failure> {
    let case = sight::case(connection, actor, reference, Act::Escalate)?;
    let mut form = Form {
        incident: name(&case.incident),
        stage: "questions",
        questions: QUESTIONS
            .iter()
            .map(|(field, words, hint)| HintedChoice {
                value: (*field).into(),
                label: (*words).into(),
                hint: (*hint).into(),
            })
            .collect(),
        led: None,
        destinations: Audience::ALL.iter().map(|to| Choice::new(to.as_str(), capital(to.in_words()))).collect(),
        contact: None,
        bundles: Vec::new(),
        must_miss: Vec::new(),
        refusals: Vec::new(),
        letter: None,
        alarms: alarms(desk, connection, actor, &case, refused)?,
        mistakes: mistakes(connection, Place::EscalationForm)?,
    };
    if let Ok(routing) = routing(fields) {
        form.stage = "letter";
        lead(connection, &case, &routing, destination(&routing, fields), fields, values, &mut form)?;
    }
    Ok(form)
}

fn alarms(
    desk: &Desk,
    connection: &mut Connection,
    actor: &Actor,
    case: &Case,
    all: bool,
) -> Result<Vec<ScanHit>, Failure> {
    let mut found = Vec::new();
    for row in alarms::of_incident(connection, &case.incident.id)? {
        if !lift_alarm::is_lifted(&row) && (all || row.asked_by.is_some()) {
            let zone = case.site.time_zone.as_str();
            found.push(hit::shown(desk, connection, &mut Names::default(), actor, zone, &row)?);
        }
    }
    Ok(found)
}

fn lead(
    connection: &mut Connection,
    case: &Case,
    routing: &Routing,
    to: Audience,
    fields: &Fields,
    values: &mut Map<String, Value>,
    form: &mut Form,
) -> Result<(), Failure> {
    let led = routing.destinations();
    let words: Vec<&str> = led.iter().map(|to| to.in_words()).collect();
    form.led = Some(Led {
        because: routing.in_words(),
        to: words.join(" or "),
        destination: to.as_str().to_owned(),
        destination_words: to.in_words(),
        elsewhere: !led.contains(&to),
    });
    values.insert("destination".into(), to.as_str().into());
    if fields.text("how") != "hand" {
        values.insert("how".into(), "mail".into());
    }
    let contacts = contacts(connection, case)?;
    let known = contacts.iter().find(|(audience, _)| *audience == to).and_then(|(_, text)| text.clone());
    // A recipient that came from the record of another destination is replaced; a typed one stays.
    let typed = fields.text("to").trim();
    if typed.is_empty() || contacts.iter().any(|(_, text)| text.as_deref().map(str::trim) == Some(typed)) {
        let address = known.as_deref().map(str::trim).filter(|text| is_plain_address(text)).unwrap_or_default();
        values.insert("to".into(), address.into());
    }
    form.contact = known;
    for row in bundles::of_incident(connection, &case.incident.id)?.into_iter().filter(|row| row.audience == to) {
        let built = time(row.built_at, &case.site.time_zone).site;
        form.bundles.push(Choice::new(row.id.as_str(), format!("Built {built}, sha256 {}…", &row.sha256[..12])));
    }
    if !form.bundles.iter().any(|bundle| bundle.value == fields.text("bundle")) {
        let newest = form.bundles.first().map(|bundle| bundle.value.clone()).unwrap_or_default();
        values.insert("bundle".into(), newest.into());
    }
    if to.is_other_party() {
        let mut lacking = incident::missing(&case.incident.facts, case.incident.lead_id.is_some());
        lacking.retain(|missing| missing.level == Level::Mandatory);
        form.must_miss = missing(&lacking);
    }
    Ok(())
}

/// Whom the records name for each destination; "our own operations" are the owner of what is paused.
fn contacts(connection: &mut Connection, case: &Case) -> Result<Vec<(Audience, Option<String>)>, Failure> {
    let mut owner = None;
    for pause in pauses::of_incident(connection, &case.incident.id)? {
        if pause.target_kind == PauseTarget::Automation && owner.is_none() {
            let row = sight::promised(automations::find(connection, &AutomationId::from_text(pause.target)))?;
            if let Some(id) = row.owner_id {
                owner = Some(sight::promised(people::find(connection, &id))?).filter(|person| person.active);
            }
        }
    }
    Ok(vec![
        (Audience::Hosting, case.site.hosting_contact.clone()),
        (Audience::Provider, case.site.provider_contact.clone()),
        (Audience::Vendor, None),
        (Audience::Internal, owner.map(|owner| owner.email).or_else(|| case.site.setup_owner.clone())),
    ])
}
