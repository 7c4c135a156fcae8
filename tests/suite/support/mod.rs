//! What every test starts from: a running app, the cast, and short ways to talk to it.
//!
//! The cast: Ada the administrator, Lena the support lead, Omar the owner, Rita the reporter, Aldo the auditor, all on
//! the site `shop-north`; and Olga the outsider, support lead of another site.

mod client;
mod database;
mod pages;

pub use client::{Api, Browserlike, Reply, hidden};
pub use database::TestDatabase;

use allclear::actions::people::NewPerson;
use allclear::actions::register_automation::{AutomationForm, Operation};
use allclear::actions::register_site::SiteForm;
use allclear::actions::tokens::Holder;
use allclear::actions::{Desk, Limits, people, register_automation, register_site, tokens};
use allclear::clock::Clock;
use allclear::config::Config;
use allclear::domain::automation::{Category, Kind};
use allclear::domain::person::{Actor, Role};
use allclear::domain::site::Versions;
use allclear::{app, web};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Everybody's password in tests.
pub const PASSWORD: &str = "correct horse battery";

/// A running app on port 0 with a database of its own. Everything is gone when it is dropped.
pub struct App {
    /// Where it listens.
    pub address: SocketAddr,
    /// The desk, for what a test does behind the app's back.
    pub desk: Desk,
    /// Its data folder.
    pub data: PathBuf,
    /// The site everybody but the outsider belongs to.
    pub site: String,
    /// The outsider's site.
    pub other_site: String,
    pub admin: String,
    pub lead: String,
    pub owner: String,
    pub reporter: String,
    pub auditor: String,
    pub outsider: String,
    handle: actix_web::dev::ServerHandle,
    thread: Option<std::thread::JoinHandle<()>>,
    folder: tempfile::TempDir,
    database: database::TestDatabase,
}

impl App {
    /// An app with the cast.
    pub fn start() -> Self {
        Self::start_with(Limits::default())
    }

    /// An app with other limits.
    pub fn start_with(limits: Limits) -> Self {
        Self::start_set(|config| config.limits = limits)
    }

    /// An app that people reach under this address, through a proxy.
    pub fn start_at(base_url: &str) -> Self {
        Self::start_set(|config| config.base_url = base_url.to_owned())
    }

    /// An app in which nobody is registered yet.
    pub fn start_empty() -> Self {
        Self::open(|_| ())
    }

    /// An app with other settings.
    pub fn start_set(set: impl FnOnce(&mut Config)) -> Self {
        let mut app = Self::open(set);
        app.add_cast();
        app
    }

    fn open(set: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir_all(&data).unwrap();
        let database = database::TestDatabase::fresh(&data);
        let mut config = Config {
            data: data.clone(),
            database: database.address.clone(),
            listen: "127.0.0.1:0".parse().unwrap(),
            base_url: "http://127.0.0.1:0".into(),
            key_file: folder.path().join("key"),
            smtp_url: None,
            smtp_ca: None,
            mail_from: "allclear@example.org".into(),
            metrics_token: None,
            limits: Limits::default(),
        };
        set(&mut config);
        let desk = app::open(&config, None, Clock::default()).unwrap();
        let (address, handle, thread) = serve(desk.clone(), &config);
        Self {
            address,
            desk,
            data,
            site: "shop-north".into(),
            other_site: "shop-south".into(),
            admin: "ada@example.org".into(),
            lead: "lena@example.org".into(),
            owner: "omar@example.org".into(),
            reporter: "rita@example.org".into(),
            auditor: "aldo@example.org".into(),
            outsider: "olga@example.org".into(),
            handle,
            thread: Some(thread),
            folder,
            database,
        }
    }

