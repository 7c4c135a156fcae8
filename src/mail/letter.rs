//! A letter, and its form on the wire (RFC 5322, RFC 3834 for mail that a program writes).

use super::MailError;
use crate::redaction::Redacted;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Attachment, MultiPart, SinglePart};
use lettre::{Address, Message};

/// A bundle as it goes along.
pub struct BundleFile {
    name: String,
    bytes: Vec<u8>,
}

impl BundleFile {
    /// Vouches that these are the bytes of a bundle; a house test allows the call in one place only.
    pub fn off_the_shelf(name: String, bytes: Vec<u8>) -> Self {
        Self { name, bytes }
    }
}

/// One letter.
pub struct Letter {
    /// The recipient's address.
    pub to: String,
    /// The subject.
    pub subject: Redacted,
    /// The words, plain.
    pub text: Redacted,
    /// The words as HTML.
    pub html: Redacted,
    /// What goes along; nothing with a notice to our own people.
    pub bundle: Option<BundleFile>,
    /// `<…@…>`, the same in every try.
    pub message_id: String,
    /// Answers go here.
    pub reply_to: Option<String>,
}

/// Longest subject, characters: what is longer is cut, so that no header is folded into many lines.
const SUBJECT_MAX: usize = 150;

impl Letter {
    /// The letter as a message from `from`.
    pub(super) fn message(&self, from: &Address) -> Result<Message, MailError> {
        let unfit = |what: &str| MailError::Unfit(format!("{what} cannot be put into a mail"));
        let to: Address = self.to.parse().map_err(|_| unfit("the recipient's address"))?;
        let subject: String = self.subject.as_str().chars().filter(|c| !c.is_control()).take(SUBJECT_MAX).collect();
        let mut builder = Message::builder()
            .from(from.clone().into())
            .to(to.into())
            .subject(subject)
            .message_id(Some(self.message_id.clone()))
            .header(AutoSubmitted)
            .header(SuppressReplies);
        if let Some(reply_to) = &self.reply_to {
            let address: Address = reply_to.parse().map_err(|_| unfit("the address for answers"))?;
            builder = builder.reply_to(address.into());
        }
        let words = MultiPart::alternative()
            .singlepart(SinglePart::plain(self.text.as_str().to_owned()))
            .singlepart(SinglePart::html(self.html.as_str().to_owned()));
        let content = match &self.bundle {
            None => words,
            Some(bundle) => {
                let zip = ContentType::parse("application/zip").map_err(|_| unfit("the bundle"))?;
                let attachment = Attachment::new(bundle.name.clone()).body(bundle.bytes.clone(), zip);
                MultiPart::mixed().multipart(words).singlepart(attachment)
            }
        };
        builder.multipart(content).map_err(|e| MailError::Unfit(e.to_string()))
    }
}

macro_rules! fixed_header {
    ($type:ident, $name:literal, $value:literal) => {
        #[derive(Clone)]
        struct $type;
        impl Header for $type {
            fn name() -> HeaderName {
                HeaderName::new_from_ascii_str($name)
            }
            fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Ok(Self)
            }
            fn display(&self) -> HeaderValue {
                HeaderValue::new(Self::name(), $value.to_owned())
            }
        }
    };
}
fixed_header!(AutoSubmitted, "Auto-Submitted", "auto-generated");
fixed_header!(SuppressReplies, "X-Auto-Response-Suppress", "OOF, AutoReply");

#[cfg(test)]
mod tests {
    use crate::domain::escalation::is_plain_address;
    use lettre::Address;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_taken_for_an_address_can_be_put_into_a_mail(
            address in "[a-z0-9.!#'+_~\"-]{1,12}@[a-zA-Z0-9.-]{1,12}\\.[a-z0-9-]{1,6}",
        ) {
            prop_assert!(!is_plain_address(&address) || address.parse::<Address>().is_ok(), "{address}");
        }
    }
}
