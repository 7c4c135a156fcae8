//! For machines: alive, ready, figures, public keys.

use super::State;
use super::failure::ApiFailure;
use crate::actions::Failure;
use crate::actions::heartbeat::SILENCE_MAX;
use crate::domain::moment::Moment;
use crate::store::{audit, jobs, keys, pauses};
use crate::vault::Shelf;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, FORWARDED};
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use subtle::ConstantTimeEq;

/// How many answers of each class the API gave since the start.
#[derive(Default)]
pub(super) struct Answers {
    classes: [AtomicU64; 5],
}

impl Answers {
    /// Counts one.
    pub(super) fn count(&self, status: StatusCode) {
        if let Some(class) = self.classes.get(usize::from(status.as_u16() / 100).saturating_sub(1)) {
            class.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// `GET /healthz`: the process answers.
pub(super) async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "alive": true }))
}

/// `GET /readyz`: database reachable, storage writable, background work done.
pub(super) async fn ready(state: web::Data<State>) -> HttpResponse {
    let looked = state
        .run(|desk| {
            let queue = desk.read(|connection| Ok::<_, Failure>(jobs::count(connection)?)).map_err(|failure| {
                tracing::warn!(%failure, "not ready: the database");
            });
            // A file that is begun and given up leaves nothing.
            let storage = desk.vault.write(Shelf::Redacted, "probe").map_err(|error| error.to_string());
            let storage = storage.and_then(|mut file| {
                file.write_all(b"probe").and_then(|()| file.flush()).map_err(|error| error.to_string())
            });
            Ok((queue, storage.map_err(|why| tracing::warn!(%why, "not ready: the storage"))))
        })
        .await;
    let (database, storage, waiting) = match looked {
        Ok((queue, storage)) => (queue.is_ok(), storage.is_ok(), queue.ok()),
        Err(_) => (false, false, None),
    };
    let silence = state.desk.background.silence();
    let background = silence <= SILENCE_MAX;
    if !background {
        tracing::warn!(seconds = silence.as_secs(), "not ready: nothing was heard of background work");
    }
    let ready = database && storage && background;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({
        "ready": ready, "database": database, "storage": storage, "background": background, "jobs_waiting": waiting,
    });
    HttpResponse::build(status).json(body)
}

/// `GET /metrics`: Prometheus text, for whoever has the token; without one set, for this machine only.
pub(super) async fn metrics(state: web::Data<State>, request: HttpRequest) -> Result<HttpResponse, ApiFailure> {
    if !may_look(&state, &request) {
        return Err(Failure::NotFound.into());
    }
    let (waiting, holding, entries) = state
        .run(|desk| {
            desk.read(|connection| {
                let holding = pauses::all_holding(connection)?.len();
                Ok::<_, Failure>((jobs::count(connection)?, holding, audit::head(connection)?.0))
            })
        })
        .await?;
    let mut text = String::new();
    let mut figure = |name: &str, kind: &str, help: &str, lines: &[(String, String)]| {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (labels, value) in lines {
            let _ = writeln!(text, "{name}{labels} {value}");
        }
    };
    let one = |value: String| [(String::new(), value)];
    figure("allclear_uptime_seconds", "gauge", "Seconds since the start.", &one(seconds(&state)));
    figure("allclear_jobs_waiting", "gauge", "Background work not done yet.", &one(waiting.to_string()));
    let silence = state.desk.background.silence().as_secs().to_string();
    figure("allclear_background_silence_seconds", "gauge", "Since background work was last heard of.", &one(silence));
    figure("allclear_pauses_holding", "gauge", "Pauses that hold now.", &one(holding.to_string()));
    figure("allclear_audit_entries_total", "counter", "Entries of the audit chain.", &one(entries.to_string()));
    let answers: Vec<(String, String)> = (1..)
        .zip(&state.answers.classes)
        .map(|(class, count)| (format!("{{class=\"{class}xx\"}}"), count.load(Ordering::Relaxed).to_string()))
        .collect();
    figure("allclear_api_answers_total", "counter", "Answers of the API by class of status.", &answers);
    let asks = state.desk.gate.asks();
    let asked = [("open", asks.open), ("closed", asks.closed), ("stale", asks.stale), ("refused", asks.refused)]
        .map(|(answer, count)| (format!("{{answer=\"{answer}\"}}"), count.to_string()));
    figure("allclear_gate_asks_total", "counter", "Asks for a gate by answer; stale ones are closed too.", &asked);
    figure("allclear_leases_signed_total", "counter", "Leases signed.", &one(asks.signed.to_string()));
    let fresh = i32::from(state.desk.gate.is_fresh()).to_string();
    figure("allclear_gate_fresh", "gauge", "1: the gate's memory is fresh; 0: every gate is closed.", &one(fresh));
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text))
}

fn seconds(state: &State) -> String {
    format!("{:.3}", state.started.elapsed().as_secs_f64())
}

fn may_look(state: &State, request: &HttpRequest) -> bool {
    if let Some(token) = &state.settings.metrics_token {
        let sent = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        return sent.is_some_and(|sent| bool::from(sent.trim().as_bytes().ct_eq(token.as_bytes())));
    }
    // Behind a proxy on this machine everybody comes from here; the proxy says so.
    let forwarded = request.headers().contains_key(FORWARDED) || request.headers().contains_key("x-forwarded-for");
    !forwarded && request.peer_addr().is_some_and(|peer| peer.ip().is_loopback())
}

/// `GET /.well-known/allclear-keys.json`: the public halves as JWK (RFC 8037), retired ones too: what they signed
/// stands.
pub(super) async fn keys(state: web::Data<State>) -> Result<HttpResponse, ApiFailure> {
    let rows = state.run(|desk| desk.read(|connection| Ok::<_, Failure>(keys::list(connection)?))).await?;
    let keys: Vec<serde_json::Value> = rows
        .into_iter()
        .filter_map(|row| {
            let public = STANDARD.decode(row.public_key?).ok()?;
            Some(json!({
                "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA",
                "kid": row.id, "x": URL_SAFE_NO_PAD.encode(public),
                "retired_at": row.retired_at.map(Moment::rfc3339),
            }))
        })
        .collect();
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "public, max-age=300")).json(json!({ "keys": keys })))
}
