//! `cargo bench --bench pages [-- REQUESTS]`: how long home, lists, searches and incident pages take with 1,000 and with
//! 100,000 incidents, side by side.
//!
//! Two installations are filled through the store, audit chain and search included, and served by the real program at
//! the same time; what they do at their start is over before anything is measured. Each page is asked for in turn from
//! both, so that what else the machine does strikes both alike. Times are those of a client that waits for the whole
//! answer.

mod installation;

use allclear::actions::register_automation::{self, AutomationForm};
use allclear::domain::automation::{Category, Kind};
use allclear::domain::evidence::Media;
use allclear::domain::gate::PauseTarget;
use allclear::domain::ids::{AutomationId, EntryId, EvidenceId, IncidentId, PauseId, PersonId, PointId, SiteId};
use allclear::domain::incident::{Facts, Impact, Severity, Status};
use allclear::domain::moment::Moment;
use allclear::domain::review::{ChangeKind, Point};
use allclear::domain::site::Versions;
use allclear::domain::timeline::EntryKind;
use allclear::redaction::Redacted;
use allclear::store::evidence::EvidenceRow;
use allclear::store::incidents::{IncidentRow, next_reference};
use allclear::store::pauses::PauseRow;
use allclear::store::reviews::{PointRow, ReviewRow};
use allclear::store::timeline::EntryRow;
use allclear::store::{Address, Database, Error, Json, Tx, Verb, automations, people, sites};
use chrono::Duration;
use installation::{ACTOR, PASSWORD, Server, add_lead, add_site};
use std::path::Path;
use std::time::Instant;

const SIZES: [usize; 2] = [1_000, 100_000];
const REQUESTS: usize = 400;
/// Incidents that are worked on, whatever the number of all: as many as people can work on.
const OPEN: usize = 200;
/// Incidents of the small site, and incidents that hold the rare word.
const FEW: usize = 20;
/// Entries of the one long timeline.
const LONG: usize = 500;
/// Incidents written in one transaction.
const AT_ONCE: usize = 500;

fn main() {
    let requests = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(REQUESTS);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let served: Vec<Served> = SIZES.iter().map(|size| Served::start(*size, &runtime)).collect();
    served.iter().for_each(|served| served.server.rest());
    println!("\n{:<44} {:>17} {:>17} {:>13}", "", "1,000", "100,000", "growth");
    println!("{:<44} {:>8} {:>8} {:>8} {:>8} {:>6} {:>6}", "milliseconds", "p50", "p99", "p50", "p99", "p50", "p99");
    for (name, who, path) in pages() {
        let mut times = [Vec::new(), Vec::new()];
        for round in 0..requests + 20 {
            for (served, times) in served.iter().zip(&mut times) {
                let time =
                    served.ask(&runtime, who, &path.replace("LONG", &served.long).replace("SHORT", &served.short));
                if round >= 20 {
                    times.push(time);
                }
            }
        }
        let [small, large] = times.map(quantiles);
        println!(
            "{name:<44} {:>8.2} {:>8.2} {:>8.2} {:>8.2} {:>6.2} {:>6.2}",
            small.0,
            small.1,
            large.0,
            large.1,
            large.0 / small.0,
            large.1 / small.1
        );
    }
    for (size, served) in SIZES.iter().zip(&served) {
        println!("memory with {size:>7} incidents {:>6.1} MB", served.server.resident() as f64 / 1e6);
    }
}

/// Who asks: somebody of every site, or somebody of the small site only.
#[derive(Clone, Copy)]
enum Who {
    All,
    Small,
}