    fn add_cast(&mut self) {
        let system = Actor::System("test");
        for (slug, name) in [(&self.site, "Shop North"), (&self.other_site, "Shop South")] {
            let form = SiteForm {
                slug: slug.clone(),
                name: name.into(),
                production_url: format!("https://{slug}.example.com"),
                time_zone: "Europe/Berlin".into(),
                versions: Versions {
                    sophmate: Some("3.2.1".into()),
                    wordpress: Some("6.9".into()),
                    php: Some("8.3.14".into()),
                    woocommerce: Some("10.1".into()),
                    theme: None,
                },
                ..SiteForm::default()
            };
            register_site::create(&self.desk, &system, form).unwrap();
        }
        for (email, name, role, site) in [
            (&self.admin, "Ada", Role::Administrator, None),
            (&self.lead, "Lena", Role::SupportLead, Some(&self.site)),
            (&self.owner, "Omar", Role::Owner, Some(&self.site)),
            (&self.reporter, "Rita", Role::Reporter, Some(&self.site)),
            (&self.auditor, "Aldo", Role::Auditor, Some(&self.site)),
            (&self.outsider, "Olga", Role::SupportLead, Some(&self.other_site)),
        ] {
            let person = NewPerson {
                email: email.clone(),
                name: name.into(),
                role,
                sites: site.into_iter().cloned().collect(),
                password: PASSWORD.into(),
            };
            people::add(&self.desk, &system, &person).unwrap();
        }
    }

    /// A complete automation on the site, owned by Omar; returns its slug.
    pub fn automation(&self, slug: &str) -> String {
        let text = |text: &str| Some(text.to_owned());
        let form = AutomationForm {
            slug: slug.into(),
            name: slug.replace('-', " "),
            kind: Kind::Workflow,
            category: Category::Commerce,
            site: self.site.clone(),
            owner: Some(self.owner.clone()),
            trigger: text("a new order"),
            input_scope: text("the order"),
            expected_output: text("one mail to the customer"),
            approval_gate: text("none for reading"),
            retry_limit: Some(3),
            notification_path: text("support channel"),
            pause_rule: text("two failures in an hour"),
            rollback_path: text("send a correction"),
            operation: Operation::default(),
        };
        register_automation::create(&self.desk, &Actor::System("test"), form).unwrap().slug
    }

    /// A person of the cast, as an actor.
    pub fn actor(&self, email: &str) -> Actor {
        self.desk
            .read(|connection| {
                let row = allclear::store::people::by_email(connection, email)?.unwrap();
                Ok(Actor::Person(allclear::store::people::as_actor(connection, &row)?))
            })
            .unwrap()
    }

    /// A token with all of a person's role.
    pub fn token(&self, email: &str) -> String {
        let holder = Holder::Person(email.to_owned());
        tokens::add(&self.desk, &Actor::System("test"), &holder, "test", Vec::new(), None).unwrap()
    }

    /// The token of an automation.
    pub fn automation_token(&self, slug: &str) -> String {
        let holder = Holder::Automation(slug.to_owned());
        tokens::add(&self.desk, &Actor::System("test"), &holder, "test", Vec::new(), None).unwrap()
    }

    /// The API with this token.
    pub fn api(&self, token: &str) -> Api {
        Api::new(self.address, token)
    }

    /// A browser without JavaScript in which this person has signed in.
    pub fn signed_in(&self, email: &str) -> Browserlike {
        let browser = Browserlike::new(self.address);
        browser.sign_in(email, PASSWORD);
        browser
    }

    /// A browser in which nobody has signed in.
    pub fn visitor(&self) -> Browserlike {
        Browserlike::new(self.address)
    }

    /// Now, as the API takes it.
    pub fn now_text(&self) -> String {
        self.desk.now().rfc3339()
    }

    /// Files a minimal incident as Lena; returns its reference.
    pub fn incident(&self, title: &str) -> String {
        let filed = self.api(&self.token(&self.lead)).post(
            "/incidents",
            &serde_json::json!({ "title": title, "severity": "sev3", "site": self.site, "occurred_at": self.now_text() }),
        );
        assert_eq!(filed.status, 201, "{}", filed.body);
        filed.json["reference"].as_str().unwrap().to_owned()
    }

