//! Wires one process together: opens what the settings name, starts the server and the jobs, stops them in order.

use crate::actions::gate_memory::Follower;
use crate::actions::worker::Worker;
use crate::actions::{Desk, Failure, active_rules, practices};
use crate::clock::Clock;
use crate::config::Config;
use crate::jobs;
use crate::mail::Mailer;
use crate::redaction::Rules;
use crate::render::Renderer;
use crate::store::Database;
use crate::vault::{KeyFile, Vault};
use crate::web;
use actix_web::dev::Server;
use actix_web::{App, HttpServer};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

/// A server that is bound and not yet running.
pub struct Running {
    /// The address it is bound to.
    pub address: SocketAddr,
    /// The future that serves until it is stopped.
    pub server: Server,
    /// Background work; ends when dropped.
    pub jobs: Worker,
    /// Keeps the gate's memory up to date; ends when dropped, and with it every gate is closed.
    pub follower: Follower,
    /// Takes up rules of redaction that other nodes write; ends when dropped.
    pub rules: Worker,
}

/// Opens data folder, keys, database, rules, practices and templates.
pub fn open(config: &Config, keys: Option<KeyFile>, clock: Clock) -> Result<Desk, Failure> {
    make_data_folder(&config.data)?;
    let keys = match keys {
        Some(keys) => keys,
        None => KeyFile::load_or_create(&config.key_file, &config.data)?,
    };
    let rules = Rules::embedded().map_err(|e| Failure::Broken(format!("the rules of redaction: {e}")))?;
    let renderer = Renderer::new()?;
    let vault = Vault::open(&config.data, keys)?;
    let db = Database::open(&config.database)?;
    let mailer = Arc::new(mailer(config).map_err(Failure::Unavailable)?);
    let desk = Desk::open(db, vault, clock, Arc::new(rules), Arc::new(renderer), mailer, config.limits.clone())?;
    practices::ship(&desk)?;
    Ok(desk.linking_to(&config.base_url))
}

/// How letters leave. The error names the setting.
pub fn mailer(config: &Config) -> Result<Mailer, String> {
    match &config.smtp_url {
        Some(url) => Mailer::smtp(url, config.smtp_ca.as_deref(), &config.mail_from),
        None => Mailer::outbox(config.data.join("outbox"), &config.mail_from),
    }
}

/// Makes the data folder, for its owner only, unless it is there.
pub fn make_data_folder(data: &Path) -> Result<(), Failure> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(data).map_err(|e| {
        Failure::Unavailable(format!("cannot make the data folder {} (ALLCLEAR_DATA): {e}", data.display()))
    })
}

/// Binds the server. `settings.base_url` stands in links and decides about cookies.
pub fn bind(desk: Desk, listen: SocketAddr, settings: web::Settings) -> std::io::Result<Running> {
    let listener = TcpListener::bind(listen)?;
    desk.vault.sweep_half_written().map_err(std::io::Error::other)?;
    let address = listener.local_addr()?;
    let follower = desk.gate.start().map_err(|failure| std::io::Error::other(failure.to_string()))?;
    let mut settings = settings;
    if settings.base_url.ends_with(":0") {
        settings.base_url = format!("http://{address}");
    }
    let desk = desk.linking_to(&settings.base_url);
    let state = actix_web::web::Data::new(web::State::new(desk.clone(), settings));
    let server = HttpServer::new(move || App::new().app_data(state.clone()).configure(web::routes))
        .workers(std::thread::available_parallelism().map_or(2, usize::from))
        .shutdown_timeout(5)
        .listen(listener)?
        .run();
    let rules = active_rules::follow(desk.clone())?;
    Ok(Running { address, server, jobs: jobs::start(desk)?, follower, rules })
}

/// Waits for the signals at which the server stops.
async fn told_to_stop() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// Why a server is not running (any more).
pub enum Stopped<E> {
    /// The address cannot be had.
    Bind(std::io::Error),
    /// What was to be done at the start failed.
    Ready(E),
    /// Serving failed.
    Serving(std::io::Error),
}

/// Serves until this process is told to stop. `ready` is called with the address once it is bound.
pub fn run<E>(
    desk: Desk,
    listen: SocketAddr,
    settings: web::Settings,
    ready: impl FnOnce(SocketAddr) -> Result<(), E>,
) -> Result<(), Stopped<E>> {
    actix_web::rt::System::new().block_on(async move {
        let gate = desk.gate.clone();
        actix_web::rt::spawn(async move {
            // A stream never ends by itself: the server would wait for it in vain.
            if told_to_stop().await.is_ok() {
                gate.end_listening();
            }
        });
        let running = bind(desk, listen, settings).map_err(Stopped::Bind)?;
        ready(running.address).map_err(Stopped::Ready)?;
        running.server.await.map_err(Stopped::Serving)?;
        drop(running.jobs);
        Ok(())
    })
}
