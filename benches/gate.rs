//! `cargo bench --bench gate [-- SECONDS]`: gate checks per second beside a bare actix-web handler that returns a constant
//! of the same size, in the same run: the server on one core, the load on the other.

use allclear::actions::people::NewPerson;
use allclear::actions::register_automation::{AutomationForm, Operation};
use allclear::actions::register_site::SiteForm;
use allclear::actions::tokens::Holder;
use allclear::actions::{Desk, Limits, people, register_automation, register_site, tokens};
use allclear::app;
use allclear::clock::Clock;
use allclear::config::Config;
use allclear::domain::automation::{Category, Kind};
use allclear::domain::ids::AutomationId;
use allclear::domain::person::{Actor, Role};
use allclear::store::{Address, Database, Error, Verb, automations};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const ACTOR: Actor = Actor::System("bench");
const CONNECTIONS: usize = 32;
const MANY: usize = 100_000;
const FILED_PER_SECOND: u32 = 50;
/// Tells this program to serve instead: `gate`, `bare` or `signing`, and where.
const SERVE: &str = "ALLCLEAR_TEST_BENCH_SERVE";
const FOLDER: &str = "ALLCLEAR_TEST_BENCH_FOLDER";

fn main() {
    if let Ok(mode) = std::env::var(SERVE) {
        return serve(&mode, Path::new(&std::env::var(FOLDER).expect("a folder")));
    }
    let seconds = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(5);
    let span = Duration::from_secs(seconds);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let tokens = prepare(folder.path());
    // What was alone on its core is measured between two measurements of what it is compared with.
    pin(std::process::id(), 1);
    println!("{:<44} {:>9} {:>9} {:>9} {:>7} {:>6}", "", "asks/s", "p50 us", "p99 us", "ratio", "p99 x");
    let gate = Server::start("gate", folder.path());
    let (bare, signing) = (Server::start("bare", folder.path()), Server::start("signing", folder.path()));
    let path = "/api/v1/gate/automation-0".to_owned();
    let ask = |server: &Server, paths: &[String]| load(&server.address, &tokens.asker, paths, span);
    let constant = ask(&bare, std::slice::from_ref(&path));
    constant.print("bare handler, a constant of the same size", None);
    ask(&gate, std::slice::from_ref(&path)).print("gate, shared lease, 10 automations", Some(&constant));
    ask(&signing, std::slice::from_ref(&path)).print("gate, a signature per ask (not shipped)", Some(&constant));
    let constant = ask(&bare, std::slice::from_ref(&path));
    constant.print("bare handler again", None);
    let quiet = ask(&gate, std::slice::from_ref(&path));
    quiet.print("gate again", Some(&constant));

    let filer = Filer::start(&gate.address, &tokens.filer);
    let filing = ask(&gate, std::slice::from_ref(&path));
    let filed = filer.stop();
    filing.print(&format!("gate, while {filed:.0} incidents/s are filed"), Some(&constant));
    println!("{:<44} {:>9.2}", "  of the gate without filings", filing.per_second / quiet.per_second);
    drop((gate, signing));

    add_many(folder.path());
    let began = Instant::now();
    let gate = Server::start("gate", folder.path());
    println!("start with {MANY} automations: {:.1} s, {:.0} MB", began.elapsed().as_secs_f64(), gate.resident() / 1e6);
    let many = ask(&gate, std::slice::from_ref(&path));
    many.print(&format!("gate, {MANY} automations, one asked"), Some(&constant));
    println!("{:<44} {:>9.2}", "  of the gate with 10", many.per_second / quiet.per_second);
    let thousand: Vec<String> = (0..1_000).map(|number| format!("/api/v1/gate/automation-{number}")).collect();
    ask(&gate, &thousand).print(&format!("gate, {MANY} automations, 1,000 asked in turn"), Some(&constant));
}

/// Keeps a process, with all threads that it will have, to one core.
fn pin(process: u32, core: usize) {
    let pinned = Command::new("taskset").args(["-apc", &core.to_string(), &process.to_string()]).output();
    assert!(pinned.expect("taskset").status.success());
}

struct Tokens {
    asker: String,
    filer: String,
}

fn desk(folder: &Path) -> Desk {
    let config = Config {
        data: folder.join("data"),
        database: address(folder),
        listen: "127.0.0.1:0".parse().expect("an address"),
        base_url: "http://127.0.0.1:0".into(),
        key_file: folder.join("key"),
        smtp_url: None,
        smtp_ca: None,
        mail_from: "allclear@example.org".into(),
        metrics_token: None,
        limits: Limits::default(),
    };
    app::open(&config, None, Clock::default()).expect("an installation")
}