    /// Files an incident with every mandatory fact; returns its reference.
    pub fn complete_incident(&self, title: &str) -> String {
        let filed = self.api(&self.token(&self.lead)).post(
            "/incidents",
            &serde_json::json!({
                "title": title, "severity": "sev2", "site": self.site, "occurred_at": self.now_text(),
                "affected_user": "shop manager", "affected_screen": "WooCommerce > Orders",
                "versions": { "sophmate": "3.2.1", "wordpress": "6.9", "php": "8.3.14" },
                "steps": ["Open the order", "Press resend"], "expected": "One mail", "actual": "Two mails",
                "error_report_none": true
            }),
        );
        assert_eq!(filed.status, 201, "{}", filed.body);
        filed.json["reference"].as_str().unwrap().to_owned()
    }

    /// Waits until no background work is left.
    pub fn settle(&self) {
        for _ in 0..200 {
            if !allclear::jobs::run_next(&self.desk).unwrap_or(true) && self.no_jobs_left() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        panic!("background work does not end");
    }

    fn no_jobs_left(&self) -> bool {
        self.desk.read(|connection| Ok(allclear::store::jobs::count(connection)? == 0)).unwrap()
    }

    /// The audit chain and every row it speaks of hold.
    pub fn assert_audit_holds(&self) {
        let verification = self.desk.read(|connection| Ok(allclear::store::audit::verify(connection)?)).unwrap();
        assert_eq!(verification.differences, Vec::<String>::new());
    }

    /// Where its database is.
    pub fn key_file(&self) -> PathBuf {
        self.folder.path().join("key")
    }

    pub fn address_of_database(&self) -> &allclear::store::Address {
        &self.database.address
    }

    /// Changes rows behind the chain's back.
    pub fn tamper(&self, sql: &str) {
        use diesel::connection::SimpleConnection;
        self.database.address.open().unwrap().batch_execute(sql).unwrap();
    }

    /// The number that a query with one column `number` finds.
    pub fn number(&self, sql: &str) -> i64 {
        use diesel::RunQueryDsl;
        #[derive(diesel::QueryableByName)]
        struct Found {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            number: i64,
        }
        let mut connection = self.database.address.open().unwrap();
        diesel::sql_query(sql).get_result::<Found>(&mut connection).unwrap().number
    }

    /// The texts that a query with one column `text` finds.
    pub fn texts(&self, sql: &str) -> Vec<String> {
        use diesel::RunQueryDsl;
        #[derive(diesel::QueryableByName)]
        struct Found {
            #[diesel(sql_type = diesel::sql_types::Text)]
            text: String,
        }
        let mut connection = self.database.address.open().unwrap();
        let found: Vec<Found> = diesel::sql_query(sql).load(&mut connection).unwrap();
        found.into_iter().map(|found| found.text).collect()
    }

    /// Is its database a file?
    pub fn is_sqlite(&self) -> bool {
        matches!(self.database.address, allclear::store::Address::Sqlite(_))
    }

    /// Every file in the data folder, with its bytes.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        fn walk(folder: &std::path::Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, found);
                } else {
                    found.push((path.clone(), std::fs::read(&path).unwrap()));
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.data, &mut found);
        found
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let stop = self.handle.stop(false);
        std::thread::spawn(move || actix_web::rt::System::new().block_on(stop)).join().unwrap();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(desk: Desk, config: &Config) -> (SocketAddr, actix_web::dev::ServerHandle, std::thread::JoinHandle<()>) {
    let settings =
        web::Settings { base_url: config.base_url.clone(), demo: false, demo_logins: Vec::new(), metrics_token: None };
    let listen = config.listen;
    let (tell, told) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let running = app::bind(desk, listen, settings).unwrap();
            tell.send((running.address, running.server.handle())).unwrap();
            running.server.await.unwrap();
        });
    });
    let (address, handle) = told.recv().unwrap();
    (address, handle, thread)
}
