//! `allclear check` and `allclear migrate`.

use super::{Installation, run};
use std::os::unix::fs::PermissionsExt;

#[test]
fn a_new_place_is_in_order_and_stays_untouched() {
    let place = Installation::new();
    let looked = place.run(&["check"]).with(0);
    for name in ["settings:", "storage:", "database:", "key file:", "mail: no server is set"] {
        assert!(looked.text.contains(name), "{}", looked.text);
    }
    assert!(!place.data.exists() && !place.key_file.exists());
}

#[test]
fn migrating_twice_does_nothing_the_second_time() {
    let place = Installation::new();
    assert!(place.run(&["migrate"]).with(0).text.starts_with("Applied "));
    assert!(place.run(&["migrate"]).with(0).text.contains("up to date"));
    assert!(place.run(&["check"]).with(0).text.contains("schema is up to date"));
}

#[test]
fn what_fails_is_named() {
    let place = Installation::new();
    drop(place.desk());
    place.run(&["check"]).with(0);

    std::fs::set_permissions(&place.key_file, std::fs::Permissions::from_mode(0o644)).unwrap();
    place.run(&["check"]).refused(2, "key file");
    std::fs::remove_file(&place.key_file).unwrap();
    place.run(&["check"]).refused(2, "key file");
    // The key of another installation.
    let other = Installation::new();
    drop(other.desk());
    std::fs::copy(&other.key_file, &place.key_file).unwrap();
    std::fs::set_permissions(&place.key_file, std::fs::Permissions::from_mode(0o600)).unwrap();
    place.run(&["check"]).refused(2, "does not belong");

    let mut command = other.command(&["check"]);
    command.env("ALLCLEAR_DATABASE_URL", "postgres://nobody:hush@127.0.0.1:1/none");
    let refused = run(command, b"").refused(2, "database");
    assert!(!refused.errors.contains("hush") && !refused.text.contains("hush"));

    let mut command = other.command(&["check"]);
    let file = other.folder.path().join("a-file");
    std::fs::write(&file, "x").unwrap();
    command.env("ALLCLEAR_DATA", &file);
    run(command, b"").refused(2, "storage");

    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = other.command(&["check"]);
    command.env("ALLCLEAR_SMTP_URL", format!("smtp://mail:hush-hush@{nobody}"));
    let refused = run(command, b"").refused(2, "mail (ALLCLEAR_SMTP_URL: ");
    assert!(!refused.errors.contains("hush-hush") && !refused.text.contains("hush-hush"), "{}", refused.errors);
    let mut command = other.command(&["check"]);
    command.env("ALLCLEAR_SMTP_URL", "mail.example.org");
    run(command, b"").refused(2, "must begin with smtp://");
}