fn address(folder: &Path) -> Address {
    Address::Sqlite(folder.join("data/allclear.db"))
}

fn prepare(folder: &Path) -> Tokens {
    let desk = desk(folder);
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
    (0..10).for_each(|number| register(&desk, &email, number));
    let token =
        || tokens::add(&desk, &ACTOR, &Holder::Person(email.clone()), "bench", Vec::new(), None).expect("a token");
    Tokens { asker: token(), filer: token() }
}

fn register(desk: &Desk, owner: &str, number: usize) {
    let text = |text: &str| Some(text.to_owned());
    let form = AutomationForm {
        slug: format!("automation-{number}"),
        name: format!("Automation {number}"),
        kind: Kind::Workflow,
        category: Category::Commerce,
        site: "shop".into(),
        owner: text(owner),
        trigger: text("a new order"),
        input_scope: text("the order"),
        expected_output: text("one mail"),
        approval_gate: text("none for reading"),
        retry_limit: Some(3),
        notification_path: text("support channel"),
        pause_rule: text("two failures in an hour"),
        rollback_path: text("send a correction"),
        operation: Operation::default(),
    };
    register_automation::create(desk, &ACTOR, form).expect("an automation");
}

/// Copies of an automation, straight into the tables.
fn add_many(folder: &Path) {
    let database = Database::open(&address(folder)).expect("the database");
    let now = Clock::default().now();
    let written = database.write(&ACTOR, now, |tx| {
        let first = automations::by_slug(tx.connection(), "automation-0")?.ok_or(Error::NotFound)?;
        for number in 10..MANY {
            let mut row = first.clone();
            row.id = AutomationId::fresh();
            row.slug = format!("automation-{number}");
            tx.insert(Verb::Created, &row)?;
        }
        Ok::<_, Error>(())
    });
    written.expect("many automations");
}

/// This program as a server, on one core.
fn serve(mode: &str, folder: &Path) {
    use actix_web::{App, HttpResponse, HttpServer, web};
    pin(std::process::id(), 0);
    let desk = desk(folder);
    let settings = allclear::web::Settings {
        base_url: "http://127.0.0.1:0".into(),
        demo: false,
        demo_logins: Vec::new(),
        metrics_token: None,
    };
    let listen = "127.0.0.1:0".parse().expect("an address");
    actix_web::rt::System::new().block_on(async {
        if mode == "gate" {
            let running = app::bind(desk, listen, settings).expect("a server");
            println!("{}", running.address);
            return running.server.await.expect("serving");
        }
        let body = example(&desk);
        let signing = mode == "signing";
        let make = move || {
            let (body, desk) = (body.clone(), desk.clone());
            App::new().default_service(web::to(move || {
                let body = body.clone();
                // What the gate does for each ask without a shared lease, beside looking up.
                let signed = signing.then(|| desk.signer.sign_token("allclear-lease+jwt", &claims(&desk)));
                async move {
                    std::hint::black_box(signed);
                    HttpResponse::Ok().content_type("application/json").body(body)
                }
            }))
        };
        let server = HttpServer::new(make).workers(1).bind(listen).expect("an address");
        println!("{}", server.addrs()[0]);
        server.run().await.expect("serving");
    });
}

/// An answer of the gate as long as the real ones.
fn example(desk: &Desk) -> actix_web::web::Bytes {
    let lease = desk.signer.sign_token("allclear-lease+jwt", &claims(desk));
    let body = serde_json::json!({
        "verdict": "open", "scope": "read_only", "lease": lease, "expires_at": desk.now().rfc3339(), "narrowed_by": [],
    });
    body.to_string().into()
}

fn claims(desk: &Desk) -> serde_json::Value {
    let now = desk.now().utc().timestamp();
    serde_json::json!({
        "iss": "allclear", "sub": "automation-0", "scope": "read_only", "environment": "production",
        "iat": now, "exp": now + 60, "jti": uuid::Uuid::new_v4().simple().to_string(),
    })
}

struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(mode: &str, folder: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .env(SERVE, mode)
            .env(FOLDER, folder)
            .stdout(Stdio::piped())
            .spawn()
            .expect("a server");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("its address");
        Self { child, address: line.trim().to_owned() }
    }

    /// Bytes resident now.
    fn resident(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("its status");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("its memory");
        line.split_whitespace().nth(1).and_then(|number| number.parse::<f64>().ok()).expect("a number") * 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Measured {
    per_second: f64,
    p50: f64,
    p99: f64,
}

impl Measured {
    fn print(&self, what: &str, beside: Option<&Measured>) {
        let (ratio, times) = beside.map_or((1.0, 1.0), |bare| (self.per_second / bare.per_second, self.p99 / bare.p99));
        println!("{what:<44} {:>9.0} {:>9.0} {:>9.0} {ratio:>7.2} {times:>6.2}", self.per_second, self.p50, self.p99);
    }
}

/// One thread keeps so many connections busy: a request on each, then the answers in turn. It is the lightest load that
/// we can make, so that the server, not the load, is what is measured.
fn load(address: &str, token: &str, paths: &[String], span: Duration) -> Measured {
    let requests: Vec<Vec<u8>> = paths
        .iter()
        .map(|path| format!("GET {path} HTTP/1.1\r\nHost: b\r\nAuthorization: Bearer {token}\r\n\r\n").into_bytes())
        .collect();
    let mut connections: Vec<TcpStream> = (0..CONNECTIONS)
        .map(|_| {
            let stream = TcpStream::connect(address).expect("a connection");
            stream.set_nodelay(true).expect("no delay");
            stream
        })
        .collect();
    let mut sent = vec![Instant::now(); CONNECTIONS];
    let (mut buffer, mut turn) = (vec![0; 65_536], 0);
    let mut waits: Vec<u32> = Vec::with_capacity(2_000_000);
    let mut send = |stream: &mut TcpStream| {
        turn += 1;
        stream.write_all(&requests[turn % requests.len()]).expect("a request");
    };
    let warm = Instant::now();
    connections.iter_mut().for_each(&mut send);
    let mut began = Instant::now();
    let mut is_warm = false;
    while began.elapsed() < span {
        if !is_warm && warm.elapsed() > Duration::from_secs(1) {
            (is_warm, began) = (true, Instant::now());
            waits.clear();
        }
        for (stream, at) in connections.iter_mut().zip(&mut sent) {
            read_answer(stream, &mut buffer);
            waits.push(u32::try_from(at.elapsed().as_micros()).unwrap_or(u32::MAX));
            *at = Instant::now();
            send(stream);
        }
    }
    let elapsed = began.elapsed().as_secs_f64();
    connections.iter_mut().for_each(|stream| read_answer(stream, &mut buffer));
    let per_second = waits.len() as f64 / elapsed;
    waits.sort_unstable();
    let at = |part: usize| f64::from(waits[waits.len() * part / 100]);
    Measured { per_second, p50: at(50), p99: at(99) }
}

/// Reads one answer; anything but 200 stops the measurement.
fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).expect("an answer");
        assert!(read > 0, "the connection was closed");
        filled += read;
        let Some(head) = memchr::memmem::find(&buffer[..filled], b"\r\n\r\n") else { continue };
        let text = std::str::from_utf8(&buffer[..head]).expect("a head");
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
        let length =
            text.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if filled >= head + 4 + length.unwrap_or(0_usize) {
            return;
        }
    }
}

/// Files incidents at a steady pace, from the core of the load.
struct Filer {
    stop: std::sync::Arc<AtomicBool>,
    thread: std::thread::JoinHandle<f64>,
}

impl Filer {
    fn start(address: &str, token: &str) -> Self {
        let stop = std::sync::Arc::new(AtomicBool::new(false));
        let (told, address, token) = (stop.clone(), address.to_owned(), token.to_owned());
        let thread = std::thread::spawn(move || {
            let body = serde_json::json!({
                "title": "Order mails go out twice", "severity": "sev3", "site": "shop",
                "occurred_at": "2026-11-20T10:00:00Z", "actual": "Two mails", "expected": "One mail"
            })
            .to_string();
            let request = format!(
                "POST /api/v1/incidents HTTP/1.1\r\nHost: b\r\nAuthorization: Bearer {token}\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            let mut stream = TcpStream::connect(address).expect("a connection");
            let (began, mut filed) = (Instant::now(), 0_u32);
            let mut buffer = vec![0; 65_536];
            while !told.load(Ordering::Relaxed) {
                stream.write_all(request.as_bytes()).expect("a filing");
                let read = stream.read(&mut buffer).expect("an answer");
                assert!(buffer[..read].starts_with(b"HTTP/1.1 201"), "{}", String::from_utf8_lossy(&buffer[..read]));
                filed += 1;
                let due = Duration::from_secs(1) * filed / FILED_PER_SECOND;
                std::thread::sleep(due.saturating_sub(began.elapsed()));
            }
            f64::from(filed) / began.elapsed().as_secs_f64()
        });
        Self { stop, thread }
    }

    fn stop(self) -> f64 {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("the filer")
    }
}