fn pages() -> Vec<(&'static str, Who, &'static str)> {
    vec![
        ("home", Who::All, "/"),
        ("home, somebody of a small site", Who::Small, "/"),
        ("what waits", Who::All, "/waiting"),
        ("list", Who::All, "/incidents"),
        ("list, open ones", Who::All, "/incidents?status=open"),
        ("list, SEV1 in triage", Who::All, "/incidents?severity=sev1&status=triage"),
        ("list, one small site", Who::All, "/incidents?site=corner"),
        ("list, somebody of a small site", Who::Small, "/incidents"),
        ("search, a rare word", Who::All, "/incidents?q=zanzibar"),
        ("search, a word in every incident", Who::All, "/incidents?q=order"),
        ("search, a long word in every incident", Who::All, "/incidents?q=delivered"),
        ("search, two words of every incident", Who::All, "/incidents?q=order+mails"),
        ("search, a rare and a common word", Who::All, "/incidents?q=zanzibar+order"),
        ("search, the beginning of a word", Who::All, "/incidents?q=ord"),
        ("search, a reference", Who::All, "/incidents?q=INC-2026-0500"),
        ("search, a word that nothing holds", Who::All, "/incidents?q=giraffe"),
        ("search, a common word, small site", Who::Small, "/incidents?q=order"),
        ("search, a common word, open ones", Who::All, "/incidents?q=order&status=open"),
        ("incident", Who::All, "/incidents/SHORT"),
        ("incident with 500 entries", Who::All, "/incidents/LONG"),
    ]
}

/// Median and 99th percentile.
fn quantiles(mut times: Vec<f64>) -> (f64, f64) {
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[times.len() * 99 / 100])
}

/// A filled installation that is served.
struct Served {
    server: Server,
    all: reqwest::Client,
    small: reqwest::Client,
    long: String,
    short: String,
    _folder: tempfile::TempDir,
}

impl Served {
    fn start(size: usize, runtime: &tokio::runtime::Runtime) -> Self {
        // Not the system's folder for temporary files: that may be memory.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let began = Instant::now();
        let (long, short) = fill(folder.path(), size);
        let database = std::fs::metadata(folder.path().join("data/allclear.db")).expect("the database").len();
        println!("{size:>7} incidents in {:>5.1} s, {:>6.1} MB", began.elapsed().as_secs_f64(), database as f64 / 1e6);
        let server = Server::start(folder.path());
        println!("        served after {:.0} ms", server.started.elapsed().as_secs_f64() * 1000.0);
        let all = runtime.block_on(signed_in(&server.address, "lena@example.org"));
        let small = runtime.block_on(signed_in(&server.address, "cora@example.org"));
        Self { server, all, small, long, short, _folder: folder }
    }

    /// Milliseconds until the page is there.
    fn ask(&self, runtime: &tokio::runtime::Runtime, who: Who, path: &str) -> f64 {
        let client = match who {
            Who::All => &self.all,
            Who::Small => &self.small,
        };
        let url = format!("http://{}{path}", self.server.address);
        runtime.block_on(async {
            let began = Instant::now();
            let answer = client.get(&url).send().await.expect("an answer");
            assert_eq!(answer.status().as_u16(), 200, "{path}");
            let body = answer.bytes().await.expect("its body");
            assert!(body.len() > 1_000, "{path}");
            began.elapsed().as_secs_f64() * 1000.0
        })
    }
}

async fn signed_in(address: &str, email: &str) -> reqwest::Client {
    let policy = reqwest::redirect::Policy::none();
    let client = reqwest::Client::builder().cookie_store(true).redirect(policy).build().expect("a client");
    let url = format!("http://{address}/login");
    let form = client.get(&url).send().await.expect("the form").text().await.expect("its text");
    let mark = "name=\"csrf\" value=\"";
    let rest = &form[form.find(mark).expect("a token") + mark.len()..];
    let csrf = &rest[..rest.find('"').expect("its end")];
    let fields = [("email", email), ("password", PASSWORD), ("csrf", csrf)];
    let answer = client.post(&url).form(&fields).send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 303);
    client
}

/// What the rows of a load refer to.
#[derive(Clone)]
struct Ground {
    shop: SiteId,
    corner: SiteId,
    lena: PersonId,
    automations: Vec<AutomationId>,
    now: Moment,
    size: usize,
}

