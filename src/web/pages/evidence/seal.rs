//! Sealing evidence: files, pasted text, or the reason why there is none.

use super::upload;
use crate::actions::seal_evidence::{self, SealedEvidence};
use crate::actions::sight::{self, Case};
use crate::actions::{Failure, write_entry};
use crate::domain::person::Act;
use crate::domain::problem::FieldError;
use crate::store::evidence;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::once;
use crate::web::page::{Page, go};
use crate::web::pages::incidents::fields::renamed;
use crate::web::pages::incidents::shown;
use crate::web::shown::{IncidentName, size};
use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::{Map, Value};

/// Name of pasted text that was given none.
const PASTED: &str = "pasted.txt";

#[derive(Serialize)]
struct NewEvidence {
    incident: IncidentName,
    keep_days: i64,
    limit_words: String,
    limit_bytes: u64,
    may_give_reason: bool,
    /// Names of what came in with the same press and is sealed.
    sealed: Vec<String>,
    /// Something of the same press stands in the incident as not kept: sending it again changes nothing.
    dropped: bool,
}

/// What a press that was refused in part did all the same.
#[derive(Default)]
struct Done {
    sealed: Vec<String>,
    dropped: bool,
}

/// `GET /incidents/{ref}/evidence/new`.
pub(in crate::web) async fn form(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    reference: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    show(&state, &request, &signed, &reference, (Map::new(), Vec::new()), Done::default()).await
}

/// The limit as the refusal of a larger file says it: in MiB where it is a whole number of them.
fn limit_words(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    if bytes >= MIB && bytes.is_multiple_of(MIB) { format!("{} MiB", bytes / MIB) } else { size(bytes) }
}

/// The form, with what was typed and what is wrong with it.
async fn show(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    reference: &str,
    (values, errors): (Map<String, Value>, Vec<FieldError>),
    done: Done,
) -> Result<HttpResponse, PageFailure> {
    let (actor, reference) = (signed.actor(), reference.to_owned());
    let context = state
        .run(move |desk| {
            desk.read(|connection| {
                let Case { incident, .. } = sight::case(connection, &actor, &reference, Act::SealEvidence)?;
                let sealed = evidence::of_incident(connection, &incident.id)?.iter().any(|row| row.current_version > 0);
                Ok(NewEvidence {
                    incident: shown::name(&incident),
                    keep_days: desk.limits.original_days,
                    limit_words: limit_words(desk.limits.upload_bytes),
                    limit_bytes: desk.limits.upload_bytes,
                    may_give_reason: !sealed && incident.no_evidence_reason.is_none(),
                    sealed: done.sealed,
                    dropped: done.dropped,
                })
            })
        })
        .await?;
    let title = format!("Seal evidence for {}", context.incident.reference);
    Page::new(request, state, signed, &title)
        .values(values)
        .errors(errors)
        .render("incidents/evidence_new.html", &context)
}

/// `POST /incidents/{ref}/evidence`: files, streamed.
pub(in crate::web) async fn files(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    reference: web::Path<String>,
    form: Multipart,
) -> Result<HttpResponse, PageFailure> {
    let reference = reference.into_inner();
    let (actor, named) = (signed.actor(), reference.clone());
    // Whoever may not seal here learns it before a byte of a file is read.
    state.run(move |desk| desk.read(|c| sight::case(c, &actor, &named, Act::SealEvidence)).map(|_| ())).await?;
    let taken = upload::take(&state, &request, &signed, &reference, form).await?;
    if taken.errors.is_empty() {
        return Ok(sealed(&state, &reference, &taken.sealed));
    }
    let mut values = Map::new();
    values.insert("note".into(), taken.note.into());
    let done = Done { sealed: taken.sealed, dropped: taken.dropped };
    let mut response = show(&state, &request, &signed, &reference, (values, taken.errors), done).await?;
    if taken.too_large {
        *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    }
    Ok(response)
}

/// `POST /incidents/{ref}/evidence/paste`.
pub(in crate::web) async fn paste(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    reference: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let reference = reference.into_inner();
    let (actor, typed, named) = (signed.actor(), fields.clone(), reference.clone());
    let path = request.path().to_owned();
    let outcome = state
        .run(move |desk| {
            desk.read(|connection| sight::case(connection, &actor, &named, Act::SealEvidence))?;
            let mut errors = typed.encoding_errors();
            if typed.text("paste_text").trim().is_empty() {
                errors.push(FieldError::new("paste_text", "Paste the text that is to be sealed."));
            }
            if !errors.is_empty() {
                return Err(Failure::Invalid(errors));
            }
            let name = typed.optional("paste_name").unwrap_or_else(|| PASTED.to_owned());
            let desk = once::for_form(desk, &path, &actor, &typed.once());
            let mut text = typed.text("paste_text").as_bytes();
            seal_evidence::run_from(&desk, &actor, &named, &name, typed.text("paste_note"), &mut text)
        })
        .await;
    match outcome {
        Ok(SealedEvidence { warning: Some(why), name, .. }) => {
            let errors = vec![FieldError::new("paste_text", not_kept_words(name.as_str(), &why))];
            let done = Done { dropped: true, ..Done::default() };
            show(&state, &request, &signed, &reference, (fields.values(&[]), errors), done).await
        }
        Ok(one) => Ok(sealed(&state, &reference, &[one.name.to_string()])),
        Err(Failure::Repeated { .. }) => Ok(sealed(&state, &reference, &[])),
        Err(Failure::Invalid(errors)) => {
            let errors = renamed(errors, &[("file", "paste_text"), ("note", "paste_note")]);
            show(&state, &request, &signed, &reference, (fields.values(&[]), errors), Done::default()).await
        }
        Err(Failure::TooLarge(why)) => {
            let errors = vec![FieldError::new("paste_text", why)];
            show(&state, &request, &signed, &reference, (fields.values(&[]), errors), Done::default()).await
        }
        Err(failure) => Err(failure.into()),
    }
}

/// `POST /incidents/{ref}/no-evidence`.
pub(in crate::web) async fn none(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    reference: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let reference = reference.into_inner();
    let (actor, typed, named) = (signed.actor(), fields.clone(), reference.clone());
    let outcome = state
        .run(move |desk| {
            desk.read(|connection| sight::case(connection, &actor, &named, Act::SealEvidence))?;
            let errors = typed.encoding_errors();
            if !errors.is_empty() {
                return Err(Failure::Invalid(errors));
            }
            write_entry::no_evidence(desk, &actor, &named, typed.text("none_reason"))
        })
        .await;
    match outcome {
        Ok(()) => {
            let text = "It is written down why there is no evidence. Attempts can be logged now.";
            Ok(go(&state, &format!("/incidents/{reference}#evidence"), "success", text))
        }
        Err(Failure::Invalid(errors)) => {
            let errors = renamed(errors, &[("reason", "none_reason")]);
            show(&state, &request, &signed, &reference, (fields.values(&[]), errors), Done::default()).await
        }
        Err(failure) => Err(failure.into()),
    }
}

/// What is said of a file that was offered and is not kept.
pub(super) fn not_kept_words(name: &str, why: &str) -> String {
    format!("{name} is not kept. {why}")
}

fn sealed(state: &State, reference: &str, names: &[String]) -> HttpResponse {
    let to = format!("/incidents/{reference}#evidence");
    let text = match names {
        [one] => format!("{one} is sealed. What you see below is its redacted form."),
        [] => "It is sealed already. What you see below is the redacted form.".to_owned(),
        many => format!("{} pieces of evidence are sealed. What you see below is their redacted form.", many.len()),
    };
    go(state, &to, "success", &text)
}
