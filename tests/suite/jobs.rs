//! Background work goes on, whatever becomes of one piece of it.

use crate::support::App;
use allclear::domain::ids::JobId;
use allclear::jobs::run_next_by;
use allclear::store::jobs::JobRow;
use chrono::Duration;

#[test]
fn a_piece_of_work_that_panics_is_postponed_and_ends_nothing_else() {
    let app = App::start();
    // The app's own thread takes some of them, and knows no such kind of work.
    for n in 0..20 {
        app.tamper(&format!(
            "INSERT INTO jobs (id, kind, subject, run_at, attempts) VALUES ('j{n:02}', 'odd', 'x', '2020-01-01 00:00:00', 0)"
        ));
    }
    let mut panicked = false;
    for _ in 0..100 {
        let more = run_next_by(&app.desk, |_, job| {
            panicked |= job.kind == "odd";
            panic!("a wrong index");
        });
        if panicked || !more.unwrap() {
            break;
        }
    }
    assert!(panicked);
    let postponed = "SELECT COUNT(*) AS number FROM jobs
        WHERE last_error LIKE 'the program failed%' AND claimed_until IS NULL AND run_at > '2020-01-02 00:00:00'";
    assert_eq!(app.number(postponed), 1);
    assert_eq!(app.visitor().get("/readyz").status, 200);
}

#[test]
fn work_that_another_node_took_and_put_off_is_not_taken_before_its_time() {
    let app = App::start();
    app.tamper(
        "INSERT INTO jobs (id, kind, subject, run_at, attempts) VALUES ('j00', 'odd', 'x', '2999-01-01 00:00:00', 1)",
    );
    let seen_before = JobRow {
        id: JobId::from_text("j00"),
        kind: "odd".to_owned(),
        subject: "x".to_owned(),
        run_at: app.desk.now().minus(Duration::hours(1)),
        claimed_until: None,
        attempts: 0,
        last_error: None,
    };
    assert!(!app.desk.claim_job(&seen_before, Duration::minutes(1)).unwrap());
    app.tamper("UPDATE jobs SET run_at = '2020-01-01 00:00:00', claimed_until = '2999-01-01 00:00:00'");
    assert!(!app.desk.claim_job(&seen_before, Duration::minutes(1)).unwrap());
    assert_eq!(app.number("SELECT COUNT(*) AS number FROM jobs WHERE id = 'j00' AND attempts = 1"), 1);
}
