//! Switches: what a pause says of work, why it was pressed, the board, and drills.

mod board;
mod drills;
mod fates;
mod ladder;
mod reasons;

use crate::support::{App, Reply};

/// The id of a pause that was made.
fn made(reply: &Reply) -> String {
    assert_eq!(reply.status, 201, "{}", reply.body);
    reply.json["id"].as_str().unwrap().to_owned()
}

/// Mails in the outbox, as they would be sent.
fn mails(app: &App) -> Vec<String> {
    app.settle();
    let outbox = app.data.join("outbox");
    let Ok(files) = std::fs::read_dir(outbox) else { return Vec::new() };
    files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect()
}

/// Hours go by.
fn later(app: &App, hours: i64) {
    app.desk.clock.advance(chrono::Duration::hours(hours));
}
