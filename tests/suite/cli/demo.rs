//! `allclear demo`.

use super::{Server, binary, run};
use std::process::Command;

/// The demo, listening there.
pub fn demo(listen: &str) -> Command {
    let mut command = binary();
    command.arg("demo").env("ALLCLEAR_LOG", "off");
    if !listen.is_empty() {
        command.env("ALLCLEAR_LISTEN", listen);
    }
    command
}

#[test]
fn every_printed_login_works_and_all_is_gone_in_the_end() {
    let place = tempfile::tempdir().unwrap();
    let mut command = demo("127.0.0.1:0");
    // Settings of a real installation do not count, and nothing is made where they point.
    command.env("TMPDIR", place.path()).env("ALLCLEAR_DATA", place.path().join("real")).current_dir(place.path());
    command.env("ALLCLEAR_DATABASE_URL", "postgres://nobody@127.0.0.1:1/none").env("ALLCLEAR_KEY_FILE", "/none/key");
    let server = Server::start(command);
    let printed = server.wait_for("auditor");
    let logins: Vec<Vec<&str>> = printed
        .lines()
        .filter(|line| line.contains("@allclear.example"))
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(logins.len(), 5, "{printed}");
    for login in &logins {
        server.visitor().sign_in(login[1], login[2]);
    }
    let shown = server.visitor().get("/login").body;
    assert!(shown.contains(logins[0][2]), "the sign-in page shows the logins");
    assert!(!place.path().join("real").exists());

    server.stop();
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0, "the throwaway folder is thrown away");
}

#[test]
fn an_address_that_others_could_reach_is_refused() {
    run(demo("0.0.0.0:0"), b"").refused(2, "ALLCLEAR_LISTEN");
    run(demo("nonsense"), b"").refused(2, "ALLCLEAR_LISTEN");
}

#[test]
fn when_the_usual_address_is_taken_a_free_one_is_chosen_and_named() {
    // Somebody else may have it already; then it is taken just the same.
    let _taken = std::net::TcpListener::bind("127.0.0.1:8080");
    let server = Server::start(demo(""));
    assert!(server.wait_for("auditor").contains("is taken"));
    assert_ne!(server.address.port(), 8080);
    assert_eq!(server.visitor().get("/login").status, 200);
}
