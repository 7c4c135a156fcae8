//! A message that comes in (RFC 5322, MIME), read as far as an answer needs it. What it says of itself proves nothing.

use mail_parser::{HeaderValue, Message, MessageParser, MimeHeaders};

/// A message that came in.
pub struct Incoming {
    /// Its own `Message-ID`, without the angle brackets.
    pub message_id: Option<String>,
    /// The messages that it answers, by their `Message-ID` without the angle brackets, the nearest first (RFC 5322,
    /// 3.6.4).
    pub answers: Vec<String>,
    /// The address that it says it comes from.
    pub sender: Option<String>,
    /// Its subject; empty when there is none.
    pub subject: String,
    /// Its words, plain; of a mail in HTML alone, its text.
    pub text: String,
    /// What is attached: name and bytes.
    pub files: Vec<(String, Vec<u8>)>,
    /// Was it written by a program: out of office, a report of delivery (RFC 3834, section 5; RFC 3464)?
    pub automatic: bool,
}

/// Reads a message; none when it has no header that a message must have.
pub fn read(bytes: &[u8]) -> Option<Incoming> {
    let message = MessageParser::default().parse(bytes)?;
    let sender = message.from().and_then(|from| from.first()).and_then(|first| first.address()).map(str::to_owned);
    if sender.is_none() && message.date().is_none() {
        return None;
    }
    let mut answers = ids(message.in_reply_to());
    answers.extend(ids(message.references()).into_iter().rev());
    let text: Vec<_> = (0..message.text_body_count()).filter_map(|part| message.body_text(part)).collect();
    Some(Incoming {
        message_id: message.message_id().map(str::to_owned),
        answers,
        sender,
        subject: message.subject().unwrap_or_default().to_owned(),
        text: text.join("\n\n"),
        files: message
            .attachments()
            .enumerate()
            .map(|(at, part)| {
                let name = part.attachment_name().map_or_else(|| format!("attachment-{}", at + 1), str::to_owned);
                (name, part.contents().to_vec())
            })
            .collect(),
        automatic: is_automatic(&message),
    })
}

fn ids(header: &HeaderValue) -> Vec<String> {
    match header {
        HeaderValue::Text(id) => vec![id.to_string()],
        HeaderValue::TextList(ids) => ids.iter().map(|id| id.to_string()).collect(),
        _ => Vec::new(),
    }
}

fn is_automatic(message: &Message) -> bool {
    let said = |header: &'static str| message.header_raw(header).map(|value| value.trim().to_ascii_lowercase());
    let report = message.content_type().is_some_and(|kind| {
        kind.ctype().eq_ignore_ascii_case("multipart")
            && kind.subtype().is_some_and(|subtype| subtype.eq_ignore_ascii_case("report"))
    });
    report
        || said("Auto-Submitted").is_some_and(|value| !value.starts_with("no"))
        || said("Precedence").is_some_and(|value| matches!(value.as_str(), "bulk" | "junk" | "auto_reply"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_names_what_it_answers_the_nearest_first() {
        let mail = "From: Kim <kim@host.example>\r\nSubject: =?UTF-8?Q?R=C3=BCckfrage?=\r\nMessage-ID: <c@host>\r\n\
            In-Reply-To: <b@ours>\r\nReferences: <a@ours>\r\n <b@ours>\r\n\r\nWe see it too.\r\n";
        let read = read(mail.as_bytes()).expect("a message");
        assert_eq!(read.answers, ["b@ours", "b@ours", "a@ours"]);
        assert_eq!((read.message_id.as_deref(), read.subject.as_str()), (Some("c@host"), "Rückfrage"));
        assert_eq!((read.sender.as_deref(), read.automatic), (Some("kim@host.example"), false));
        assert_eq!(read.text.trim(), "We see it too.");
    }

    #[test]
    fn what_a_program_wrote_is_told_apart() {
        for header in ["Auto-Submitted: auto-replied", "Precedence: bulk", "Content-Type: multipart/report; boundary=x"]
        {
            let mail = format!("From: kim@host.example\r\n{header}\r\n\r\nI am away.\r\n");
            assert!(read(mail.as_bytes()).expect("a message").automatic, "{header}");
        }
        let mail = b"From: kim@host.example\r\nAuto-Submitted: no\r\n\r\nHello\r\n";
        assert!(!read(mail).expect("a message").automatic);
    }

    #[test]
    fn what_is_no_message_is_not_read() {
        for noise in [&b""[..], b"hello\n", b"\x1f\x8b\x08\x00\x00", b"{\"a\": 1}"] {
            assert!(read(noise).is_none(), "{noise:?}");
        }
    }
}
