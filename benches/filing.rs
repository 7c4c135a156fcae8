//! `cargo bench --bench filing [-- SECONDS]`: how many incidents a second are filed through HTTP, each durably committed
//! before its answer, beside what SQLite alone commits on the same disk in the same run; and what the program weighs.
//!
//! Bare SQLite writes the very rows that a filing writes, into the same tables with the same indexes, one savepoint for
//! each filing, and commits them in the same groups: what is left of a filing without this program.

mod installation;

use allclear::actions::tokens::{self, Holder};
use allclear::store::audit::AuditEntry;
use allclear::store::incidents::IncidentRow;
use allclear::store::timeline::EntryRow;
use allclear::store::{Address, Connection, Record, bring_up_to_date, incidents, reviews, timeline};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use installation::{ACTOR, Server, add_lead, add_site};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

const CONNECTIONS: [usize; 3] = [1, 8, 64];
const SECONDS: u64 = 5;
/// Most filings in one commit, as in the program.
const GROUP_MAX: usize = 64;

fn main() {
    let seconds = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(SECONDS);
    let span = Duration::from_secs(seconds);
    // Not the system's folder for temporary files: that may be memory, and memory commits for nothing.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let token = prepare(folder.path());
    let server = Server::start(folder.path());
    let client = reqwest::Client::new();
    weigh(&server, &runtime, &client);

    println!(
        "\n{:>11} {:>14} {:>18} {:>14} {:>6}",
        "connections", "filings/s", "with a report/s", "bare SQLite/s", "ratio"
    );
    let mut sample = None;
    for connections in CONNECTIONS {
        let file = |report: bool| {
            let filer = Filer { client: client.clone(), address: server.address.clone(), token: token.clone(), report };
            runtime.block_on(filer.per_second(connections, span))
        };
        let plain = file(false);
        let filed = sample.get_or_insert_with(|| Filed::newest(&folder.path().join("data/allclear.db")));
        let sealed = file(true);
        let bare = bare_per_second(&folder.path().join(format!("bare-{connections}.db")), filed, connections, span);
        println!("{connections:>11} {plain:>14.0} {sealed:>18.0} {bare:>14.0} {:>6.2}", plain / bare);
    }
    println!("\nA filing with a report seals it too: two more files are made durable before the answer.");
    println!(
        "Bare SQLite: the rows of one filing in one savepoint, by the same number of threads, in the same groups."
    );
}

/// A site and somebody who files; returns their token.
fn prepare(folder: &Path) -> String {
    let desk = installation::open(folder);
    add_site(&desk, "shop");
    let email = add_lead(&desk, "lena", &[]);
    tokens::add(&desk, &ACTOR, &Holder::Person(email), "bench", Vec::new(), None).expect("a token")
}

/// Prints start-up, size and memory.
fn weigh(server: &Server, runtime: &tokio::runtime::Runtime, client: &reqwest::Client) {
    let page = format!("http://{}/login", server.address);
    let ask = || runtime.block_on(async { client.get(&page).send().await.expect("an answer").status() });
    assert!(ask().is_success());
    println!("start-up to first answer   {:>8.0} ms", server.started.elapsed().as_secs_f64() * 1000.0);
    let size = std::fs::metadata(env!("CARGO_BIN_EXE_allclear")).expect("the program's file").len();
    println!("size of the program        {:>8.1} MB", size as f64 / 1e6);
    std::thread::sleep(Duration::from_secs(2));
    server.rest();
    println!("memory, idle               {:>8.1} MB", server.resident() as f64 / 1e6);
    for _ in 0..1000 {
        ask();
    }
    println!("memory, after 1,000 pages  {:>8.1} MB", server.resident() as f64 / 1e6);
}

#[derive(Clone)]
struct Filer {
    client: reqwest::Client,
    address: String,
    token: String,
    report: bool,
}

