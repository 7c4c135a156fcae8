//! Memory and database give the same verdict, whatever was written here or elsewhere; and memory that cannot be shown to
//! be fresh opens nothing.

use super::{Elsewhere, wait_until};
use crate::support::App;
use allclear::actions::gate_facts::Ground;
use allclear::actions::pause::{self, Switch};
use allclear::domain::automation::{Category, Environment, RunScope};
use allclear::domain::cadence::Occasion;
use allclear::domain::gate::{self, Verdict};
use allclear::domain::ids::{AutomationReviewId, DifferenceId, OverrideId, PauseId, PhaseId};
use allclear::domain::person::Actor;
use allclear::store::cadence::AutomationReviewRow;
use allclear::store::differences::DifferenceRow;
use allclear::store::overrides::OverrideRow;
use allclear::store::phases::PhaseRow;
use allclear::store::{Json, Tx, Verb, automations, differences, pauses, people, phases, sites};
use chrono::Duration;

const SLUGS: [&str; 3] = ["order-mails", "restock", "campaign"];
const STEPS: usize = 60;

/// Numbers that repeat for the same seed (a linear congruential generator).
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

/// The verdicts of the database, by the facts that pages use, beside those of memory.
#[track_caller]
fn assert_agreement(app: &App, done: &[String]) {
    let now = app.desk.now();
    for slug in SLUGS {
        for environment in Environment::ALL {
            let read = app.desk.read(|connection| {
                let row = automations::by_slug(connection, slug)?.unwrap();
                let one = gate::decide(&Ground::of_one(connection, &row)?.facts(&row, *environment), now);
                let all = gate::decide(&Ground::of_all(connection)?.facts(&row, *environment), now);
                Ok((one, all))
            });
            let (one, all) = read.unwrap();
            assert_eq!(one, all, "{slug} {environment} after {done:?}");
            assert_eq!(app.desk.gate.verdict(slug, *environment), Some(one), "{slug} {environment} after {done:?}");
        }
    }
}

#[test]
fn memory_and_database_agree_over_generated_histories() {
    let app = App::start();
    SLUGS.iter().for_each(|slug| drop(app.automation(slug)));
    let elsewhere = Elsewhere::of(&app);
    let mut dice = Dice(20_261_121);
    let (mut done, mut opened, mut closed) = (Vec::new(), 0, 0);
    for _ in 0..STEPS {
        done.push(step(&app, &elsewhere, &mut dice));
        assert_agreement(&app, &done);
        for slug in SLUGS {
            match app.desk.gate.verdict(slug, Environment::Production) {
                Some(Verdict::Open(_)) => opened += 1,
                _ => closed += 1,
            }
        }
    }
    assert!(opened > 20 && closed > 20, "the histories must do both: {opened} open, {closed} closed: {done:?}");
}

fn step(app: &App, elsewhere: &Elsewhere, dice: &mut Dice) -> String {
    let slug = SLUGS[dice.below(SLUGS.len())];
    if dice.below(4) == 0 {
        let owner = app.owner.clone();
        return elsewhere.write(app, move |tx| set_right(tx, &owner));
    }
    let system = Actor::System("test");
    match dice.below(12) {
        0 | 1 => {
            let names = [slug, "commerce", "site:shop-north", "all"];
            let name = names[dice.below(names.len())].to_owned();
            let switch = if name == slug { Switch::Automation(name.clone()) } else { Switch::Named(name.clone()) };
            pause::run(&app.desk, &system, &switch, None, None).unwrap();
            format!("pause {name}")
        }
        2..=5 => release_one(app, elsewhere, dice),
        6 => elsewhere.write(app, {
            let (slug, wide) = (slug.to_owned(), dice.below(2) == 0);
            move |tx| change_automation(tx, &slug, wide)
        }),
        7 => elsewhere.write(app, {
            let (slug, hours) = (slug.to_owned(), dice.below(4) as i64 - 1);
            move |tx| open_override(tx, &slug, hours)
        }),
        8 => elsewhere.write(app, {
            let (slug, overdue) = (slug.to_owned(), dice.below(2) == 0);
            move |tx| ask_review(tx, &slug, overdue)
        }),
        9 => elsewhere.write(app, {
            let slug = slug.to_owned();
            move |tx| open_phase(tx, &slug)
        }),
        10 => elsewhere.write(app, {
            let slug = (dice.below(2) == 0).then(|| slug.to_owned());
            move |tx| differ_or_settle(tx, slug.as_deref())
        }),
        _ => elsewhere.write(app, {
            let (owner, version) = (app.owner.clone(), dice.below(2) == 0);
            move |tx| change_owner_or_site(tx, &owner, version)
        }),
    }
}