/// Fills an installation; returns the references of the incident with the long timeline and of an ordinary one.
fn fill(folder: &Path, size: usize) -> (String, String) {
    let desk = installation::open(folder);
    add_site(&desk, "shop");
    add_site(&desk, "corner");
    let lena = add_lead(&desk, "lena", &[]);
    add_lead(&desk, "cora", &["corner"]);
    for n in 0..10 {
        add_lead(&desk, &format!("colleague{n}"), &["shop"]);
    }
    for n in 0..40 {
        register_automation::create(&desk, &ACTOR, automation(n, &lena)).expect("an automation");
    }
    let now = desk.now();
    let ground = desk
        .read(|c| {
            Ok(Ground {
                shop: sites::by_slug(c, "shop")?.expect("a site").id,
                corner: sites::by_slug(c, "corner")?.expect("a site").id,
                lena: people::by_email(c, &lena)?.expect("a person").id,
                automations: automations::list(c)?.into_iter().map(|row| row.id).collect(),
                now,
                size,
            })
        })
        .expect("the ground");
    drop(desk);
    let database = Database::open(&Address::Sqlite(folder.join("data/allclear.db"))).expect("the database");
    let (mut long, mut short) = (String::new(), String::new());
    for first in (0..size).step_by(AT_ONCE) {
        let ground = ground.clone();
        let written = database.write(&ACTOR, now, move |tx| {
            let last = (first + AT_ONCE).min(ground.size);
            (first..last).map(|n| file(tx, &ground, n)).collect::<Result<Vec<String>, Error>>()
        });
        for (n, reference) in (first..).zip(written.expect("a commit")) {
            match size - n {
                2 => short = reference,
                1 => long = reference,
                _ => {}
            }
        }
    }
    (long, short)
}

fn automation(n: usize, owner: &str) -> AutomationForm {
    let text = |text: &str| Some(text.to_owned());
    AutomationForm {
        slug: format!("automation-{n:02}"),
        name: format!("Automation {n:02}"),
        kind: Kind::Workflow,
        category: Category::Commerce,
        site: "shop".into(),
        owner: Some(owner.to_owned()),
        trigger: text("a new order"),
        input_scope: text("the order"),
        expected_output: text("one mail to the customer"),
        approval_gate: text("none for reading"),
        retry_limit: Some(3),
        notification_path: text("support channel"),
        pause_rule: text("two failures in an hour"),
        rollback_path: text("send a correction"),
        operation: Default::default(),
    }
}

/// Text of our own making, different for each incident. It is kept until the program ends, as words of source are.
fn words(text: String) -> Redacted {
    Redacted::literal(Box::leak(text.into_boxed_str()))
}

/// So many words of a vocabulary of 5,000, chosen by `seed`.
fn chatter(seed: usize, count: usize) -> String {
    let mut state = (seed as u64).wrapping_mul(2_862_933_555_777_941_757).wrapping_add(3_037_000_493);
    let word = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("w{:04x}", (state >> 33) % 5_000)
    };
    (0..count).map(word).collect::<Vec<_>>().join(" ")
}

/// Writes one incident with what usually belongs to it; returns its reference.
fn file(tx: &mut Tx, ground: &Ground, n: usize) -> Result<String, Error> {
    let from_newest = ground.size - 1 - n;
    let open = from_newest < OPEN;
    let few = n.is_multiple_of(ground.size / FEW);
    let reference = next_reference(tx)?;
    let incident = incident(ground, n, reference.clone(), open, few);
    tx.insert(Verb::Filed, &incident)?;
    let entries = if from_newest == 0 { LONG } else { 3 };
    for step in 0..entries {
        tx.insert(Verb::Written, &entry(&incident, format!("Step {step} {}", chatter(n * 7 + step, 12))))?;
    }
    tx.insert(Verb::Sealed, &evidence(&incident, n))?;
    tx.insert(
        Verb::Created,
        &PointRow {
            id: PointId::fresh(),
            incident_id: incident.id.clone(),
            point: Point::Reported,
            since: incident.reported_at,
            done_by: None,
            done_at: None,
        },
    )?;
    if !open || from_newest.is_multiple_of(10) {
        tx.insert(Verb::Paused, &pause(ground, &incident, n, open))?;
    }
    if !open {
        tx.insert(Verb::Reviewed, &review(&incident, n))?;
    }
    Ok(reference)
}

