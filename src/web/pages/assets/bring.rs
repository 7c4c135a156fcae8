//! `/assets/new`: a picture and its site; the record is filled in on the next page.

use crate::actions::{Failure, assets as acts};
use crate::domain::person::Act;
use crate::domain::problem::FieldError;
use crate::web::State;
use crate::web::auth::{Signed, csrf_fits};
use crate::web::failure::PageFailure;
use crate::web::once::{self, FormKey};
use crate::web::page::{Page, go};
use crate::web::shown::{Choice, site_choices, sites_for, size};
use crate::web::upload::{broken_off, file_name, foreign, pipe, text};
use actix_multipart::{Field, Multipart};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::StreamExt;
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
struct Context {
    sites: Vec<Choice>,
    limit_words: String,
    pixels: u64,
}

/// What came in.
#[derive(Default)]
struct Taken {
    site: String,
    /// Id of the asset.
    made: Option<String>,
    errors: Vec<FieldError>,
    too_large: bool,
}

/// `GET /assets/new`.
pub(in crate::web) async fn form(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
) -> Result<HttpResponse, PageFailure> {
    signed.somewhere(Act::WriteAsset)?;
    show(&state, &request, &signed, Map::new(), Vec::new()).await
}

/// `POST /assets/new`.
pub(in crate::web) async fn submit(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    form: Multipart,
) -> Result<HttpResponse, PageFailure> {
    // Whoever may not bring anything learns it before a byte of a file is read.
    signed.somewhere(Act::WriteAsset)?;
    let taken = take(&state, &request, &signed, form).await?;
    if let Some(id) = taken.made {
        let said = "It is here, as a draft. Fill in its record; then a second person approves it.";
        return Ok(go(&state, &format!("/assets/{id}/edit"), "success", said));
    }
    let values = Map::from_iter([("site".to_owned(), Value::from(taken.site))]);
    let mut response = show(&state, &request, &signed, values, taken.errors).await?;
    if taken.too_large {
        *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    }
    Ok(response)
}

/// Reads the form. `csrf`, `once` and `site` stand before the file, so that they are known before a byte of it is read.
async fn take(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    mut form: Multipart,
) -> Result<Taken, PageFailure> {
    let mut taken = Taken::default();
    let (mut proven, mut once, mut came) = (false, String::new(), false);
    while let Some(field) = form.next().await {
        let mut field = field.map_err(|_| broken_off())?;
        match field.name().unwrap_or_default() {
            "csrf" => proven = csrf_fits(request, state, &text(&mut field).await?),
            "once" => once = text(&mut field).await?,
            "site" => taken.site = text(&mut field).await?,
            "file" if !proven => return Err(foreign()),
            "file" => {
                let Some(name) = file_name(&field) else { continue };
                came = true;
                let said = [("site", taken.site.as_str()), ("file", name.as_str())];
                let key = FormKey::new(&once, said.into_iter());
                take_file(state, request, signed, &mut taken, field, name, key).await?;
                break;
            }
            _ => {}
        }
    }
    if !proven {
        return Err(foreign());
    }
    if !came {
        taken.errors.push(FieldError::new("file", "Choose the picture."));
        if taken.site.is_empty() {
            taken.errors.push(FieldError::new("site", "Choose its site."));
        }
    }
    Ok(taken)
}

async fn take_file(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    taken: &mut Taken,
    field: Field,
    name: String,
    key: FormKey,
) -> Result<(), PageFailure> {
    let (sender, mut reader) = pipe();
    let (actor, path, site) = (signed.actor(), request.path().to_owned(), taken.site.clone());
    let bringing = state.run(move |desk| {
        let desk = once::for_form(desk, &path, &actor, &key);
        acts::upload(&desk, &actor, &site, &name, &mut reader)
    });
    let (outcome, ()) = futures_util::future::join(bringing, sender.send_all(field)).await;
    match outcome {
        Ok(made) => taken.made = Some(made.id),
        Err(Failure::Repeated { answer, .. }) => taken.made = once::in_answer(&answer, "id"),
        Err(Failure::Invalid(errors)) => taken.errors = errors,
        Err(Failure::TooLarge(why)) => {
            taken.too_large = true;
            taken.errors.push(FieldError::new("file", why));
        }
        Err(failure) => return Err(failure.into()),
    }
    Ok(())
}

async fn show(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    values: Map<String, Value>,
    errors: Vec<FieldError>,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let context = state
        .run(move |desk| {
            let sites = desk.read(|connection| sites_for(connection, &actor, Act::WriteAsset))?;
            Ok(Context {
                sites: site_choices(&sites),
                limit_words: size(desk.limits.asset_bytes),
                pixels: desk.limits.asset_pixels / 1_000_000,
            })
        })
        .await?;
    Page::new(request, state, signed, "Bring in an asset")
        .values(values)
        .errors(errors)
        .render("assets/new.html", &context)
}
