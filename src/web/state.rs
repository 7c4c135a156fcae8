//! What every handler can reach.

use super::assets::AssetUrls;
use super::health::Answers;
use super::throttle::Throttle;
use crate::actions::{Desk, Failure};
use actix_web::{HttpRequest, web};
use std::net::IpAddr;

/// How this server is reached and what it is.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Address under which people reach it, without a slash at the end.
    pub base_url: String,
    /// True for the demo: a banner says so.
    pub demo: bool,
    /// Logins that the demo's sign-in page shows; empty elsewhere.
    pub demo_logins: Vec<DemoLogin>,
    /// Token that `/metrics` asks for; none: it answers on loopback only.
    pub metrics_token: Option<String>,
}

/// A login of the demo, random at each start.
#[derive(Clone, Debug, serde::Serialize)]
pub struct DemoLogin {
    /// The person's role.
    pub role: String,
    /// Their address.
    pub email: String,
    /// Their password.
    pub password: String,
}

/// Shared by all handlers.
pub struct State {
    /// Where every act is done.
    pub desk: Desk,
    /// How this server is reached.
    pub settings: Settings,
    pub(super) assets: AssetUrls,
    pub(super) throttle: Throttle,
    pub(super) answers: Answers,
    pub(super) started: std::time::Instant,
}

impl State {
    /// The state of one server.
    pub fn new(desk: Desk, settings: Settings) -> Self {
        Self {
            desk,
            settings,
            assets: AssetUrls::new(),
            throttle: Throttle::new(),
            answers: Answers::default(),
            started: std::time::Instant::now(),
        }
    }

    /// Is the outside address https? Then cookies are `__Host-` and `Secure`.
    pub(super) fn is_https(&self) -> bool {
        self.settings.base_url.starts_with("https://")
    }

    /// The address a request comes from. Under https we stand behind a proxy on the same trust: its last entry in
    /// `X-Forwarded-For` is the address that it saw itself, whatever a visitor wrote before it.
    pub(super) fn address_of(&self, request: &HttpRequest) -> String {
        let peer = request.peer_addr().map(|peer| peer.ip());
        let forwarded = request
            .headers()
            .get_all("x-forwarded-for")
            .last()
            .and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse::<IpAddr>().ok())
            .filter(|_| self.is_https());
        match forwarded.or(peer) {
            // One subscriber holds a whole /64: counting single addresses would count nothing.
            Some(IpAddr::V6(ip)) => ip.segments()[..4].iter().map(|part| format!("{part:x}:")).collect(),
            Some(ip) => ip.to_string(),
            None => String::new(),
        }
    }

    /// Runs an act on the blocking pool: a request that is dropped does not cut it in half.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        f: impl FnOnce(&Desk) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let desk = self.desk.clone();
        match web::block(move || f(&desk)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Failure::Unavailable("The server is stopping. Send this again in a moment.".into())),
        }
    }
}
