//! `allclear serve`.

use super::{Installation, run};
use std::os::unix::fs::PermissionsExt;

#[test]
fn the_first_start_leaves_a_private_link_that_works_once() {
    let place = Installation::new();
    let server = place.serve();
    server.wait_for("The link for the first administrator is in");
    let file = place.data.join("setup-link.txt");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let link = std::fs::read_to_string(&file).unwrap().trim().to_owned();
    let path = link[link.find("/setup/").unwrap()..].to_owned();
    assert!(link.starts_with(&format!("http://{}", server.address)), "{link}");
    assert!(!server.printed.lock().unwrap().contains(&path), "the link itself is never printed to a pipe");

    let fields = [("email", "ada@example.org"), ("name", "Ada"), ("password", crate::support::PASSWORD)];
    let browser = server.visitor();
    assert_eq!(browser.submit(&path, &path, &fields).status, 303);
    assert_eq!(browser.get(&path).status, 404);
    browser.sign_in("ada@example.org", crate::support::PASSWORD);
    drop(server);

    let server = place.serve();
    assert!(!file.exists(), "a link that is over does not lie around");
    assert_eq!(server.visitor().get(&path).status, 404);
    place.run(&["audit", "verify"]).with(0);
}

#[test]
fn background_work_gives_way_to_whoever_waits() {
    let place = Installation::new();
    let server = place.serve();
    // 19 is the lowest priority there is: a suite that runs so itself leaves nothing to give way to.
    let jobs = (0..100).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        server.niceness("jobs").filter(|jobs| *jobs == 19 || *jobs > server.niceness("allclear").unwrap())
    });
    assert!(jobs.is_some(), "{:?}", server.niceness("jobs"));
}

#[test]
fn settings_that_are_unknown_or_malformed_are_named() {
    for (name, value) in [
        ("ALLCLEAR_NONSENSE", "1"),
        ("ALLCLEAR_LISTEN", "here"),
        ("ALLCLEAR_LISTEN", "0.0.0.0:0"),
        ("ALLCLEAR_DATABASE_URL", "postgress://localhost/x"),
        ("ALLCLEAR_UPLOAD_BYTES", "many"),
        ("ALLCLEAR_LOG", "loud"),
        ("ALLCLEAR_BASE_URL", "http://allclear.example.org"),
    ] {
        let place = Installation::new();
        let mut command = place.command(&["serve"]);
        command.env(name, value);
        let words = if name == "ALLCLEAR_LISTEN" && value.contains("0.0.0.0") { "ALLCLEAR_BASE_URL" } else { name };
        run(command, b"").refused(2, words);
        assert!(!place.data.exists(), "nothing is made before the settings are good");
    }
}

#[test]
fn the_suites_own_variables_and_the_log_setting_are_no_settings() {
    let place = Installation::new();
    let mut command = place.command(&["serve"]);
    command.env("ALLCLEAR_TEST_DATABASE_URL", "x").env("ALLCLEAR_LOG", "warn");
    super::Server::start(command);
}

#[test]
fn what_is_logged_is_set_in_the_file_too() {
    let place = Installation::new();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("allclear.toml"), "log = \"loud\"\n").unwrap();
    let start = || {
        let mut command = place.command(&["serve"]);
        command.current_dir(folder.path()).env_remove("ALLCLEAR_LOG");
        command
    };
    run(start(), b"").refused(2, "ALLCLEAR_LOG");
    std::fs::write(folder.path().join("allclear.toml"), "log = \"allclear=trace,info\"\n").unwrap();
    super::Server::start(start());
}

#[test]
fn an_address_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let place = Installation::new();
    let mut command = place.command(&["serve"]);
    command.env("ALLCLEAR_LISTEN", taken.local_addr().unwrap().to_string()).env("ALLCLEAR_LOG", "off");
    run(command, b"").refused(2, "ALLCLEAR_LISTEN");
}

#[test]
fn a_log_that_nobody_watches_has_no_colours() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let place = Installation::new();
    let mut command = place.command(&["serve"]);
    command.env("ALLCLEAR_LISTEN", taken.local_addr().unwrap().to_string()).env("ALLCLEAR_LOG", "trace");
    let ended = run(command, b"");
    assert!(ended.errors.contains("TRACE") && !ended.errors.contains('\u{1b}'), "{}", ended.errors);
}

#[test]
fn a_key_file_of_another_installation_stops_the_start() {
    let place = Installation::new();
    place.run(&["migrate"]).with(0);
    drop(place.desk());
    std::fs::remove_file(&place.key_file).unwrap();
    let mut command = place.command(&["serve"]);
    command.env("ALLCLEAR_LOG", "off");
    run(command, b"").refused(2, "ALLCLEAR_KEY_FILE");
}
