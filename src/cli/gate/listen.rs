//! Hearing of a pause at once: the server's events tell when to ask again. Asking every few seconds goes on beside it, so
//! that nothing rests on a stream that a proxy may swallow.

use super::Nudge;
use std::io::{BufRead, BufReader};
use std::sync::mpsc::Sender;
use std::time::Duration;
use ureq::Agent;

/// Wait before the stream is opened again.
const AGAIN_AFTER: Duration = Duration::from_secs(5);
/// The server says every 15 seconds that it is still there; after this silence it is not.
const SILENCE_MAX: Duration = Duration::from_secs(40);

/// Where the events come from.
pub(super) struct Events {
    pub(super) agent: Agent,
    pub(super) url: String,
    pub(super) token: String,
    /// How long opening the stream may take.
    pub(super) patience: Duration,
}

/// Listens on a thread of its own, until nobody wants to hear any more. It dies with this process.
pub(super) fn listen(events: Events, nudge: Sender<Nudge>) {
    let hear = move || {
        while hear_once(&events, &nudge) {
            std::thread::sleep(AGAIN_AFTER)
        }
    };
    // Without the thread a pause is noticed at the next ask.
    drop(std::thread::Builder::new().name("gate-events".into()).spawn(hear));
}

/// Hears one stream to its end; false when there is no use in another.
fn hear_once(events: &Events, nudge: &Sender<Nudge>) -> bool {
    let request = events.agent.get(&events.url).header("Authorization", format!("Bearer {}", events.token));
    let request = request
        .config()
        .timeout_global(None)
        .timeout_connect(Some(events.patience))
        .timeout_recv_response(Some(events.patience))
        .timeout_per_read(Some(SILENCE_MAX))
        .build();
    let Ok(response) = request.call() else { return true };
    match response.status().as_u16() {
        200 => {}
        // Not ours to hear: the asks go on, and say why.
        401 | 403 | 404 | 422 => return false,
        _ => return true,
    }
    let lines = BufReader::new(response.into_body().into_reader()).lines();
    for line in lines.map_while(Result::ok) {
        let closes = matches!(line.as_str(), "event: closed" | "event: narrowed");
        if closes && nudge.send(Nudge::Ask).is_err() {
            return false;
        }
    }
    true
}