impl Filer {
    async fn per_second(&self, connections: usize, span: Duration) -> f64 {
        let (filed, began) = (Arc::new(AtomicU64::new(0)), Instant::now());
        let filers: Vec<_> = (0..connections)
            .map(|_| {
                let (filer, filed) = (self.clone(), filed.clone());
                tokio::spawn(async move {
                    while began.elapsed() < span {
                        filer.file().await;
                        filed.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        for filer in filers {
            filer.await.expect("a filer");
        }
        filed.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64()
    }

    async fn file(&self) {
        let mut body = serde_json::json!({
            "title": "Order mails go out twice", "severity": "sev3", "site": "shop",
            "occurred_at": "2026-11-20T10:00:00Z", "actual": "Two mails", "expected": "One mail"
        });
        if self.report {
            body["error_report"] = "PHP Fatal error: Uncaught Error in Queue.php:133".into();
        }
        let url = format!("http://{}/api/v1/incidents", self.address);
        let answer = self.client.post(url).bearer_auth(&self.token).json(&body).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 201);
        // Read to the end, so that the connection is used again.
        answer.bytes().await.expect("its body");
    }
}

diesel::table! {
    audit (seq) {
        seq -> BigInt, at -> Timestamp, actor -> Text, act -> Text, subject_table -> Text, subject_id -> Text,
        digest -> Text, previous -> Text, hash -> Text,
    }
}
diesel::table! { audit_head (id) { id -> Integer, seq -> BigInt, hash -> Text, } }
diesel::table! { incident_counters (year) { year -> Integer, last_number -> Integer, } }
diesel::table! { search_documents (number) { number -> Integer, incident_id -> Text, body -> Text, marks -> Text, } }

/// The rows that one filing wrote, as patterns for others of the same size.
#[derive(Clone)]
struct Filed {
    incident: IncidentRow,
    entry: EntryRow,
    point: reviews::PointRow,
    audit: AuditEntry,
    words: (String, String),
}

impl Filed {
    /// The newest filing of a database.
    fn newest(place: &Path) -> Self {
        let mut connection = Address::Sqlite(place.to_owned()).open().expect("the database");
        let c = &mut connection;
        let incident = incidents::list(c, &incidents::Filter::default(), 1).expect("incidents").remove(0);
        Self {
            entry: timeline::of_incident(c, &incident.id).expect("its timeline").remove(0),
            point: reviews::points(c, &incident.id).expect("its points").remove(0),
            audit: allclear::store::audit::page(c, None, 1).expect("the chain").remove(0),
            words: search_documents::table
                .filter(search_documents::incident_id.eq(incident.id.as_str()))
                .select((search_documents::body, search_documents::marks))
                .first(c)
                .expect("its words"),
            incident,
        }
    }

    /// Writes another one: the counter, the incident, its entry, its point, its words, and for each of the three rows an
    /// entry of the chain, whose head goes on.
    fn write(&self, number: i32, c: &mut Connection) -> Result<(), Box<dyn std::error::Error>> {
        let mut filed = self.clone();
        filed.incident.id = allclear::domain::ids::IncidentId::fresh();
        filed.incident.reference = format!("INC-2026-{number:07}");
        filed.entry.id = allclear::domain::ids::EntryId::fresh();
        filed.point.id = allclear::domain::ids::PointId::fresh();
        (filed.entry.incident_id, filed.point.incident_id) = (filed.incident.id.clone(), filed.incident.id.clone());
        diesel::update(incident_counters::table.find(2026))
            .set(incident_counters::last_number.eq(number))
            .execute(c)?;
        filed.incident.insert(c)?;
        filed.entry.insert(c)?;
        filed.point.insert(c)?;
        let id = filed.incident.id.as_str();
        diesel::insert_into(search_documents::table)
            .values((
                search_documents::number.eq(number),
                search_documents::incident_id.eq(id),
                search_documents::body.eq(&filed.words.0),
                search_documents::marks.eq(&filed.words.1),
            ))
            .execute(c)?;
        for step in 0..3 {
            let entry = &filed.audit;
            let seq = i64::from(number) * 3 + step;
            diesel::insert_into(audit::table)
                .values((
                    (audit::seq.eq(seq), audit::at.eq(chrono::NaiveDateTime::default()), audit::actor.eq(&entry.actor)),
                    (
                        audit::act.eq(&entry.act),
                        audit::subject_table.eq(&entry.subject_table),
                        audit::subject_id.eq(id),
                    ),
                    (audit::digest.eq(&entry.digest), audit::previous.eq(&entry.previous), audit::hash.eq(&entry.hash)),
                ))
                .execute(c)?;
        }
        let head = (audit_head::seq.eq(i64::from(number)), audit_head::hash.eq(&filed.audit.hash));
        diesel::update(audit_head::table.find(1)).set(head).execute(c)?;
        Ok(())
    }
}

/// What the database alone does with the rows of a filing.
fn bare_per_second(place: &Path, filed: &Filed, threads: usize, span: Duration) -> f64 {
    let address = Address::Sqlite(place.to_owned());
    bring_up_to_date(&address).expect("a database");
    let (queue, waiting) = mpsc::channel::<mpsc::SyncSender<()>>();
    let (total, began) = (AtomicU64::new(0), Instant::now());
    std::thread::scope(|scope| {
        scope.spawn(|| write_groups(&address, filed, waiting));
        for _ in 0..threads {
            let queue = queue.clone();
            let total = &total;
            scope.spawn(move || {
                let (tell, told) = mpsc::sync_channel(1);
                while began.elapsed() < span {
                    queue.send(tell.clone()).expect("a writer");
                    told.recv().expect("a commit");
                    total.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        drop(queue);
    });
    total.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64()
}

/// Writes a filing for everybody who waits, commits, and tells them.
fn write_groups(address: &Address, filed: &Filed, waiting: mpsc::Receiver<mpsc::SyncSender<()>>) {
    let mut connection = address.open().expect("a database");
    let c = &mut connection;
    c.batch_execute("PRAGMA foreign_keys = OFF; INSERT INTO incident_counters VALUES (2026, 0)").expect("a counter");
    let mut number = 0;
    while let Ok(first) = waiting.recv() {
        let (mut group, mut next) = (Vec::new(), Some(first));
        c.batch_execute("BEGIN IMMEDIATE").expect("a transaction");
        while let Some(waits) = next {
            number += 1;
            c.batch_execute("SAVEPOINT act").expect("a savepoint");
            filed.write(number, c).expect("the rows");
            c.batch_execute("RELEASE act").expect("the savepoint");
            group.push(waits);
            next = if group.len() < GROUP_MAX { waiting.try_recv().ok() } else { None };
        }
        c.batch_execute("COMMIT").expect("a commit");
        group.iter().for_each(|waits| waits.send(()).expect("somebody who waits"));
    }
}
