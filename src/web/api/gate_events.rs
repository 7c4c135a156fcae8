//! `GET /api/v1/gate-events`: server-sent events, first how each gate stands, then what opens, closes and narrows.
//!
//! The events come from the gate's memory; a task of its own carries them to each listener. Whoever reads too slowly,
//! whose token stops working, or whom the server cannot vouch to any more is cut off: the client connects again and
//! begins with how things stand then.

use crate::actions::Failure;
use crate::actions::gate_memory::{GateEvent, Listening};
use crate::domain::automation::Environment;
use crate::web::State;
use crate::web::auth::{Bearer, BearerFailure, bearer_token};
use crate::web::failure::ApiFailure;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

/// How often a listener hears that we are still there.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long a listener may leave what was sent unread.
const SLOWEST: Duration = Duration::from_secs(10);
/// Pieces that wait for the listener's socket.
const WAITING_MAX: usize = 16;
/// Events of the first picture in one piece.
const TOGETHER: usize = 100;

#[derive(Deserialize)]
pub(in crate::web) struct Query {
    automation: Option<String>,
    environment: Option<String>,
}

/// Whoever listens, and to what.
struct Listener {
    state: web::Data<State>,
    token: String,
    automation: Option<String>,
    environment: Option<Environment>,
}

/// Opens a stream that ends when the listener goes, falls behind, or may not listen any more.
pub(in crate::web) async fn listen(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
    query: web::Query<Query>,
) -> Result<HttpResponse, BearerFailure> {
    let token = bearer_token(&request).ok_or(BearerFailure::Missing)?.to_owned();
    let Query { automation, environment } = query.into_inner();
    let environment: Option<Environment> = environment
        .map(|word| word.parse().map_err(|why: String| Failure::field("environment", why)))
        .transpose()
        .map_err(|failure| BearerFailure::Api(ApiFailure(failure)))?;
    let only = automation.clone();
    let listening = state
        .run(move |desk| desk.gate.listen(&bearer.0, only.as_deref()))
        .await
        .map_err(|failure| BearerFailure::Api(ApiFailure(failure)))?;
    let (give, take) = mpsc::channel(WAITING_MAX);
    let listener = Listener { state, token, automation, environment };
    actix_web::rt::spawn(async move { listener.carry(listening, give).await });
    let body = futures_util::stream::unfold(take, |mut take| async move {
        take.recv().await.map(|piece| (Ok::<_, actix_web::Error>(piece), take))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(body))
}

impl Listener {
    async fn carry(self, listening: Listening, give: mpsc::Sender<Bytes>) {
        let Listening { now, mut next } = listening;
        let theirs: Vec<&GateEvent> = now.iter().filter(|event| self.wants(event)).collect();
        for piece in theirs.chunks(TOGETHER) {
            if !send(&give, piece.iter().map(|event| written(event)).collect()).await {
                return;
            }
        }
        let mut beat = tokio::time::interval(HEARTBEAT);
        loop {
            let piece = tokio::select! {
                () = give.closed() => return,
                _ = beat.tick() => {
                    if self.state.desk.gate.knows(&self.token).is_none() {
                        return;
                    }
                    ": still here\n\n".to_owned()
                }
                event = next.recv() => match event {
                    Ok(event) if self.wants(&event) && self.state.desk.gate.may_hear(&self.token, &event) => {
                        written(&event)
                    }
                    Ok(_) => continue,
                    Err(RecvError::Lagged(_) | RecvError::Closed) => return,
                },
            };
            if !send(&give, piece).await {
                return;
            }
        }
    }

    fn wants(&self, event: &GateEvent) -> bool {
        self.automation.as_ref().is_none_or(|slug| *slug == event.automation)
            && self.environment.is_none_or(|environment| environment == event.environment)
    }
}

/// False when the listener is gone or too slow.
async fn send(give: &mpsc::Sender<Bytes>, piece: String) -> bool {
    matches!(tokio::time::timeout(SLOWEST, give.send(Bytes::from(piece))).await, Ok(Ok(())))
}

/// An event in the format of the HTML standard, "Server-sent events". Its JSON holds no line break.
fn written(event: &GateEvent) -> String {
    format!("event: {}\ndata: {}\n\n", event.kind, serde_json::to_string(event).unwrap_or_default())
}
