//! `allclear demo`: the whole program on a throwaway data folder, with a sample to look round in.
//!
//! The sample is made by the same acts as everything else, so its audit chain holds: what happened last week was done
//! with the clock turned back. Key, passwords and the secrets in its log are new at each start.

mod assets;
mod automations;
mod closed_incident;
mod closed_story;
mod complete_incident;
mod debug_log;
mod half_way_incident;
mod operators;
mod people;
mod picture;
mod playbooks;
mod rules;
mod runs;
mod sites;
mod switches;

use super::{Stop, serve};
use crate::actions::{Desk, Failure};
use crate::clock::Clock;
use crate::config::Config;
use crate::vault::KeyFile;
use crate::web::{self, DemoLogin};
use crate::{app, jobs};
use chrono::Duration;
use std::net::{SocketAddr, TcpListener};

pub(super) fn run() -> Result<(), Stop> {
    let folder = tempfile::Builder::new()
        .prefix("allclear-demo-")
        .tempdir()
        .map_err(|e| Stop::Cannot(format!("cannot make a folder for the demo: {e}")))?;
    let mut config = Config::for_demo(&folder.path().join("data")).map_err(Stop::Cannot)?;
    serve::start_log(&Config::log_of_demo().map_err(Stop::Cannot)?);
    let clock = Clock::default();
    let desk = app::open(&config, Some(KeyFile::ephemeral()?), clock.clone())?;
    let sample = fill(&desk, &clock)?;
    if config.listens_by_default() && TcpListener::bind(config.listen).is_err() {
        println!("The address {} is taken; the demo takes a free one", config.listen);
        config.listen = SocketAddr::new(config.listen.ip(), 0);
        config.base_url = format!("http://{}", config.listen);
    }
    let settings = web::Settings {
        base_url: config.base_url.clone(),
        demo: true,
        demo_logins: sample.logins.clone(),
        metrics_token: None,
    };
    serve::serve(desk, &config, settings, |address| {
        tell(address, &sample);
        Ok(())
    })
}

/// How long before the demo's start its people and automations were registered, days.
const REGISTERED_DAYS_AGO: i64 = 30;

/// What the sample holds.
struct Sample {
    logins: Vec<DemoLogin>,
    /// The incident that is over, the one half-way, and the one that is ready for a bundle.
    references: [String; 3],
}

/// Makes the sample, the oldest things first. `clock` is the desk's; it shows the real time at the end.
fn fill(desk: &Desk, clock: &Clock) -> Result<Sample, Failure> {
    clock.turn(-Duration::days(REGISTERED_DAYS_AGO));
    sites::add(desk)?;
    let cast = people::add(desk)?;
    automations::add(desk)?;
    let references = [
        closed_incident::add(desk, clock, &cast)?,
        half_way_incident::add(desk, &cast)?,
        complete_incident::add(desk, &cast)?,
    ];
    playbooks::add(desk)?;
    assets::add(desk)?;
    runs::add(desk)?;
    operators::add(desk, clock)?;
    switches::add(desk)?;
    // What one file reveals is taken out of the others before anybody looks.
    while jobs::run_next(desk)? {}
    rules::add(desk)?;
    while jobs::run_next(desk)? {}
    Ok(Sample { logins: cast.into_logins(), references })
}

fn tell(address: &str, sample: &Sample) {
    println!();
    println!("The demo is ready: {address}");
    println!("Everything in it is invented, and gone when it ends (Ctrl-C).");
    let [over, half_way, complete] = &sample.references;
    println!("{over} is over, with its whole history; {half_way} is half-way; {complete} is ready for a bundle.");
    println!();
    for login in &sample.logins {
        println!("  {:<14} {:<28} {}", login.role, login.email, login.password);
    }
    println!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::ask_gate;
    use crate::actions::{build_bundle, sight};
    use crate::domain::bundle::Audience;
    use crate::domain::escalation::Delivery;
    use crate::domain::incident::Status;
    use crate::domain::person::Act;
    use crate::domain::review::RequestState;
    use crate::redaction::Rules;
    use crate::store::{escalations, restarts};

    fn filled() -> (tempfile::TempDir, Desk, Sample) {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let config = Config::for_demo(&data).unwrap();
        let clock = Clock::default();
        let desk = app::open(&config, Some(KeyFile::ephemeral().unwrap()), clock.clone()).unwrap();
        let before = clock.now();
        let sample = fill(&desk, &clock).unwrap();
        assert!(clock.now() >= before, "the clock shows the real time again");
        (folder, desk, sample)
    }

    #[test]
    fn the_sample_holds_and_its_last_incident_can_be_bundled_at_once() {
        let (_folder, desk, sample) = filled();
        let roles: std::collections::BTreeSet<_> = sample.logins.iter().map(|login| login.role.clone()).collect();
        assert_eq!(roles.len(), 5, "{roles:?}");
        let lead = people::actor(&desk, people::LEAD).unwrap();
        let [_, half_way, complete] = &sample.references;
        let half_way = build_bundle::preview(&desk, &lead, half_way, Audience::Hosting);
        assert!(!half_way.unwrap().refusals.is_empty());
        let preview = build_bundle::preview(&desk, &lead, complete, Audience::Hosting).unwrap();
        assert!(preview.refusals.is_empty(), "{:?}", preview.refusals);
        build_bundle::run(&desk, &lead, complete, Audience::Hosting).unwrap();
        let found = desk.read(|connection| crate::store::audit::verify(connection).map_err(Failure::from)).unwrap();
        assert_eq!(found.differences, Vec::<String>::new());
    }

    #[test]
    fn the_first_incident_went_the_whole_way_last_week() {
        let (folder, desk, sample) = filled();
        let administrator = people::actor(&desk, people::ADMINISTRATOR).unwrap();
        let (incident, mails, requests) = desk
            .read(|connection| {
                let case = sight::case(connection, &administrator, &sample.references[0], Act::ReadIncidents)?;
                let mails = escalations::of_incident(connection, &case.incident.id)?;
                let requests = restarts::of_incident(connection, &case.incident.id)?;
                Ok((case.incident, mails, requests))
            })
            .unwrap();
        assert_eq!(incident.status, Status::Closed);
        let closed_at = incident.closed_at.unwrap();
        assert!(incident.reported_at < closed_at && closed_at < desk.now().minus(Duration::days(3)));
        assert_eq!((mails.len(), mails[0].state), (1, Delivery::Sent));
        assert_eq!((requests.len(), requests[0].state), (1, RequestState::Approved));
        let outbox = std::fs::read_dir(folder.path().join("data/outbox")).unwrap();
        let letters = outbox.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        assert_eq!(letters.filter(|letter| letter.contains(&mails[0].message_id)).count(), 1);
        let now = desk.now();
        let gate = desk
            .read(|connection| {
                let panel = sight::automation(connection, &administrator, automations::CUSTOMER_PANEL, Act::AskGate)?;
                ask_gate::verdict(connection, &panel, now)
            })
            .unwrap();
        assert!(gate.is_open(), "{gate:?}");
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
