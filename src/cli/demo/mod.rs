//! `allclear demo`: the whole program on a throwaway data folder, with a sample to look round in.
//!
//! The sample is made by the same acts as everything else, so its audit chain holds. Key, passwords and the secrets in
//! its log are new at each start.

mod automations;
mod complete_incident;
mod debug_log;
mod half_way_incident;
mod people;
mod picture;
mod playbooks;
mod sites;

use super::{Stop, serve};
use crate::actions::{Desk, Failure};
use crate::clock::Clock;
use crate::config::Config;
use crate::vault::KeyFile;
use crate::web::{self, DemoLogin};
use crate::{app, jobs};
use std::net::{SocketAddr, TcpListener};

pub(super) fn run() -> Result<(), Stop> {
    let folder = tempfile::Builder::new()
        .prefix("allclear-demo-")
        .tempdir()
        .map_err(|e| Stop::Cannot(format!("cannot make a folder for the demo: {e}")))?;
    let mut config = Config::for_demo(&folder.path().join("data")).map_err(Stop::Cannot)?;
    serve::start_log();
    let desk = app::open(&config, Some(KeyFile::ephemeral()?), Clock::default())?;
    let logins = fill(&desk)?;
    if config.listens_by_default() && TcpListener::bind(config.listen).is_err() {
        println!("The address {} is taken; the demo takes a free one", config.listen);
        config.listen = SocketAddr::new(config.listen.ip(), 0);
        config.base_url = format!("http://{}", config.listen);
    }
    let settings = web::Settings {
        base_url: config.base_url.clone(),
        demo: true,
        demo_logins: logins.clone(),
        metrics_token: None,
    };
    serve::serve(desk, &config, settings, |address| {
        tell(address, &logins);
        Ok(())
    })
}

/// Makes the sample; returns the logins.
fn fill(desk: &Desk) -> Result<Vec<DemoLogin>, Failure> {
    sites::add(desk)?;
    let cast = people::add(desk)?;
    automations::add(desk)?;
    half_way_incident::add(desk, &cast)?;
    complete_incident::add(desk, &cast)?;
    playbooks::add(desk)?;
    // What one file reveals is taken out of the others before anybody looks.
    while jobs::run_next(desk)? {}
    Ok(cast.into_logins())
}

fn tell(address: &str, logins: &[DemoLogin]) {
    println!();
    println!("The demo is ready: {address}");
    println!("Everything in it is invented, and gone when it ends (Ctrl-C).");
    println!();
    for login in logins {
        println!("  {:<14} {:<28} {}", login.role, login.email, login.password);
    }
    println!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::build_bundle;
    use crate::domain::bundle::Audience;
    use crate::redaction::Rules;

    fn filled() -> (tempfile::TempDir, Desk, Vec<DemoLogin>) {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let config = Config::for_demo(&data).unwrap();
        let desk = app::open(&config, Some(KeyFile::ephemeral().unwrap()), Clock::default()).unwrap();
        let logins = fill(&desk).unwrap();
        (folder, desk, logins)
    }

    #[test]
    fn the_sample_holds_and_its_second_incident_can_be_bundled_at_once() {
        let (_folder, desk, logins) = filled();
        let roles: std::collections::BTreeSet<_> = logins.iter().map(|login| login.role.clone()).collect();
        assert_eq!(roles.len(), 5, "{roles:?}");
        let lead = people::actor(&desk, people::LEAD).unwrap();
        let half_way = build_bundle::preview(&desk, &lead, &format!("INC-{}-0001", year(&desk)), Audience::Hosting);
        assert!(!half_way.unwrap().refusals.is_empty());
        let complete = format!("INC-{}-0002", year(&desk));
        let preview = build_bundle::preview(&desk, &lead, &complete, Audience::Hosting).unwrap();
        assert!(preview.refusals.is_empty(), "{:?}", preview.refusals);
        build_bundle::run(&desk, &lead, &complete, Audience::Hosting).unwrap();
        let found = desk.read(|connection| Ok(crate::store::audit::verify(connection)?)).unwrap();
        assert_eq!(found.differences, Vec::<String>::new());
    }

    fn year(desk: &Desk) -> String {
        desk.now().utc().format("%Y").to_string()
    }

    #[test]
    fn every_secret_of_the_log_is_found() {
        let (log, planted) =
            debug_log::write(crate::domain::moment::Moment::from_naive_utc(Default::default())).unwrap();
        let rules = std::sync::Arc::new(Rules::embedded().unwrap());
        let redactor = crate::redaction::Redactor::new(rules, crate::redaction::PlaceholderKey::from_bytes([5; 32]));
        let shown = redactor.text(&log).text;
        assert!(planted.len() >= 8);
        for secret in planted {
            assert!(log.contains(&secret) && !shown.as_str().contains(&secret), "{secret}");
        }
        assert!(shown.as_str().contains("PHP Fatal error"));
    }
}
