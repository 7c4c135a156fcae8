//! `allclear serve`.

use super::Stop;
use crate::actions::{Desk, sign_in};
use crate::clock::Clock;
use crate::config::Config;
use crate::{app, web};
use std::io::{IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;

pub(super) fn run() -> Result<(), Stop> {
    let config = Config::read().map_err(Stop::Cannot)?;
    start_log(&Config::log().map_err(Stop::Cannot)?);
    let desk = app::open(&config, None, Clock::default())?;
    let settings = web::Settings {
        base_url: config.base_url.clone(),
        demo: false,
        demo_logins: Vec::new(),
        metrics_token: config.metrics_token.clone(),
    };
    let link = sign_in::setup_link(&desk)?;
    forget_setup_link(&config)?;
    serve(desk, &config, settings, |base_url| match &link {
        Some(link) => tell_setup_link(&config, &format!("{base_url}/setup/{link}")),
        None => Ok(()),
    })
}

/// Serves until it is told to stop. `ready` is called with the address once it is bound.
pub(super) fn serve(
    desk: Desk,
    config: &Config,
    settings: web::Settings,
    ready: impl FnOnce(&str) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let base_url = settings.base_url.clone();
    let address = config.listen;
    app::run(desk, address, settings, |bound| {
        let base_url = if base_url.ends_with(":0") { format!("http://{bound}") } else { base_url };
        println!("Allclear listens on {bound} and is reached at {base_url}");
        ready(&base_url)?;
        let _ = std::io::stdout().flush();
        Ok(())
    })
    .map_err(|stopped| match stopped {
        app::Stopped::Bind(e) => Stop::Cannot(format!("ALLCLEAR_LISTEN {address}: {e}")),
        app::Stopped::Serving(e) => Stop::Cannot(format!("the server failed: {e}")),
        app::Stopped::Ready(stop) => stop,
    })
}

/// Logs go to standard error, in colours on a terminal only; the setting `log` (`ALLCLEAR_LOG`) says what is logged, for
/// example `debug`.
pub(super) fn start_log(filter: &str) {
    let filter = tracing_subscriber::EnvFilter::new(filter);
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours);
    let _ = log.with_writer(std::io::stderr).try_init();
}

/// Where the one-time link lies when there is no terminal.
const LINK_FILE: &str = "setup-link.txt";

/// A link that is used or over does not lie around.
fn forget_setup_link(config: &Config) -> Result<(), Stop> {
    let path = config.data.join(LINK_FILE);
    match std::fs::remove_file(&path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Stop::file("remove", &path, &e)),
        _ => Ok(()),
    }
}

/// The link goes to the terminal, or to a file that only its owner can read; never to a log.
fn tell_setup_link(config: &Config, link: &str) -> Result<(), Stop> {
    let minutes = sign_in::SETUP_LINK_MINUTES;
    if std::io::stdout().is_terminal() {
        println!("Nobody is registered yet. Create the first administrator here (once, {minutes} minutes):\n  {link}");
        return Ok(());
    }
    let path = config.data.join(LINK_FILE);
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut file| writeln!(file, "{link}"))
        .map_err(|e| Stop::Cannot(format!("cannot write {}: {e}", path.display())))?;
    println!(
        "Nobody is registered yet. The link for the first administrator is in {} ({minutes} minutes).",
        path.display()
    );
    Ok(())
}
