//! `allclear gate run AUTOMATION -- COMMAND`: no lease, no run.

use super::fake::Fake;
use super::{forged, lease_json, wait_until};
use crate::cli::{Ended, binary, run};
use crate::support::App;
use allclear::actions::Limits;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

fn guarded(address: SocketAddr, token: &str, arguments: &[&str]) -> Command {
    let mut command = binary();
    command
        .args(["gate", "run"])
        .args(arguments)
        .env("ALLCLEAR_BASE_URL", format!("http://{address}"))
        .env("ALLCLEAR_TOKEN", token);
    command
}

/// Its code, whatever it says of the report.
fn ended(command: Command) -> Ended {
    run(command, b"")
}

/// Ends, within so many seconds, with this code.
#[track_caller]
fn ends_with(mut child: Child, code: i32, seconds: u64) -> String {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            let output = child.wait_with_output().unwrap();
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(status.code(), Some(code), "{errors}");
            return errors;
        }
        assert!(began.elapsed() < Duration::from_secs(seconds), "it does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Starts a command that writes to `file` ten times a second; returns once it has begun.
fn start_ticking(address: SocketAddr, token: &str, options: &[&str], before: &str, file: &std::path::Path) -> Child {
    let script = format!("{before} while :; do echo tick >> '{}'; sleep 0.1; done", file.display());
    let mut arguments = vec!["order-mails"];
    arguments.extend(options);
    arguments.extend(["--", "sh", "-c", script.as_str()]);
    let child = guarded(address, token, &arguments).spawn().unwrap();
    wait_until("the command runs", || file.exists());
    child
}

#[track_caller]
fn assert_silent(file: &std::path::Path) {
    let size = file.metadata().unwrap().len();
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(file.metadata().unwrap().len(), size, "the command still runs");
}

#[test]
fn an_open_gate_lets_the_command_run_and_its_code_is_ours() {
    let app = App::start();
    let token = app.automation_token(&app.automation("order-mails"));
    let script = "echo $ALLCLEAR_SCOPE; echo $ALLCLEAR_LEASE | tr -cd . ; exit 3";
    let ran = ended(guarded(app.address, &token, &["order-mails", "--", "sh", "-c", script]));
    assert_eq!((ran.code, ran.text.as_str()), (3, "read_only\n.."), "{}", ran.errors);
    assert_eq!(ended(guarded(app.address, &token, &["order-mails", "--", "true"])).code, 0);
    let staging = guarded(app.address, &token, &["order-mails", "--environment", "staging", "--", "true"]);
    assert_eq!(ended(staging).code, 0);
    assert_eq!(ended(guarded(app.address, &token, &["order-mails", "--", "sh", "-c", "kill -9 $$"])).code, 137);
}

#[test]
fn a_closed_gate_starts_nothing_and_says_why() {
    let app = App::start();
    let token = app.automation_token(&app.automation("order-mails"));
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("ran");
    let touch = ["order-mails", "--", "touch", file.to_str().unwrap()];
    let wide = ["order-mails", "--scope", "normal", "--", "touch", file.to_str().unwrap()];
    ended(guarded(app.address, &token, &wide)).refused(1, "opens read_only only");
    let paused = app.api(&token).post("/automations/order-mails/pauses", &json!({ "reason": "mails go out twice" }));
    assert_eq!(paused.status, 201);
    ended(guarded(app.address, &token, &touch)).refused(1, "mails go out twice");
    ended(guarded(app.address, "allclear_wrong", &touch)).refused(2, "401");
    ended(guarded(app.address, &token, &["none-such", "--", "touch", file.to_str().unwrap()])).refused(2, "404");
    ended(guarded(app.address, &token, &["../etc", "--", "true"])).refused(2, "no slug");
    let mut nobody = guarded(app.address, &token, &touch);
    nobody.env_remove("ALLCLEAR_TOKEN");
    ended(nobody).refused(2, "ALLCLEAR_TOKEN");
    let mut open = guarded(app.address, &token, &touch);
    open.env("ALLCLEAR_BASE_URL", "http://allclear.example.org");
    ended(open).refused(2, "ALLCLEAR_BASE_URL");
    assert_eq!(ended(guarded(app.address, &token, &["order-mails"])).code, 2);
    let address = app.address;
    drop(app);
    assert_eq!(ended(guarded(address, &token, &touch)).code, 2);
    assert!(!file.exists());
}

#[test]
fn a_gate_that_closes_stops_the_command_and_all_its_children() {
    let app = App::start();
    let token = app.automation_token(&app.automation("order-mails"));
    let place = tempfile::tempdir().unwrap();
    let (willing, stubborn) = (place.path().join("willing"), place.path().join("stubborn"));
    let first = start_ticking(app.address, &token, &[], "", &willing);
    let second = start_ticking(app.address, &token, &["--grace", "1"], "trap '' TERM;", &stubborn);
    assert_eq!(app.api(&token).post("/automations/order-mails/pauses", &json!({})).status, 201);
    assert!(ends_with(first, 1, 8).contains("stopped"));
    ends_with(second, 1, 8);
    assert_silent(&willing);
    assert_silent(&stubborn);
}

#[test]
fn against_the_real_server_a_pause_is_heard_of_and_every_run_is_on_record() {
    let app = App::start();
    let token = app.automation_token(&app.automation("order-mails"));
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("ticks");
    let what = ["order-mails", "--what", "sent mails", "--", "true"];
    assert_eq!(ended(guarded(app.address, &token, &what)).code, 0);
    // It asks so seldom that only the server's events can tell it in time.
    let child = start_ticking(app.address, &token, &["--every", "25"], "", &file);
    wait_until("it listens", || app.desk.gate.listeners() > 0);
    let pause = json!({ "reason": "mails go out twice" });
    assert_eq!(app.api(&token).post("/automations/order-mails/pauses", &pause).status, 201);
    assert!(ends_with(child, 1, 8).contains("mails go out twice"));
    assert_silent(&file);
    let runs = app.api(&app.token(&app.lead)).get("/automations/order-mails/runs").json["items"].clone();
    let told =
        |at: usize| (runs[at]["outcome"].clone(), runs[at]["gate_closed"].clone(), runs[at]["incomplete"].clone());
    assert_eq!(told(0), (json!("stopped"), json!(false), json!(false)), "{runs}");
    assert_eq!(told(1), (json!("success"), json!(false), json!(false)), "{runs}");
    assert!(
        runs[0]["why"].as_str().unwrap().contains("mails go out twice") && runs[1]["what"] == "sent mails",
        "{runs}"
    );
    app.assert_audit_holds();
}

#[test]
fn a_server_that_is_gone_stops_the_command_when_the_lease_ends() {
    let app = App::start_with(Limits { lease_seconds: 5, ..Limits::default() });
    let token = app.automation_token(&app.automation("order-mails"));
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("ticks");
    let child = start_ticking(app.address, &token, &[], "", &file);
    drop(app);
    let errors = ends_with(child, 2, 20);
    assert!(errors.contains("no lease any more"), "{errors}");
    assert_silent(&file);
}

#[test]
fn a_signal_to_us_reaches_the_command() {
    let app = App::start();
    let token = app.automation_token(&app.automation("order-mails"));
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("ticks");
    let child = start_ticking(app.address, &token, &[], "", &file);
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    ends_with(child, 143, 8);
    assert_silent(&file);
}

#[test]
fn a_signal_reaches_the_command_from_its_first_moment_on() {
    let app = App::start();
    let token = app.automation_token(&app.automation("order-mails"));
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("ticks");
    let at_once = format!("touch '{}'; kill -TERM $PPID;", file.display());
    ends_with(start_ticking(app.address, &token, &[], &at_once, &file), 143, 8);
    assert_silent(&file);
}

#[test]
fn a_pause_that_lets_running_work_finish_lets_it_finish_unless_it_is_changed() {
    let app = App::start_with(Limits { lease_seconds: 5, ..Limits::default() });
    let token = app.automation_token(&app.automation("order-mails"));
    let place = tempfile::tempdir().unwrap();
    let (done, ticks) = (place.path().join("done"), place.path().join("ticks"));
    // It outlives its lease, and ends when it is told so, with a code of its own.
    let script = format!("until [ -e '{}' ]; do sleep 0.1; done; exit 3", done.display());
    let first = guarded(app.address, &token, &["order-mails", "--", "sh", "-c", &script]).spawn().unwrap();
    let second = start_ticking(app.address, &token, &[], "", &ticks);
    wait_until("both hold a lease", || app.desk.gate.listeners() > 1);
    let lena = app.api(&app.token(&app.lead));
    let pause = json!({ "reason": "The stock is counted.", "fates": { "running": "finish" } });
    let id = lena.post("/automations/order-mails/pauses", &pause).json["id"].as_str().unwrap().to_owned();
    std::thread::sleep(Duration::from_secs(7));
    std::fs::write(&done, "").unwrap();
    ends_with(first, 3, 8);
    let runs = || lena.get("/automations/order-mails/runs").json["items"].clone();
    assert_eq!((&runs()[0]["outcome"], &runs()[0]["gate_closed"]), (&json!("failure"), &json!(false)), "{}", runs());
    let incidents = lena.get("/incidents").json["items"].as_array().unwrap().len();
    assert_eq!(incidents, 0, "a run that was let finish is no reason for an incident");
    // Somebody thinks again: now it stops.
    assert_eq!(lena.post(&format!("/pauses/{id}/fates"), &json!({ "running": "stop" })).status, 200);
    assert!(ends_with(second, 1, 8).contains("stopped"));
    assert_silent(&ticks);
    ended(guarded(app.address, &token, &["order-mails", "--", "true"])).refused(1, "The stock is counted");
}

#[test]
fn a_server_that_cannot_vouch_for_what_it_knows_starts_nothing_and_stops_nothing_while_a_lease_is_good() {
    let app = App::start();
    let keys = app.visitor().get("/.well-known/allclear-keys.json").body;
    let stale = Arc::new(AtomicBool::new(false));
    let (lease, is_stale) = (lease_json(&app, json!({})), stale.clone());
    let server = Fake::start(move |line| match line {
        "GET /.well-known/allclear-keys.json" => (200, keys.clone()),
        "POST /api/v1/automations/order-mails/runs" => (201, "{}".into()),
        _ if is_stale.load(Ordering::Relaxed) => {
            (423, json!({ "reasons": [{ "code": "gate_stale", "message": "Stale.", "who": "x" }] }).to_string())
        }
        _ => (200, json!({ "verdict": "open", "lease": lease }).to_string()),
    });
    let place = tempfile::tempdir().unwrap();
    let (begun, done) = (place.path().join("begun"), place.path().join("done"));
    let script = format!("touch '{}'; until [ -e '{}' ]; do sleep 0.1; done", begun.display(), done.display());
    let options = ["order-mails", "--every", "1", "--", "sh", "-c", &script];
    let child = guarded(server.address, "allclear_t", &options).spawn().unwrap();
    wait_until("the command runs", || begun.exists());
    stale.store(true, Ordering::Relaxed);
    let asked = || server.requests.lock().unwrap().iter().filter(|(line, _)| line.contains("/gate/")).count();
    let before = asked();
    wait_until("it was told twice that the server is behind", || asked() >= before + 2);
    std::fs::write(&done, "").unwrap();
    ends_with(child, 0, 8);
    ended(guarded(server.address, "allclear_t", &["order-mails", "--", "true"])).refused(1, "Stale.");
}

/// A server with the real keys of `app` that says what a test wants, and takes every report.
fn fake(app: &App, lease: String, open: Arc<AtomicBool>) -> Fake {
    let keys = app.visitor().get("/.well-known/allclear-keys.json").body;
    Fake::start(move |line| match line {
        "GET /.well-known/allclear-keys.json" => (200, keys.clone()),
        "POST /api/v1/automations/order-mails/runs" => (201, "{}".into()),
        _ if open.load(Ordering::Relaxed) => (200, json!({ "verdict": "open", "lease": lease }).to_string()),
        _ => (423, json!({ "reasons": [{ "code": "paused", "message": "Paused.", "who": "owner" }] }).to_string()),
    })
}

#[test]
fn a_run_is_reported_with_what_its_outcome_asks_for() {
    let app = App::start();
    let open = Arc::new(AtomicBool::new(true));
    let server = fake(&app, lease_json(&app, json!({})), open.clone());
    let go = |script: &str| {
        let options = ["order-mails", "--what", "sent mails", "--contact", "Omar", "--", "sh", "-c", script];
        ended(guarded(server.address, "allclear_t", &options))
    };
    assert_eq!(go("exit 0").code, 0);
    assert_eq!(go("exit 3 # a-private-argument").code, 3);
    let place = tempfile::tempdir().unwrap();
    let child = start_ticking(server.address, "allclear_t", &[], "", &place.path().join("ticks"));
    open.store(false, Ordering::Relaxed);
    ends_with(child, 1, 10);
    let reports = server.reports();
    let outcomes: Vec<&str> = reports.iter().map(|run| run["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["success", "failure", "stopped"]);
    let facts = (&reports[0]["what"], &reports[0]["environment"], &reports[0]["error"]);
    assert_eq!(facts, (&json!("sent mails"), &json!("production"), &Value::Null));
    let error = &reports[1]["error"];
    assert_eq!(
        (&error["code"], &error["step"], &error["next_contact"]),
        (&json!("exit_3"), &json!("sh"), &json!("Omar"))
    );
    assert!(error["input"].is_string() && reports[2]["why"].as_str().unwrap().contains("Paused."));
    assert!(reports.iter().all(|run| run["run_id"].as_str().unwrap().len() == 32));
    assert!(!reports[1].to_string().contains("a-private-argument"), "arguments are not reported");
}

#[test]
fn a_lease_that_does_not_hold_starts_nothing() {
    let app = App::start();
    let good = lease_json(&app, json!({}));
    for (lease, words) in [
        (forged(&good), "forged"),
        (lease_json(&app, json!({ "sub": "restock" })), "another automation"),
        (lease_json(&app, json!({ "environment": "staging" })), "another environment"),
        (lease_json(&app, json!({ "iat": 1_000, "exp": 1_060 })), "expired"),
        (lease_json(&app, json!({ "iat": 9_000_000_000_i64, "exp": 9_000_000_060_i64 })), "not valid yet"),
        (String::new(), "no lease"),
    ] {
        let server = fake(&app, lease, Arc::new(AtomicBool::new(true)));
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("ran");
        let touch = ["order-mails", "--", "touch", file.to_str().unwrap()];
        ended(guarded(server.address, "allclear_t", &touch)).refused(2, words);
        assert!(!file.exists(), "{words}");
    }
}