type Outcome = Result<String, allclear::store::Error>;

fn release_one(app: &App, elsewhere: &Elsewhere, dice: &mut Dice) -> String {
    let holding = app.desk.read(|connection| Ok(pauses::all_holding(connection)?)).unwrap();
    if holding.is_empty() {
        return "nothing to release".to_owned();
    }
    let id = holding[dice.below(holding.len())].0.id.clone();
    if dice.below(2) == 0 {
        pause::release(&app.desk, &Actor::System("test"), id.as_str(), "looked at").unwrap();
        return "release".to_owned();
    }
    elsewhere.write(app, move |tx| {
        let mut row = pauses::find(tx.connection(), &PauseId::from_text(id.as_str()))?;
        row.released_at = Some(tx.now());
        tx.update(Verb::Released, &row)?;
        Ok("release elsewhere".to_owned())
    })
}

/// All that closes is settled.
fn set_right(tx: &mut Tx, owner: &str) -> Outcome {
    for (mut row, _) in pauses::all_holding(tx.connection())? {
        row.released_at = Some(tx.now());
        tx.update(Verb::Released, &row)?;
    }
    for mut row in differences::open(tx.connection())? {
        row.settled_at = Some(tx.now());
        tx.update(Verb::Settled, &row)?;
    }
    let mut person = people::by_email(tx.connection(), owner)?.unwrap();
    person.active = true;
    tx.update(Verb::Changed, &person)?;
    Ok("set right".to_owned())
}

fn change_automation(tx: &mut Tx, slug: &str, wide: bool) -> Outcome {
    let mut row = automations::by_slug(tx.connection(), slug)?.unwrap();
    row.category = if row.category == Category::Commerce { Category::Content } else { Category::Commerce };
    row.scope = if wide { RunScope::Normal } else { row.scope };
    tx.update(Verb::Changed, &row)?;
    Ok(format!("change {slug}"))
}

fn open_override(tx: &mut Tx, slug: &str, hours: i64) -> Outcome {
    let row = automations::by_slug(tx.connection(), slug)?.unwrap();
    let person = people::list(tx.connection())?.remove(0).id;
    let opening = OverrideRow {
        id: OverrideId::fresh(),
        automation_id: row.id,
        reason: allclear::redaction::Redacted::literal("a drill"),
        asked_by: person.clone(),
        asked_at: tx.now(),
        expires_at: tx.now().plus(Duration::hours(hours)),
        confirmed_by: Some(person),
        confirmed_at: Some(tx.now().minus(Duration::hours(2))),
        incident_id: None,
        action_id: None,
        ended_by: None,
        ended_at: None,
        reviewed_by: None,
        reviewed_at: None,
        review_note: None,
    };
    tx.insert(Verb::Confirmed, &opening)?;
    Ok(format!("override {slug} {hours} h"))
}

fn ask_review(tx: &mut Tx, slug: &str, overdue: bool) -> Outcome {
    let row = automations::by_slug(tx.connection(), slug)?.unwrap();
    let days = if overdue { -1 } else { 1 };
    let review = AutomationReviewRow {
        id: AutomationReviewId::fresh(),
        automation_id: row.id,
        occasion: Occasion::ALL[0],
        subject: Some(AutomationReviewId::fresh().to_string()),
        opened_at: tx.now(),
        due_at: tx.now().plus(Duration::days(days)),
        note: None,
        done_by: None,
        done_at: None,
    };
    tx.insert(Verb::Asked, &review)?;
    Ok(format!("review {slug} in {days} d"))
}

