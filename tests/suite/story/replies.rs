//! Answers by mail: `allclear mail-in` files them with the escalation that they answer.

use super::{SECRET, Story, good};
use crate::cli::{binary, run};
use crate::support::App;
use allclear::actions::file_reply::{self, Filed};
use serde_json::{Value, json};

const BOUNDARY: &str = "frontier";

/// An escalation that left: its id and the `Message-ID` of its mail.
fn sent(story: &Story) -> (String, String) {
    let queued = story.lead().post(&story.at("escalations"), &story.escalation(&story.bundle("hosting")));
    assert_eq!(queued.status, 202, "{}", queued.body);
    story.app.settle();
    let id = queued.json["id"].as_str().unwrap().to_owned();
    let shown = story.lead().get(&format!("/escalations/{id}"));
    (id, shown.json["message_id"].as_str().unwrap().to_owned())
}

/// An answer to a mail, with more headers and these words.
fn answer(to: &str, headers: &str, words: &str) -> String {
    format!(
        "From: Kim <support@host.example>\r\nTo: allclear@example.org\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n\
         Message-ID: <answer-1@host.example>\r\nIn-Reply-To: {to}\r\nSubject: Re: your report\r\n{headers}\r\n{words}\r\n"
    )
}

fn file(story: &Story, mail: &str) -> Option<Filed> {
    file_reply::run(&story.app.desk, mail.as_bytes()).unwrap()
}

fn replies(story: &Story, escalation: &str) -> Value {
    story.lead().get(&format!("/escalations/{escalation}")).json["replies"].clone()
}

/// `allclear mail-in` on the data of a running app.
fn mail_in(app: &App, message: &[u8]) -> crate::cli::Ended {
    let mut command = binary();
    command.arg("mail-in").env("ALLCLEAR_DATA", &app.data).env("ALLCLEAR_KEY_FILE", app.key_file());
    command.env("ALLCLEAR_MAIL_IN_BYTES", "100000");
    if let allclear::store::Address::Postgres(url) = app.address_of_database() {
        command.env("ALLCLEAR_DATABASE_URL", url);
    }
    run(command, message)
}

#[test]
fn the_command_files_an_answer_beside_a_running_server() {
    let story = Story::begin();
    let (id, message) = sent(&story);
    let mail = answer(&message, "", "We see it too; the queue was full.\r\n\r\n> Orders are paid twice");
    let filed = mail_in(&story.app, mail.as_bytes()).with(0).text;
    assert_eq!(filed.trim(), format!("Filed with the escalation {id} of {}", story.reference));
    assert!(mail_in(&story.app, mail.as_bytes()).with(0).text.starts_with("Filed before"));
    let shown = replies(&story, &id);
    assert_eq!(shown.as_array().unwrap().len(), 1, "{shown}");
    assert_eq!(shown[0]["text"], "Re: your report\n\nWe see it too; the queue was full.");
    assert_eq!((&shown[0]["automatic"], &shown[0]["files"]), (&json!(false), &json!(0)));
    let timeline = story.lead().get(&format!("/incidents/{}", story.reference)).json["timeline"].to_string();
    assert!(
        timeline.contains("the queue was full") && timeline.contains("Mail from the hosting company"),
        "{timeline}"
    );
    story.app.assert_audit_holds();

    mail_in(&story.app, answer("<nobody@knows>", "", "Hello").as_bytes()).refused(1, "answers no escalation");
    mail_in(&story.app, b"\x1f\x8b\x08\x00noise").refused(2, "no mail message");
    mail_in(&story.app, &vec![b'a'; 100_001]).refused(2, "ALLCLEAR_MAIL_IN_BYTES");
}

