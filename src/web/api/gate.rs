//! `GET /api/v1/gate/{automation}`: may it run now?

use crate::actions::Failure;
use crate::actions::ask_gate::{self, GateAnswer};
use crate::domain::automation::Environment;
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::{ApiFailure, problem};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
pub(in crate::web) struct Query {
    environment: Option<String>,
}

/// 200 with a lease only when it may run; 423 with every reason when not. Whatever is not 200 means: do not run.
pub(in crate::web) async fn ask(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
    query: web::Query<Query>,
) -> Result<HttpResponse, ApiFailure> {
    let environment = match query.environment.as_deref() {
        None => Environment::Production,
        Some(word) => word.parse().map_err(|why: String| Failure::field("environment", why))?,
    };
    let answer = state.run(move |desk| ask_gate::run(desk, &bearer.0, &slug, environment)).await?;
    Ok(match answer {
        GateAnswer::Open(open) => HttpResponse::Ok().json(open),
        GateAnswer::Closed(reasons) => problem(
            StatusCode::LOCKED,
            "The gate is closed",
            "This automation must not run now. The reasons say who can settle each.",
            json!({ "verdict": "closed", "reasons": reasons }),
        ),
    })
}
