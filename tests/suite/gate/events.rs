//! `GET /api/v1/gate-events`.

use super::{Elsewhere, wait_until};
use crate::support::App;
use allclear::domain::automation::RunScope;
use allclear::store::{Verb, automations};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

/// A stream that is read line by line, by hand: what a script in any language would do.
pub struct Stream {
    pub status: String,
    events: mpsc::Receiver<Option<(String, Value)>>,
}

impl Stream {
    pub fn open(address: SocketAddr, token: &str, query: &str) -> Self {
        let mut socket = TcpStream::connect(address).unwrap();
        write!(
            socket,
            "GET /api/v1/gate-events{query} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {token}\r\n\r\n"
        )
        .unwrap();
        let mut reader = BufReader::new(socket);
        let mut status = String::new();
        reader.read_line(&mut status).unwrap();
        let (tell, events) = mpsc::channel();
        std::thread::spawn(move || {
            let mut kind = String::new();
            for line in reader.lines().map_while(Result::ok) {
                if let Some(word) = line.strip_prefix("event: ") {
                    kind = word.to_owned();
                }
                if let Some(data) = line.strip_prefix("data: ") {
                    let _ = tell.send(Some((kind.clone(), serde_json::from_str(data).unwrap())));
                }
                // The last chunk: the stream was ended, not torn.
                if line == "0" {
                    let _ = tell.send(None);
                    return;
                }
            }
        });
        Self { status: status.trim().to_owned(), events }
    }

    /// The next event of production.
    #[track_caller]
    pub fn next(&self) -> (String, Value) {
        loop {
            let event = self.events.recv_timeout(Duration::from_secs(5)).expect("an event").expect("no end");
            if event.1["environment"] == "production" {
                return event;
            }
        }
    }

    #[track_caller]
    pub fn ends(&self) {
        loop {
            match self.events.recv_timeout(Duration::from_secs(10)).expect("the end of the stream") {
                Some(_) => {}
                None => return,
            }
        }
    }
}

#[test]
fn whoever_listens_hears_how_things_stand_and_what_changes() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let admin = app.api(&app.token(&app.admin));
    let stream = Stream::open(app.address, &app.automation_token(&slug), "");
    assert!(stream.status.contains("200"), "{}", stream.status);
    let (kind, first) = stream.next();
    assert_eq!((kind.as_str(), &first["automation"], &first["scope"]), ("opened", &json!(slug), &json!("read_only")));
    assert!(first["at"].as_str().unwrap().ends_with('Z'));

    let paused = admin.post("/switches/all/pauses", &json!({}));
    let (kind, closed) = stream.next();
    assert_eq!((kind.as_str(), &closed["verdict"], &closed["scope"]), ("closed", &json!("closed"), &Value::Null));
    let id = paused.json["id"].as_str().unwrap();
    assert_eq!(admin.post(&format!("/pauses/{id}/release"), &json!({ "reason": "fine" })).status, 200);
    assert_eq!(stream.next().0, "opened");

    let elsewhere = Elsewhere::of(&app);
    for (scope, told) in [(RunScope::Normal, "opened"), (RunScope::Narrow, "narrowed")] {
        elsewhere.write(&app, move |tx| {
            let mut row = automations::by_slug(tx.connection(), "order-mails")?.unwrap();
            row.scope = scope;
            tx.update(Verb::Changed, &row)
        });
        let (kind, event) = stream.next();
        assert_eq!((kind.as_str(), event["scope"].as_str()), (told, Some(scope.as_str())));
    }
}

#[test]
fn only_what_is_theirs_to_ask_is_told() {
    let app = App::start();
    let (slug, other) = (app.automation("order-mails"), app.automation("restock"));
    let admin = app.api(&app.token(&app.admin));
    let own = Stream::open(app.address, &app.automation_token(&slug), "");
    let one = Stream::open(app.address, &app.token(&app.lead), &format!("?automation={other}&environment=production"));
    assert_eq!(own.next().1["automation"], slug.as_str());
    assert_eq!(one.next().1["automation"], other.as_str());
    for slug in [&other, &slug] {
        assert_eq!(admin.post(&format!("/automations/{slug}/pauses"), &json!({})).status, 201);
    }
    assert_eq!(own.next().1["automation"], slug.as_str());
    assert_eq!(one.next().1["automation"], other.as_str());
    assert_eq!(app.api(&app.token(&app.outsider)).get(&format!("/gate-events?automation={slug}")).status, 404);
    assert_eq!(app.api(&app.token(&app.auditor)).get("/gate-events").status, 403);
    assert_eq!(app.api("").get("/gate-events").status, 401);
    assert_eq!(admin.get("/gate-events?automation=none-such").status, 404);
    assert_eq!(admin.get("/gate-events?environment=moon").fields(), ["environment"]);
    assert_eq!(admin.post("/gate-events", &json!({})).status, 405);
}

#[test]
fn a_gate_that_cannot_be_vouched_for_ends_the_streams() {
    let app = App::start();
    let token = app.automation_token(&app.automation("order-mails"));
    let stream = Stream::open(app.address, &token, "");
    stream.next();
    app.tamper("ALTER TABLE audit_head RENAME TO audit_head_away");
    stream.ends();
    app.tamper("ALTER TABLE audit_head_away RENAME TO audit_head");
    wait_until("listening is possible again", || app.desk.gate.is_fresh());
    Stream::open(app.address, &token, "").next();
}

#[test]
fn a_server_that_stops_ends_the_streams_and_a_new_key_is_taken_up_while_it_runs() {
    let place = crate::cli::Installation::new();
    let token = place.person("ada@example.org", "administrator");
    let server = place.serve();
    let key = || {
        let keys = server.visitor().get("/.well-known/allclear-keys.json").json;
        let mut current = keys["keys"].as_array().unwrap().iter().filter(|key| key["retired_at"].is_null());
        let kid = current.next().unwrap()["kid"].as_str().unwrap().to_owned();
        assert!(current.next().is_none(), "one key signs");
        kid
    };
    let stream = Stream::open(server.address, &token, "");
    assert!(stream.status.contains("200"), "{}", stream.status);
    let before = key();
    let rotated = place.run(&["keys", "rotate"]).with(0).text;
    assert_ne!(key(), before);
    assert!(rotated.contains(&format!("New key: {}", key())) && rotated.contains(&format!("Retired: {before}")));
    server.terminate();
    stream.ends();
    place.run(&["audit", "verify"]).with(0);
}
