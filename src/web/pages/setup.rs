//! The first administrator.

use crate::actions::{Failure, people, sign_in};
use crate::web::State;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::page::{Page, go};
use crate::web::pages::sign_in::session_cookie;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

/// `GET /setup/{link}`.
pub(in crate::web) async fn form(
    state: web::Data<State>,
    request: HttpRequest,
    link: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    let works = state.run(move |desk| sign_in::setup_link_works(desk, &link)).await?;
    if !works {
        return Err(Failure::NotFound.into());
    }
    Page::open(&request, &state, None, "Set up the first administrator").render("setup.html", &json!({}))
}

/// `POST /setup/{link}`.
pub(in crate::web) async fn submit(
    state: web::Data<State>,
    request: HttpRequest,
    link: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (email, name) = (fields.text("email").to_owned(), fields.text("name").to_owned());
    let password = fields.text("password").to_owned();
    let unreadable = fields.character_errors();
    let outcome = state
        .run(move |desk| {
            if !unreadable.is_empty() {
                return Err(Failure::Invalid(unreadable));
            }
            people::add_first(desk, &link, &email, &name, &password)?;
            sign_in::run(desk, &email, &password)
        })
        .await;
    match outcome {
        Ok(session) => {
            let mut response = go(&state, "/", "success", "The administrator is set up, and you are signed in.");
            let _ = response.add_cookie(&session_cookie(&state, session));
            Ok(response)
        }
        Err(Failure::Invalid(errors)) => {
            let mut values = fields.values(&[]);
            values.remove("password");
            Page::open(&request, &state, None, "Set up the first administrator")
                .values(values)
                .errors(errors)
                .render("setup.html", &json!({}))
        }
        Err(failure) => Err(failure.into()),
    }
}