fn incident(ground: &Ground, n: usize, reference: String, open: bool, few: bool) -> IncidentRow {
    let at = ground.now.plus(Duration::minutes(n as i64 - ground.size as i64));
    let rare = if few { "zanzibar" } else { "" };
    IncidentRow {
        id: IncidentId::fresh(),
        reference,
        title: words(format!("Order mails {} {rare}", chatter(n, 4))),
        status: match open {
            false => Status::Closed,
            true if n.is_multiple_of(2) => Status::Triage,
            true => Status::Investigating,
        },
        severity: if n.is_multiple_of(100) { Severity::Sev1 } else { Severity::Sev3 },
        impact: Json::of(Impact::default()),
        site_id: if few { ground.corner.clone() } else { ground.shop.clone() },
        lead_id: (!n.is_multiple_of(20)).then(|| ground.lena.clone()),
        reported_by: ground.lena.clone(),
        occurred_at: at,
        occurred_zone: "UTC".into(),
        detected_at: Some(at),
        reported_at: at,
        mitigated_at: None,
        closed_at: (!open).then_some(at),
        facts: Json::of(Facts {
            affected_user: Some(words("shop manager".into())),
            affected_screen: Some(words("WooCommerce > Orders".into())),
            versions: Versions { php: Some(words("8.3.14".into())), ..Versions::default() },
            steps: vec![words(format!("Open the order {}", chatter(n + 1, 6))), words("Press resend".into())],
            expected: Some(words("One mail is delivered".into())),
            actual: Some(words(format!("Two mails {}", chatter(n + 2, 20)))),
            error_report_none: true,
            ..Facts::default()
        }),
        no_evidence_reason: None,
        secret_key: "not read by any page".into(),
        known_values: None,
        known_generation: 1,
        version: 1,
    }
}

fn entry(incident: &IncidentRow, text: String) -> EntryRow {
    EntryRow {
        id: EntryId::fresh(),
        incident_id: incident.id.clone(),
        kind: EntryKind::Observed,
        body: words(text),
        happened_at: incident.reported_at,
        written_at: incident.reported_at,
        author: "system:bench".into(),
        author_name: "Bench".into(),
        evidence_id: None,
        superseded_by: None,
    }
}

fn evidence(incident: &IncidentRow, n: usize) -> EvidenceRow {
    EvidenceRow {
        id: EvidenceId::fresh(),
        incident_id: incident.id.clone(),
        name: words(format!("debug-{n}.log")),
        media: Media::Dropped,
        note: None,
        sealed_file: None,
        sealed_key: None,
        sealed_size: 0,
        sealed_until: incident.reported_at,
        shredded_at: Some(incident.reported_at),
        current_version: 0,
        added_by: "system:bench".into(),
        added_at: incident.reported_at,
    }
}

fn pause(ground: &Ground, incident: &IncidentRow, n: usize, holds: bool) -> PauseRow {
    let over = |text: &str| (!holds).then(|| text.to_owned());
    PauseRow {
        id: PauseId::fresh(),
        target_kind: PauseTarget::Automation,
        target: ground.automations[n / 10 % ground.automations.len()].to_string(),
        site_id: Some(incident.site_id.clone()),
        incident_id: Some(incident.id.clone()),
        reason: None,
        set_by: "system:bench".into(),
        set_at: incident.reported_at,
        released_by: over("system:bench"),
        released_at: (!holds).then_some(incident.reported_at),
        release_reason: over("It is over").map(words),
        fates: None,
        drill_id: None,
    }
}

fn review(incident: &IncidentRow, n: usize) -> ReviewRow {
    let part = |k: usize| Some(words(format!("Part {k} {}", chatter(n + k, 15))));
    ReviewRow {
        id: incident.id.clone(),
        root_cause: part(10),
        detection_gaps: part(11),
        missing_evidence: part(12),
        safeguards_worked: part(13),
        safeguards_failed: part(14),
        change_kind: Some(ChangeKind::Runbook),
        change_link: Some(words("https://wiki.example/runbook".into())),
        change_before: Some(words("4".into())),
        change_after: Some(words("5".into())),
        written_by: incident.reported_by.clone(),
        written_at: incident.reported_at,
        version: 1,
    }
}
