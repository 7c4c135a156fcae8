//! The forms of a practice: a line's words and rule, a new line, a line taken out, and a subject held against it.

use super::show::{kind, render};
use crate::actions::practices::{self as acts, LineChange};
use crate::actions::{Desk, Failure, keep_practice, sight};
use crate::domain::person::{Act, Actor, Role};
use crate::domain::practice::{Attestation, PracticeFact, Rule};
use crate::domain::problem::FieldError;
use crate::store::Connection;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::once;
use crate::web::page::go;
use crate::web::press::{Again, Pressed, pressed};
use actix_web::{HttpRequest, HttpResponse, web};

/// One press of a form on the practice's page.
async fn press(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    name: String,
    fields: Fields,
    (form, said): (String, &'static str),
    act: impl FnOnce(&Desk, &Actor, &str, &Fields) -> Result<Option<String>, Failure> + Send + 'static,
) -> Result<HttpResponse, PageFailure> {
    let (asked, named) = (name.clone(), name.clone());
    let seen = move |connection: &mut Connection, actor: &Actor| acts::find(connection, actor, &asked);
    let act = move |desk: &Desk, actor: &Actor, fields: &Fields| {
        let errors = fields.character_errors();
        if errors.is_empty() { act(desk, actor, &named, fields) } else { Err(Failure::Invalid(errors)) }
    };
    let to = match pressed(state, request, signed, &fields, &form, seen, act).await? {
        Pressed::Done(to) => to,
        Pressed::Before(answer) => once::in_answer(&answer, "run").map(|run| format!("/practice-runs/{run}")),
        Pressed::Refused(again) => {
            let again = Again { errors: named_as_typed(again.errors), ..again };
            return render(state, request, signed, name, again).await;
        }
    };
    Ok(go(state, &to.unwrap_or_else(|| format!("/practices/{name}")), "success", said))
}

/// The act names `line[3]`; the form has one line.
fn named_as_typed(errors: Vec<FieldError>) -> Vec<FieldError> {
    let rename = |mut error: FieldError| {
        if error.field.starts_with("line[") || error.field == "definition" {
            error.field = "line_text".to_owned();
        }
        error
    };
    errors.into_iter().map(rename).collect()
}

/// The rule as the form says it; none: left as it is.
fn rule(fields: &Fields) -> Result<Option<Rule>, Failure> {
    let missing = |field: &str, say: &str| Failure::field(field, say);
    Ok(match fields.text("rule_kind") {
        "" => None,
        "field" => Some(Rule::Field(
            PracticeFact::parse(fields.text("rule_fact"))
                .ok_or_else(|| missing("rule_fact", "Choose the field that must be filled in."))?,
        )),
        "fact" => Some(Rule::Fact(
            PracticeFact::parse(fields.text("rule_fact"))
                .ok_or_else(|| missing("rule_fact", "Choose the fact that is computed."))?,
        )),
        "attestation" => Some(Rule::Attestation(Attestation {
            role: Role::parse(fields.text("rule_role"))
                .ok_or_else(|| missing("rule_role", "Choose who attests it."))?,
            evidence: fields.has("rule_evidence"),
        })),
        "precondition" => match fields.optional("rule_practice") {
            Some(name) => Some(Rule::Precondition(name)),
            None => return Err(missing("rule_practice", "Choose the practice that comes first.")),
        },
        _ => return Err(missing("rule_kind", "Choose what makes it true.")),
    })
}

/// `POST /practices/{name}/lines`: adds a line.
pub(in crate::web) async fn add(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    name: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let form = ("add".to_owned(), "The line is added. What is open sees that it is new.");
    press(&state, &request, &signed, name.into_inner(), fields, form, |desk, actor, name, fields| {
        sight::everywhere(actor, Act::ManagePractices)?;
        let Some(rule) = rule(fields)? else { return Err(Failure::field("rule_kind", "Choose what makes it true.")) };
        let (section, text) = (fields.text("section").trim().to_lowercase(), fields.text("line_text").to_owned());
        let change = LineChange::Add { section, text, rule };
        acts::change_line(desk, actor, name, fields.version(), change).map(|_| None)
    })
    .await
}

/// `POST /practices/{name}/lines/{line}`: changes a line.
pub(in crate::web) async fn change(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    path: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (name, id) = path.into_inner();
    let form = (id.clone(), "The line is changed. What was attested in other words is asked for again.");
    press(&state, &request, &signed, name, fields, form, move |desk, actor, name, fields| {
        sight::everywhere(actor, Act::ManagePractices)?;
        let change = LineChange::Say { id, text: fields.text("line_text").to_owned(), rule: rule(fields)? };
        acts::change_line(desk, actor, name, fields.version(), change).map(|_| None)
    })
    .await
}

/// `POST /practices/{name}/lines/{line}/removal`: takes a line out.
pub(in crate::web) async fn remove(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    path: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (name, id) = path.into_inner();
    let form = (id.clone(), "The line is taken out. Earlier versions keep it.");
    press(&state, &request, &signed, name, fields, form, move |desk, actor, name, fields| {
        sight::everywhere(actor, Act::ManagePractices)?;
        acts::change_line(desk, actor, name, fields.version(), LineChange::Remove { id }).map(|_| None)
    })
    .await
}

/// `POST /practices/{name}/runs`: holds a subject against it.
pub(in crate::web) async fn hold(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    name: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let form = ("hold".to_owned(), "It is held against the practice from now on.");
    press(&state, &request, &signed, name.into_inner(), fields, form, |desk, actor, name, fields| {
        sight::somewhere(actor, Act::KeepPractice)?;
        let Some(kind) = kind(fields.text("subject_kind")) else {
            return Err(Failure::field("subject_kind", "Choose what kind of thing it is."));
        };
        let kept = keep_practice::open(desk, actor, name, kind, fields.text("subject"))?;
        Ok(Some(format!("/practice-runs/{}", kept.run)))
    })
    .await
}
