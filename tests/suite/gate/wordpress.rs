//! The WordPress client, run by Debian's `php`: fail closed, and offline while a lease is good.

use super::fake::Fake;
use super::{forged, lease_json};
use crate::support::App;
use serde_json::json;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

/// Runs PHP with the plugin loaded; returns what it prints.
fn php(address: SocketAddr, token: &str, script: &str) -> String {
    let plugin = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/wordpress/allclear-gate.php");
    let code = format!(
        "error_reporting(E_ALL); ini_set('display_errors', 'stdout'); \
         define('ALLCLEAR_BASE_URL', 'http://{address}'); define('ALLCLEAR_TOKEN', '{token}'); \
         function add_filter($name, $f) {{ $GLOBALS['filters'][$name] = $f; }} \
         function say($may) {{ echo $may === true ? 'yes ' : ($may === false ? 'no ' : 'what? '); }} \
         require '{}'; {script}",
        plugin.display()
    );
    let output = Command::new("php").args(["-n", "-r", &code]).output().expect("php");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

const ASK: &str = "say(allclear_may_run('order-mails'));";

#[test]
#[ignore = "needs php: tests/run installs it"]
fn an_open_gate_lets_it_run_and_nothing_else_does() {
    let app = App::start();
    let token = app.automation_token(&app.automation("order-mails"));
    app.automation("restock");
    let asks = "say(allclear_may_run('order-mails')); say(allclear_may_run('order-mails', 'staging')); \
        say($GLOBALS['filters']['allclear_may_run'](false, 'order-mails')); \
        say(allclear_may_run('order-mails', 'production', 'normal')); say(allclear_may_run('restock')); \
        say(allclear_may_run('none-such')); say(allclear_may_run('../etc')); say(allclear_may_run(null)); \
        say(allclear_may_run('order-mails', 'moon')); say(allclear_may_run(['order-mails'])); \
        say($GLOBALS['filters']['allclear_may_run'](true));";
    assert_eq!(php(app.address, &token, asks), "yes yes yes no no no no no no no no");
    assert_eq!(php(app.address, "allclear_wrong", ASK), "no");
    assert_eq!(php(app.address, "", ASK), "no");
    assert_eq!(app.api(&token).post("/automations/order-mails/pauses", &json!({})).status, 201);
    assert_eq!(php(app.address, &token, ASK), "no");
    let address = app.address;
    drop(app);
    assert_eq!(php(address, &token, ASK), "no", "the server is gone");
}

#[test]
#[ignore = "needs php: tests/run installs it"]
fn a_lease_is_good_until_it_ends_without_asking_again() {
    let app = App::start();
    let token = app.automation_token(&app.automation("order-mails"));
    let before = app.desk.gate.asks().open;
    assert_eq!(php(app.address, &token, &ASK.repeat(5)), "yes yes yes yes yes");
    assert_eq!(app.desk.gate.asks().open - before, 1);
    let keys = app.visitor().get("/.well-known/allclear-keys.json").body;
    let now = app.desk.now().utc().timestamp();
    let lease = lease_json(&app, json!({ "iat": now, "exp": now + 2 }));
    let server = Fake::start(move |line| match line {
        "GET /.well-known/allclear-keys.json" => (200, keys.clone()),
        _ => (200, json!({ "verdict": "open", "lease": lease }).to_string()),
    });
    // The same lease comes again: it is over by then, but for the skew, and a kept one gets none.
    let script = format!("define('ALLCLEAR_LEASE_SKEW_SECONDS', 0); {ASK} {ASK} sleep(3); {ASK}");
    assert_eq!(php(server.address, "allclear_t", &script), "yes yes no");
}

#[test]
#[ignore = "needs php: tests/run installs it"]
fn what_an_impostor_says_opens_nothing() {
    let app = App::start();
    let keys = app.visitor().get("/.well-known/allclear-keys.json").body;
    let good = lease_json(&app, json!({}));
    let open = |lease: &str| (200, json!({ "verdict": "open", "lease": lease }).to_string());
    let cases = [
        (open(&good), "yes"),
        (open(&forged(&good)), "no"),
        (open(&lease_json(&app, json!({ "sub": "restock" }))), "no"),
        (open(&lease_json(&app, json!({ "environment": "staging" }))), "no"),
        (open(&lease_json(&app, json!({ "iat": 1_000, "exp": 1_060 }))), "no"),
        (open(&lease_json(&app, json!({ "iat": 9_000_000_000_i64, "exp": 9_000_000_060_i64 }))), "no"),
        (open(&App::start().desk.signer.sign_token("allclear-lease+jwt", &json!({}))), "no"),
        (open(""), "no"),
        (open("a.b.c"), "no"),
        ((200, "{\"verdict\":\"open\"}".into()), "no"),
        ((200, "not json".into()), "no"),
        ((200, json!({ "verdict": "closed", "lease": good }).to_string()), "no"),
        ((201, json!({ "verdict": "open", "lease": good }).to_string()), "no"),
        ((302, json!({ "verdict": "open", "lease": good }).to_string()), "no"),
        ((423, json!({ "verdict": "open", "lease": good }).to_string()), "no"),
    ];
    for (number, ((status, body), said)) in cases.into_iter().enumerate() {
        let keys = keys.clone();
        let server = Fake::start(move |line| match line {
            "GET /.well-known/allclear-keys.json" => (200, keys.clone()),
            _ => (status, body.clone()),
        });
        assert_eq!(php(server.address, "allclear_t", ASK), said, "case {number}");
    }
}
