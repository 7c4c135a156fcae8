//! What the second scan found, as pages show it.

use crate::actions::{Desk, Failure, lift_alarm};
use crate::domain::person::Actor;
use crate::store::Connection;
use crate::store::alarms::AlarmRow;
use crate::web::shown::{ByAt, Names, Time, rule_title, time};
use serde::Serialize;

/// One thing that may be a secret, and what was said of it.
#[derive(Serialize)]
pub(in crate::web::pages) struct ScanHit {
    id: String,
    level: String,
    rule: String,
    what: String,
    place: String,
    lifted: bool,
    pub(in crate::web::pages) fix: Option<Link>,
    asked: Option<Asked>,
    confirmed: Option<ByAt>,
    may_confirm: bool,
}

/// Where it can be taken out.
#[derive(Serialize)]
pub(in crate::web::pages) struct Link {
    pub(in crate::web::pages) href: String,
    pub(in crate::web::pages) label: &'static str,
}

#[derive(Serialize)]
struct Asked {
    by: String,
    at: Time,
    reason: String,
}

/// The alarm as `actor` sees it; times are told in `zone`.
pub(in crate::web::pages) fn shown(
    desk: &Desk,
    connection: &mut Connection,
    names: &mut Names,
    actor: &Actor,
    zone: &str,
    alarm: &AlarmRow,
) -> Result<ScanHit, Failure> {
    let me = actor.person().map(|person| &person.id);
    let asked = match (&alarm.asked_by, alarm.asked_at, &alarm.reason) {
        (Some(by), Some(at), Some(reason)) => {
            Some(Asked { by: names.person(connection, by)?, at: time(at, zone), reason: reason.as_str().to_owned() })
        }
        _ => None,
    };
    let confirmed = match (&alarm.confirmed_by, alarm.confirmed_at) {
        (Some(by), Some(at)) => Some(ByAt { by: names.person(connection, by)?, at: time(at, zone) }),
        _ => None,
    };
    Ok(ScanHit {
        id: alarm.id.to_string(),
        level: alarm.level.clone(),
        rule: alarm.rule.clone(),
        what: what(desk, alarm),
        place: alarm.place.clone(),
        lifted: lift_alarm::is_lifted(alarm),
        fix: None,
        may_confirm: asked.is_some() && confirmed.is_none() && alarm.asked_by.as_ref() != me,
        asked,
        confirmed,
    })
}

fn what(desk: &Desk, alarm: &AlarmRow) -> String {
    match alarm.rule.as_str() {
        "known-value" => "A value that other evidence of this incident revealed".to_owned(),
        "canary" => "A value that was planted to catch leaks".to_owned(),
        rule => rule_title(&desk.rules(), rule),
    }
}
