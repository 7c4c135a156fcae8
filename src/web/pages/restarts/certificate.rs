//! The certificate of an approved restart, as a page that prints well and as the file that `allclear verify` checks.

use crate::actions::certify;
use crate::actions::sight::promised;
use crate::bundle::certificate::Certificate;
use crate::domain::ids::RequestId;
use crate::domain::moment::Moment;
use crate::store::sites;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::download::attachment;
use crate::web::failure::PageFailure;
use crate::web::page::Page;
use crate::web::shown::{Time, time};
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct Shown {
    id: String,
    certificate: Certificate,
    ceiling: String,
    asked_at: Option<Time>,
    approved_at: Option<Time>,
    automations: Vec<AutomationShown>,
}

#[derive(Serialize)]
struct AutomationShown {
    slug: String,
    name: String,
    scope: String,
    soak_until: Option<Time>,
}

/// `GET /restart-requests/{id}/certificate`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    let (actor, id) = (signed.actor(), id.into_inner());
    let shown = state
        .run(move |desk| {
            desk.read(|connection| {
                let certificate = certify::read(connection, &actor, &RequestId::from_text(id.as_str()))?;
                let slug = &certificate.statement.installation.site;
                let site = promised(sites::by_slug(connection, slug))?;
                let zone = site.map_or_else(|| "UTC".to_owned(), |site| site.time_zone);
                Ok(shown(id, certificate, &zone))
            })
        })
        .await?;
    Page::new(&request, &state, &signed, "Restart certificate").render("restart/certificate.html", &shown)
}

/// `GET /restart-requests/{id}/certificate.json`.
pub(in crate::web) async fn download(
    state: web::Data<State>,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    let (actor, id) = (signed.actor(), RequestId::from_text(id.into_inner()));
    let certificate = state.run(move |desk| desk.read(|connection| certify::read(connection, &actor, &id))).await?;
    let name = format!("{}-certificate.json", certificate.statement.incident.reference);
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((CONTENT_DISPOSITION, attachment(&name)))
        .body(certificate.document()))
}

fn shown(id: String, certificate: Certificate, zone: &str) -> Shown {
    let at = |text: &str| {
        let at = chrono::DateTime::parse_from_rfc3339(text).ok()?;
        Some(time(Moment::from_utc(at.to_utc()), zone))
    };
    let statement = &certificate.statement;
    Shown {
        id,
        ceiling: statement.request.ceiling.replace('_', " "),
        asked_at: at(&statement.request.asked_at),
        approved_at: at(&statement.request.approved_at),
        automations: statement
            .automations
            .iter()
            .map(|automation| AutomationShown {
                slug: automation.slug.clone(),
                name: automation.name.clone(),
                scope: automation.scope.replace('_', " "),
                soak_until: at(&automation.soak_until),
            })
            .collect(),
        certificate,
    }
}
