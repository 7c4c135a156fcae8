//! Delivery to a real mail server: `tests/smtp/server.py` on aiosmtpd, a process of its own.

use super::{Story, good};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Names a Python that has aiosmtpd.
const PYTHON: &str = "ALLCLEAR_TEST_SMTP_PYTHON";

struct Server {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    port: u16,
    folder: tempfile::TempDir,
}

impl Server {
    /// None, with a line that says how to run these tests, where there is no mail server.
    fn start(arguments: &[&str]) -> Option<Self> {
        let Ok(python) = std::env::var(PYTHON) else {
            println!("left out: there is no mail server here; ./tests/run brings one");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/smtp/server.py"))
            .arg(folder.path())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (orders, mut answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        let port = line.trim().strip_prefix("port ").unwrap_or_else(|| panic!("{line}")).parse().unwrap();
        Some(Self { child, orders, answers, port, folder })
    }

    /// Sets how the next mails are treated.
    fn will(&mut self, how: &str) {
        writeln!(self.orders, "{how}").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "ok");
    }

    fn mails(&self) -> Vec<String> {
        (1..)
            .map(|n| self.folder.path().join(format!("{n}.eml")))
            .take_while(|path| path.exists())
            .map(|path| String::from_utf8(std::fs::read(path).unwrap()).unwrap())
            .collect()
    }

    fn story(&self) -> Story {
        let url = format!("smtp://127.0.0.1:{}", self.port);
        Story::begin_with(|config| config.smtp_url = Some(url))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Queues an escalation; returns its id.
fn escalate(story: &Story) -> String {
    let queued = story.lead().post(&story.at("escalations"), &story.escalation(&story.bundle("hosting")));
    assert_eq!(queued.status, 202, "{}", queued.body);
    queued.json["id"].as_str().unwrap().to_owned()
}

fn show(story: &Story, id: &str) -> Value {
    let shown = story.lead().get(&format!("/escalations/{id}"));
    good(&shown);
    shown.json
}

/// Waits until the mail was tried so many times and its outcome is there.
fn after(story: &Story, id: &str, attempts: i64) -> Value {
    for _ in 0..500 {
        let shown = show(story, id);
        let waits_for_its_time = shown["next_try_at"].as_str().is_none_or(|at| *at > *story.app.now_text());
        if shown["attempts"] == attempts && shown["state"] != "queued" && waits_for_its_time {
            return shown;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("not tried {attempts} times: {}", show(story, id));
}

fn seconds_until(story: &Story, shown: &Value) -> i64 {
    let at = chrono::DateTime::parse_from_rfc3339(shown["next_try_at"].as_str().unwrap()).unwrap();
    (at.to_utc() - story.app.desk.now().utc()).num_seconds()
}

fn message_id(mail: &str) -> &str {
    mail.lines().find(|line| line.to_lowercase().starts_with("message-id:")).unwrap()
}

#[test]
fn a_mail_server_takes_it_and_its_words_are_kept() {
    let Some(server) = Server::start(&[]) else { return };
    let story = server.story();
    let id = escalate(&story);
    let shown = after(&story, &id, 1);
    assert_eq!(shown["state"], "sent", "{shown}");
    assert!(shown["server_words"].as_str().unwrap().contains("taken as number 1"), "{shown}");
    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].contains("To: support@hosting.example") && mails[0].contains("Auto-Submitted: auto-generated"));
    assert!(message_id(&mails[0]).contains(shown["message_id"].as_str().unwrap()));
    story.app.assert_audit_holds();
}

#[test]
fn a_refused_recipient_is_shown_and_tried_again_ever_more_seldom_and_never_dropped() {
    let Some(mut server) = Server::start(&[]) else { return };
    server.will("refuse");
    let story = server.story();
    let id = escalate(&story);
    let mut last_wait = 0;
    for attempt in 1..=11 {
        let shown = after(&story, &id, attempt);
        assert_eq!(shown["state"], "failed", "{shown}");
        assert!(shown["server_words"].as_str().unwrap().contains("no such user here"), "{shown}");
        let wait = seconds_until(&story, &shown);
        if attempt == 1 {
            assert!((10..=30).contains(&wait), "{wait}");
        }
        assert!(wait <= 3600 && (wait + 2 >= last_wait), "{wait} after {last_wait}");
        last_wait = wait;
        story.app.desk.clock.advance(chrono::Duration::seconds(wait + 1));
    }
    assert!(last_wait > 3500, "{last_wait}");
    server.will("accept");
    good(&story.lead().post(&format!("/escalations/{id}/retry"), &json!({})));
    let attempts = show(&story, &id)["attempts"].as_i64().unwrap();
    let shown = (attempts..attempts + 2).map(|n| after_any(&story, &id, n)).find(|shown| shown["state"] == "sent");
    assert!(shown.is_some(), "{}", show(&story, &id));
    assert_eq!(server.mails().len(), 1);
    story.app.assert_audit_holds();
}

/// Waits until the mail was tried at least so many times.
fn after_any(story: &Story, id: &str, attempts: i64) -> Value {
    for _ in 0..250 {
        let shown = show(story, id);
        if shown["attempts"].as_i64().unwrap() > attempts || shown["state"] == "sent" {
            return shown;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    show(story, id)
}

#[test]
fn a_greylisted_mail_arrives_once_when_it_is_tried_again() {
    let Some(mut server) = Server::start(&[]) else { return };
    server.will("later 1");
    let story = server.story();
    let id = escalate(&story);
    let shown = after(&story, &id, 1);
    assert_eq!(shown["state"], "failed", "{shown}");
    assert!(shown["server_words"].as_str().unwrap().contains("greylisted"), "{shown}");
    story.app.desk.clock.advance(chrono::Duration::seconds(31));
    let shown = after(&story, &id, 2);
    assert_eq!((&shown["state"], &shown["next_try_at"]), (&json!("sent"), &Value::Null), "{shown}");
    assert_eq!(server.mails().len(), 1);
}

#[test]
fn a_connection_dropped_in_the_middle_of_the_mail_is_a_failure_and_it_arrives_later() {
    let Some(mut server) = Server::start(&[]) else { return };
    server.will("drop 1");
    let story = server.story();
    let id = escalate(&story);
    let shown = after(&story, &id, 1);
    assert_eq!(shown["state"], "failed", "{shown}");
    assert!(!shown["server_words"].as_str().unwrap().is_empty());
    assert!(server.mails().is_empty());
    good(&story.lead().post(&format!("/escalations/{id}/retry"), &json!({})));
    assert_eq!(after(&story, &id, 2)["state"], "sent");
    assert_eq!(server.mails().len(), 1);
}

#[test]
fn a_server_that_is_gone_is_named_and_found_again() {
    let Some(server) = Server::start(&[]) else { return };
    let (port, story) = (server.port, server.story());
    drop(server);
    let id = escalate(&story);
    let shown = after(&story, &id, 1);
    assert_eq!(shown["state"], "failed", "{shown}");
    assert!(shown["server_words"].as_str().unwrap().to_lowercase().contains("refused"), "{shown}");
    let Some(server) = Server::start(&["--port", &port.to_string()]) else { return };
    story.app.desk.clock.advance(chrono::Duration::seconds(31));
    assert_eq!(after(&story, &id, 2)["state"], "sent");
    assert_eq!(server.mails().len(), 1);
}

/// A self-signed certificate for 127.0.0.1: paths of certificate and key.
fn certificate(folder: &Path) -> (PathBuf, PathBuf) {
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success());
    (certificate, key)
}

#[test]
fn over_starttls_an_unknown_authority_is_refused_and_a_named_one_trusted() {
    let folder = tempfile::tempdir().unwrap();
    if std::env::var(PYTHON).is_err() {
        Server::start(&[]);
        return;
    }
    let (certificate, key) = certificate(folder.path());
    for implicit in [false, true] {
        let mut arguments = vec!["--certificate", certificate.to_str().unwrap(), "--key", key.to_str().unwrap()];
        // Over STARTTLS with a password as well.
        arguments.extend(if implicit { ["--implicit"].as_slice() } else { ["--password", "p@ss word"].as_slice() });
        let Some(server) = Server::start(&arguments) else { return };
        let url = if implicit {
            format!("smtps://127.0.0.1:{}", server.port)
        } else {
            format!("smtp+starttls://allclear:p%40ss%20word@127.0.0.1:{}", server.port)
        };
        let story = Story::begin_with(|config| config.smtp_url = Some(url.clone()));
        let shown = after(&story, &escalate(&story), 1);
        assert_eq!(shown["state"], "failed", "{shown}");
        let words = shown["server_words"].as_str().unwrap();
        assert!(words.contains("certificate is not trusted") && words.contains("ALLCLEAR_SMTP_CA"), "{words}");
        assert!(!words.contains("word@") && server.mails().is_empty(), "{words}");
        let story = Story::begin_with(|config| {
            config.smtp_url = Some(url);
            config.smtp_ca = Some(certificate.clone());
        });
        let shown = after(&story, &escalate(&story), 1);
        assert_eq!(shown["state"], "sent", "{shown}");
        assert_eq!(server.mails().len(), 1);
    }
}

#[test]
fn check_signs_in_and_sends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = certificate(folder.path());
    let arguments = ["--certificate", certificate.to_str().unwrap(), "--key", key.to_str().unwrap()];
    let Some(server) = Server::start(&[&arguments[..], &["--password", "p@ss word"]].concat()) else { return };
    let place = crate::cli::Installation::new();
    let check = |password: &str, trusted: bool| {
        let mut command = place.command(&["check"]);
        let url = format!("smtp+starttls://allclear:{password}@127.0.0.1:{}", server.port);
        command.env("ALLCLEAR_SMTP_URL", url);
        if trusted {
            command.env("ALLCLEAR_SMTP_CA", &certificate);
        }
        crate::cli::run(command, b"")
    };
    let good = check("p%40ss%20word", true).with(0);
    assert!(good.text.contains("mail: the server lets us in"), "{}", good.text);
    let wrong = check("guessed", true).refused(2, "mail (");
    assert!(wrong.errors.contains("535") && !wrong.errors.contains("guessed"), "{}", wrong.errors);
    check("p%40ss%20word", false).refused(2, "certificate is not trusted");
    assert!(server.mails().is_empty());
}

#[test]
fn a_try_cut_off_before_it_was_recorded_is_repeated_once_under_the_same_message_id_and_logged() {
    let Some(server) = Server::start(&[]) else { return };
    let story = server.story();
    let id = escalate(&story);
    assert_eq!(after(&story, &id, 1)["state"], "sent");
    // As a kill between the server's answer and the record leaves it.
    story.app.tamper(&format!(
        "UPDATE escalations SET state = 'queued', attempting_since = queued_at, settled_at = NULL, server_words = NULL \
         WHERE id = '{id}'"
    ));
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false).finish();
    tracing::subscriber::with_default(subscriber, || allclear::actions::deliver::run(&story.app.desk, &id)).unwrap();
    let mails = server.mails();
    assert_eq!(mails.len(), 2);
    assert_eq!(message_id(&mails[0]), message_id(&mails[1]));
    let said = log.text();
    assert!(said.contains(&id) && said.contains("may arrive twice"), "{said}");
    assert_eq!(show(&story, &id)["state"], "sent");
    allclear::actions::deliver::run(&story.app.desk, &id).unwrap();
    assert_eq!(server.mails().len(), 2, "what is sent is not sent again");
}

/// A log in memory.
#[derive(Clone, Default)]
struct Log(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl tracing_subscriber::fmt::MakeWriter<'_> for Log {
    type Writer = Log;

    fn make_writer(&self) -> Log {
        self.clone()
    }
}