#[test]
fn what_is_secret_in_an_answer_or_its_files_is_redacted_before_anything_is_stored() {
    let story = Story::begin();
    let (id, message) = sent(&story);
    let headers = format!("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary={BOUNDARY}\r\n");
    let words = format!(
        "--{BOUNDARY}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nYou wrote {SECRET} into the ticket.\r\n\
         --{BOUNDARY}\r\nContent-Type: text/plain; name=\"{SECRET}.log\"\r\n\
         Content-Disposition: attachment; filename=\"{SECRET}.log\"\r\n\r\nkey={SECRET}\r\nstatus=500\r\n--{BOUNDARY}--\r\n"
    );
    let filed = file(&story, &answer(&message, &headers, &words)).unwrap();
    assert_eq!((filed.files, filed.before), (1, false));
    let shown = replies(&story, &id);
    assert!(shown[0]["text"].as_str().unwrap().contains("into the ticket"), "{shown}");
    assert_eq!(shown[0]["files"], 1);
    story.app.settle();
    for (path, bytes) in story.app.files() {
        assert!(memchr::memmem::find(&bytes, SECRET.as_bytes()).is_none(), "{}", path.display());
    }
}

#[test]
fn an_answer_waits_until_somebody_read_it_and_whoever_sent_the_report_is_told() {
    let story = Story::begin();
    let (id, message) = sent(&story);
    file(&story, &answer(&message, "", "Please call us back.")).unwrap();
    let told = story.app.texts("SELECT subject AS text FROM notices WHERE kind = 'reply_came'");
    assert_eq!(told, [format!("{}: an answer came from the hosting company", story.reference)]);
    let lena = story.app.signed_in(&story.app.lead);
    assert!(lena.get("/waiting?kind=reply").body.contains(&format!("/escalations/{id}#answers")));
    let reply = replies(&story, &id)[0]["id"].as_str().unwrap().to_owned();
    let to = format!("/replies/{reply}/reading");
    assert_eq!(story.outsider().post(&to, &json!({})).status, 404);
    assert_eq!(story.auditor().post(&to, &json!({})).status, 403);
    assert_eq!(story.lead().post("/replies/nothing/reading", &json!({})).status, 404);
    assert_eq!(story.lead().get(&to).status, 405);
    let page = format!("/escalations/{id}");
    let action = format!("{page}/answers/{reply}");
    assert!(lena.get(&page).body.contains("Please call us back."));
    assert_eq!(lena.submit(&page, &action, &[]).status, 303);
    assert!(!lena.get("/waiting?kind=reply").body.contains("#answers"));
    assert_eq!(story.lead().post(&to, &json!({})).codes(), ["already_read"]);
    assert_eq!(replies(&story, &id)[0]["read_by"]["email"], story.app.lead);

    let second = answer(&message, "", "We called.").replace("answer-1@", "answer-2@");
    file(&story, &second).unwrap();
    let reply = replies(&story, &id)[1]["id"].as_str().unwrap().to_owned();
    good(&story.lead().post(&format!("/replies/{reply}/reading"), &json!({})));
    story.app.assert_audit_holds();
}

#[test]
fn what_a_program_answered_is_kept_and_waits_for_nobody() {
    let story = Story::begin();
    let (id, message) = sent(&story);
    file(&story, &answer(&message, "Auto-Submitted: auto-replied\r\n", "I am away until Monday.")).unwrap();
    assert_eq!(replies(&story, &id)[0]["automatic"], true);
    assert_eq!(story.app.number("SELECT COUNT(*) AS number FROM notices WHERE kind = 'reply_came'"), 0);
    let lena = story.app.signed_in(&story.app.lead);
    assert!(!lena.get("/waiting?kind=reply").body.contains("#answers"));
    assert!(lena.get(&format!("/escalations/{id}")).body.contains("Written by a program"));
}

#[test]
fn a_later_answer_finds_the_escalation_by_its_references_and_a_long_one_is_sealed_whole() {
    let story = Story::begin();
    let (id, message) = sent(&story);
    let long = "It goes on and on.\r\n".repeat(2_000);
    let mail = answer("<between@host.example>", &format!("References: {message} <between@host.example>\r\n"), &long);
    let mail = mail.replace("support@host.example", "kim@elsewhere.example");
    let filed = file(&story, &mail).unwrap();
    assert_eq!((filed.files, filed.escalation.as_str()), (1, id.as_str()));
    let shown = replies(&story, &id);
    assert_eq!(shown[0]["sender"], "elsewhere");
    assert!(shown[0]["text"].as_str().unwrap().ends_with("(It goes on in the evidence answer.txt.)"));
}
