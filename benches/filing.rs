//! `cargo bench --bench filing [-- SECONDS]`: how many incidents a second are filed through HTTP, each durably committed
//! before its answer, beside what SQLite alone commits on the same disk in the same run; and what the program weighs.

use allclear::actions::people::NewPerson;
use allclear::actions::register_site::SiteForm;
use allclear::actions::tokens::Holder;
use allclear::actions::{Limits, people, register_site, tokens};
use allclear::app;
use allclear::clock::Clock;
use allclear::config::Config;
use allclear::domain::person::{Actor, Role};
use allclear::store::{Address, Database, Error, jobs};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const CONNECTIONS: [usize; 3] = [1, 8, 64];
const SECONDS: u64 = 5;
const ACTOR: Actor = Actor::System("bench");

fn main() {
    let seconds = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(SECONDS);
    let span = Duration::from_secs(seconds);
    // Not the system's folder for temporary files: that may be memory, and memory commits for nothing.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let token = prepare(folder.path());
    let server = Server::start(folder.path());
    let client = reqwest::Client::new();
    server.weigh(&runtime, &client);

    println!(
        "\n{:>11} {:>14} {:>18} {:>14} {:>6}",
        "connections", "filings/s", "with a report/s", "bare rows/s", "ratio"
    );
    for connections in CONNECTIONS {
        let file = |report: bool| {
            let filer = Filer { client: client.clone(), address: server.address.clone(), token: token.clone(), report };
            runtime.block_on(filer.per_second(connections, span))
        };
        let (plain, sealed) = (file(false), file(true));
        let bare = bare_rows_per_second(folder.path(), connections, span);
        println!("{connections:>11} {plain:>14.0} {sealed:>18.0} {bare:>14.0} {:>6.2}", plain / bare);
    }
    println!("\nA filing with a report seals it too: two more files are made durable before the answer.");
    println!("Bare rows: one small row for each transaction, by the same number of threads, in the same groups.");
}

/// A site and somebody who files; returns their token.
fn prepare(folder: &Path) -> String {
    let config = Config {
        data: folder.join("data"),
        database: Address::Sqlite(folder.join("data/allclear.db")),
        listen: "127.0.0.1:0".parse().expect("an address"),
        base_url: "http://127.0.0.1:0".into(),
        key_file: folder.join("key"),
        smtp_url: None,
        smtp_ca: None,
        mail_from: "allclear@example.org".into(),
        metrics_token: None,
        limits: Limits::default(),
    };
    let desk = app::open(&config, None, Clock::default()).expect("an installation");
    let site = SiteForm {
        slug: "shop".into(),
        name: "Shop".into(),
        production_url: "https://shop.example.com".into(),
        time_zone: "UTC".into(),
        ..SiteForm::default()
    };
    register_site::create(&desk, &ACTOR, site).expect("a site");
    let email = "lena@example.org".to_owned();
    let person = NewPerson {
        email: email.clone(),
        name: "Lena".into(),
        role: Role::SupportLead,
        sites: Vec::new(),
        password: "correct horse battery".into(),
    };
    people::add(&desk, &ACTOR, &person).expect("a person");
    tokens::add(&desk, &ACTOR, &Holder::Person(email), "bench", Vec::new(), None).expect("a token")
}

/// The real program in a process of its own.
struct Server {
    child: Child,
    address: String,
    started: Instant,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let started = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_allclear"))
            .arg("serve")
            .env("ALLCLEAR_DATA", folder.join("data"))
            .env("ALLCLEAR_KEY_FILE", folder.join("key"))
            .env("ALLCLEAR_LISTEN", "127.0.0.1:0")
            .env("ALLCLEAR_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("its first line");
        let address = line.split_whitespace().nth(3).expect("its address").to_owned();
        Self { child, address, started }
    }

    /// Start-up, size and memory.
    fn weigh(&self, runtime: &tokio::runtime::Runtime, client: &reqwest::Client) {
        let page = format!("http://{}/login", self.address);
        let ask = || runtime.block_on(async { client.get(&page).send().await.expect("an answer").status() });
        assert!(ask().is_success());
        println!("start-up to first answer   {:>8.0} ms", self.started.elapsed().as_secs_f64() * 1000.0);
        let size = std::fs::metadata(env!("CARGO_BIN_EXE_allclear")).expect("the program's file").len();
        println!("size of the program        {:>8.1} MB", size as f64 / 1e6);
        std::thread::sleep(Duration::from_secs(2));
        println!("memory, idle               {:>8.1} MB", self.resident() as f64 / 1e6);
        for _ in 0..1000 {
            ask();
        }
        println!("memory, after 1,000 pages  {:>8.1} MB", self.resident() as f64 / 1e6);
    }

    /// Bytes resident now.
    fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("its status");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("its memory");
        line.split_whitespace().nth(1).and_then(|number| number.parse::<u64>().ok()).expect("a number") * 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
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

/// What the database alone does: one row of a table without history in each transaction.
fn bare_rows_per_second(folder: &Path, threads: usize, span: Duration) -> f64 {
    let place = folder.join(format!("bare-{threads}.db"));
    let database = Database::open(&Address::Sqlite(place)).expect("a database");
    let (clock, total, began) = (Clock::default(), Mutex::new(0_u64), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut written = 0;
                while began.elapsed() < span {
                    database
                        .write(&ACTOR, clock.now(), |tx| jobs::enqueue(tx, "bench", "a small row"))
                        .map_err(|error: Error| error.to_string())
                        .expect("a commit");
                    written += 1;
                }
                *total.lock().expect("the sum") += written;
            });
        }
    });
    let total = *total.lock().expect("the sum");
    total as f64 / began.elapsed().as_secs_f64()
}
