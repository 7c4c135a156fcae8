//! The mail itself, as it lies in the outbox.

use super::{SECRET, Story};
use serde_json::json;

/// Headers of a message, unfolded, and the rest.
fn split(mail: &str) -> (Vec<(String, String)>, &str) {
    let (head, body) = mail.split_once("\r\n\r\n").unwrap();
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in head.split("\r\n") {
        match line.strip_prefix([' ', '\t']) {
            Some(more) => headers.last_mut().unwrap().1.push_str(&format!(" {}", more.trim())),
            None => {
                let (name, value) = line.split_once(':').unwrap();
                headers.push((name.to_lowercase(), value.trim().to_owned()));
            }
        }
    }
    (headers, body)
}

/// Headers and decoded bytes of one part.
type Part = (Vec<(String, String)>, Vec<u8>);

/// The parts of a multipart message, each with its headers and its decoded bytes.
fn parts(mail: &str) -> Vec<Part> {
    let (headers, body) = split(mail);
    let of = |name: &str| headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).unwrap_or_default();
    let Some((_, boundary)) = of("content-type").split_once("boundary=\"") else {
        return vec![(headers.clone(), decoded(of("content-transfer-encoding"), body))];
    };
    let mark = format!("--{}", boundary.split('"').next().unwrap());
    body.split(&mark)
        .skip(1)
        .filter(|part| !part.starts_with("--"))
        .flat_map(|part| parts(part.trim_start_matches("\r\n")))
        .collect()
}

fn decoded(encoding: &str, body: &str) -> Vec<u8> {
    use base64::Engine;
    match encoding {
        "base64" => {
            let packed: String = body.split_whitespace().collect();
            base64::engine::general_purpose::STANDARD.decode(packed).unwrap()
        }
        "quoted-printable" => {
            let joined = body.replace("=\r\n", "");
            let mut bytes = Vec::new();
            let mut rest = joined.as_bytes();
            while let [first, tail @ ..] = rest {
                if *first == b'=' {
                    bytes.push(u8::from_str_radix(std::str::from_utf8(&tail[..2]).unwrap(), 16).unwrap());
                    rest = &tail[2..];
                } else {
                    bytes.push(*first);
                    rest = tail;
                }
            }
            bytes
        }
        _ => body.as_bytes().to_vec(),
    }
}

fn mails(story: &Story) -> Vec<String> {
    story.app.settle();
    let files = story.app.files();
    let mails = files.into_iter().filter(|(path, _)| path.extension().is_some_and(|e| e == "eml"));
    mails.map(|(_, bytes)| String::from_utf8(bytes).unwrap()).collect()
}

#[test]
fn a_mail_carries_only_its_bundle_and_no_secret() {
    let story = Story::begin();
    let bundle = story.bundle("hosting");
    let mut body = story.escalation(&bundle);
    body["message"] = json!(format!("The key {SECRET} was in the log.\n\nPlease look at <b>outbound</b> mail."));
    assert_eq!(story.lead().post(&story.at("escalations"), &body).status, 202);
    let mails = mails(&story);
    assert_eq!(mails.len(), 1);
    let (headers, _) = split(&mails[0]);
    let of = |name: &str| headers.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect::<Vec<_>>();
    assert_eq!(of("to"), ["support@hosting.example"]);
    assert_eq!(of("from"), ["allclear@example.org"]);
    assert_eq!(of("subject"), [format!("[{}] Mails go out twice", story.reference)]);
    assert_eq!(of("auto-submitted"), ["auto-generated"]);
    assert!(of("message-id")[0].ends_with("@example.org>") && of("date").len() == 1, "{headers:?}");
    assert!(of("bcc").is_empty() && of("cc").is_empty());

    let parts = parts(&mails[0]);
    let kind =
        |index: usize| parts[index].0.iter().find(|(n, _)| n == "content-type").map(|(_, v)| v.as_str()).unwrap();
    assert_eq!(parts.len(), 3);
    assert!(kind(0).starts_with("text/plain") && kind(1).starts_with("text/html"), "{} {}", kind(0), kind(1));
    assert_eq!(kind(2), "application/zip");
    let (text, html) = (String::from_utf8_lossy(&parts[0].1), String::from_utf8_lossy(&parts[1].1));
    assert!(text.contains("[openai-key:") && text.contains("What we ask of you"), "{text}");
    assert!(html.contains("&lt;b&gt;outbound&lt;") && !html.contains("<script"), "{html}");
    let shown = story.app.desk.read(|connection| {
        Ok(allclear::store::bundles::find(connection, &allclear::domain::ids::BundleId::from_text(bundle.as_str()))?)
    });
    let sha256 = shown.unwrap().sha256;
    use sha2::Digest;
    assert_eq!(hex::encode(sha2::Sha256::digest(&parts[2].1)), sha256);
    assert!(text.contains(&sha256) && html.contains(&sha256), "{text}");
    for part in [mails[0].as_bytes(), &parts[0].1, &parts[1].1] {
        assert!(memchr::memmem::find(part, SECRET.as_bytes()).is_none());
    }
}

#[test]
fn a_title_as_long_as_fits_makes_a_short_subject() {
    let story = Story::begin();
    let reference = super::file(&story.app, &"Ünïcode title ".repeat(14), &story.app.automation("reports"));
    let story = Story { reference, ..story };
    let queued = story.lead().post(&story.at("escalations"), &story.escalation(&story.bundle("hosting")));
    assert_eq!(queued.status, 202, "{}", queued.body);
    let mails = mails(&story);
    let (headers, _) = split(&mails[0]);
    let (_, subject) = headers.iter().find(|(name, _)| name == "subject").unwrap();
    assert!(subject.len() < 1000 && mails[0].lines().take(40).all(|line| line.len() <= 998), "{subject}");
    let too_long = story.lead().post(
        "/incidents",
        &json!({ "title": "x ".repeat(5000), "severity": "sev3", "site": story.app.site,
                 "occurred_at": story.app.now_text() }),
    );
    assert_eq!(too_long.fields(), ["title"]);
}
