//! `allclear user add` and `allclear token add`, beside a running server.

use super::Installation;
use crate::support::PASSWORD;

#[test]
fn people_and_tokens_made_beside_a_running_server_work_at_once() {
    let place = Installation::new();
    let server = place.serve();
    let added = place
        .run_with(
            &["user", "add", "--email", "Ada@Example.org", "--name", "Ada", "--role", "administrator"],
            &format!("{PASSWORD}\n"),
        )
        .with(0);
    assert!(!added.text.contains(PASSWORD));
    server.visitor().sign_in("ada@example.org", PASSWORD);

    let token =
        place.run(&["token", "add", "--email", "ada@example.org", "--scope", "gate", "--days", "1"]).with(0).text;
    assert_eq!(token.lines().count(), 1, "the token stands alone");
    let token = token.trim();
    assert!(token.starts_with("allclear_"));
    assert_eq!(server.api(token).get("/gate/none").status, 404);
    assert_eq!(server.api("allclear_wrong").get("/gate/none").status, 401);
    place.run(&["audit", "verify"]).with(0);
}

#[test]
fn a_password_is_neither_empty_nor_short_nor_two_lines() {
    let place = Installation::new();
    let add = ["user", "add", "--email", "ada@example.org", "--name", "Ada", "--role", "administrator"];
    for (password, words) in
        [("", "empty"), ("\n", "empty"), ("short", "15 characters"), ("one line and\nanother line", "one line")]
    {
        let refused = place.run_with(&add, password).refused(2, words);
        assert!(password.trim().is_empty() || !refused.errors.contains(password.trim()));
    }
    place.run_with(&add, PASSWORD).with(0);
    place.run_with(&add, PASSWORD).refused(2, "already");
}

#[test]
fn what_does_not_exist_is_named() {
    let place = Installation::new();
    let add = ["user", "add", "--email", "ada@example.org", "--name", "Ada", "--role", "owner", "--site", "nowhere"];
    place.run_with(&add, PASSWORD).refused(2, "nowhere");
    place.run(&["token", "add", "--email", "nobody@example.org"]).refused(2, "no person");
    place.run(&["token", "add", "--automation", "nothing"]).refused(2, "no automation nothing");
    assert_eq!(place.run(&["token", "add"]).code, 2);
    assert_eq!(place.run(&["token", "add", "--email", "a@b.c", "--scope", "everything"]).code, 2);
    assert_eq!(place.run_with(&["user", "add", "--email", "a@b.c", "--name", "A", "--role", "king"], PASSWORD).code, 2);
}