fn open_phase(tx: &mut Tx, slug: &str) -> Outcome {
    let row = automations::by_slug(tx.connection(), slug)?.unwrap();
    if let Some(mut before) = phases::present(tx.connection(), &row.id)? {
        before.ended_at = Some(tx.now());
        before.ended_because = Some("the next one".into());
        tx.update(Verb::Ended, &before)?;
    }
    let site = sites::find(tx.connection(), &row.site_id)?;
    let phase = PhaseRow {
        id: PhaseId::fresh(),
        automation_id: row.id.clone(),
        request_id: None,
        incident_id: None,
        scope: row.scope,
        ceiling: RunScope::Normal,
        configuration: Json::of(allclear::actions::configuration::of(&row, &site)),
        evidence: None,
        opened_by: "system:test".into(),
        opened_at: tx.now(),
        soak_until: tx.now(),
        ended_at: None,
        ended_because: None,
    };
    tx.insert(Verb::Opened, &phase)?;
    Ok(format!("phase {slug}"))
}

fn differ_or_settle(tx: &mut Tx, slug: Option<&str>) -> Outcome {
    if let Some(mut open) = differences::open(tx.connection())?.pop() {
        open.settled_at = Some(tx.now());
        tx.update(Verb::Settled, &open)?;
        return Ok("settle".to_owned());
    }
    let automation_id = match slug {
        Some(slug) => automations::by_slug(tx.connection(), slug)?.map(|row| row.id),
        None => None,
    };
    let row = DifferenceRow {
        id: DifferenceId::fresh(),
        subject_table: "checks".into(),
        subject_id: DifferenceId::fresh().to_string(),
        automation_id,
        found_at: tx.now(),
        settled_at: None,
    };
    tx.insert(Verb::Recorded, &row)?;
    Ok(format!("difference {slug:?}"))
}

fn change_owner_or_site(tx: &mut Tx, owner: &str, version: bool) -> Outcome {
    if version {
        let mut site = sites::by_slug(tx.connection(), "shop-north")?.unwrap();
        site.version += 1;
        let mut versions = site.versions.clone().into_inner();
        versions.php = Some(format!("8.3.{}", site.version));
        site.versions = Json::of(versions);
        tx.update(Verb::Changed, &site)?;
        return Ok("site's versions".to_owned());
    }
    let mut person = people::by_email(tx.connection(), owner)?.unwrap();
    person.active = !person.active;
    tx.update(Verb::Changed, &person)?;
    Ok(format!("owner active: {}", person.active))
}

#[test]
fn a_database_that_goes_away_closes_the_gate_and_its_return_opens_it() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let api = app.api(&app.automation_token(&slug));
    let ask = || api.get(&format!("/gate/{slug}"));
    assert_eq!(ask().status, 200);
    app.tamper("ALTER TABLE audit_head RENAME TO audit_head_away");
    wait_until("the gate closes", || ask().status == 423);
    let closed = ask();
    assert_eq!((closed.codes(), &closed.json["verdict"]), (vec!["gate_stale"], &"closed".into()));
    assert!(!app.desk.gate.is_fresh());
    app.tamper("ALTER TABLE audit_head_away RENAME TO audit_head");
    wait_until("the gate opens again", || ask().status == 200);
}

#[test]
fn a_chain_that_was_cut_back_is_read_anew() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let api = app.api(&app.automation_token(&slug));
    // Another chain stands where ours was: nothing that was known can be relied upon.
    app.tamper(
        "INSERT INTO pauses (id, target_kind, target, set_by, set_at) \
         VALUES ('p1', 'all', 'all', 'system:test', '2026-11-21 10:00:00'); \
         UPDATE audit_head SET hash = 'another';",
    );
    wait_until("the pause is found", || api.get(&format!("/gate/{slug}")).codes() == ["paused"]);
}

#[test]
fn what_a_stopped_server_knew_opens_nothing() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let (desk, token) = (app.desk.clone(), app.automation_token(&slug));
    assert!(desk.gate.is_fresh());
    drop(app);
    assert!(!desk.gate.is_fresh());
    let answer = desk.gate.ask(&token, &slug, Environment::Production).unwrap().unwrap();
    assert!(matches!(answer.answer, allclear::actions::gate_memory::GateAnswer::Closed(_)));
}
