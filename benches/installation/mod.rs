//! What a measurement starts from: an installation in a folder, and the real program serving it.

use allclear::actions::people::NewPerson;
use allclear::actions::register_site::SiteForm;
use allclear::actions::{Desk, Limits, people, register_site};
use allclear::app;
use allclear::clock::Clock;
use allclear::config::Config;
use allclear::domain::person::{Actor, Role};
use allclear::store::Address;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// Who prepares a measurement.
pub const ACTOR: Actor = Actor::System("bench");
/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery";

/// An installation without anything in it. The folder must be on a disk: memory commits for nothing.
pub fn open(folder: &Path) -> Desk {
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
    app::open(&config, None, Clock::default()).expect("an installation")
}

/// A site.
pub fn add_site(desk: &Desk, slug: &str) {
    let form = SiteForm {
        slug: slug.into(),
        name: slug.into(),
        production_url: format!("https://{slug}.example.com"),
        time_zone: "UTC".into(),
        ..SiteForm::default()
    };
    register_site::create(desk, &ACTOR, form).expect("a site");
}

/// A support lead of these sites, of all when there are none; returns the address.
pub fn add_lead(desk: &Desk, name: &str, sites: &[&str]) -> String {
    let email = format!("{name}@example.org");
    let person = NewPerson {
        email: email.clone(),
        name: name.into(),
        role: Role::SupportLead,
        sites: sites.iter().map(|site| (*site).to_owned()).collect(),
        password: PASSWORD.into(),
    };
    people::add(desk, &ACTOR, &person).expect("a person");
    email
}

/// The real program in a process of its own.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: String,
    /// When it was started.
    pub started: Instant,
}

impl Server {
    /// Starts it; it is killed when this is dropped.
    pub fn start(folder: &Path) -> Self {
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

    /// Waits until the work of the start is done, such as the check of the whole audit chain: until the server takes less
    /// than a fiftieth of a core.
    pub fn rest(&self) {
        let ticks = || -> u64 {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("its times");
            // Behind the name in brackets: user and system time are fields 14 and 15 (proc(5)).
            let (_, fields) = stat.rsplit_once(')').expect("a name");
            fields.split_whitespace().skip(11).take(2).map(|field| field.parse::<u64>().expect("a number")).sum()
        };
        loop {
            let before = ticks();
            std::thread::sleep(std::time::Duration::from_secs(1));
            if ticks() - before < 2 {
                return;
            }
        }
    }

    /// Bytes of memory resident now.
    pub fn resident(&self) -> u64 {
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
