//! Answers to what was escalated: by mail, or recorded by hand.

use super::by_hand::Way;
use super::words::words;

words! {
    /// Where an answer comes from: of a mail, beside where the escalation went, which proves nothing and is a hint; of one
    /// that a person recorded, the way on which it came.
    ReplySender {
        /// The address that the escalation went to.
        Recipient = "recipient",
        /// Another address of the same domain.
        SameDomain = "same_domain",
        Elsewhere = "elsewhere",
        Telephone = "telephone",
        Portal = "portal",
        Chat = "chat",
        OwnMail = "own_mail",
        InPerson = "in_person",
    }
}

impl ReplySender {
    /// How an answer `from` an address stands to an escalation that went `to` one.
    pub fn of(from: Option<&str>, to: &str) -> Self {
        let domain = |address: &str| address.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase());
        match from {
            Some(from) if from.trim().eq_ignore_ascii_case(to.trim()) => ReplySender::Recipient,
            Some(from) if domain(from).is_some() && domain(from) == domain(to) => ReplySender::SameDomain,
            _ => ReplySender::Elsewhere,
        }
    }

    /// Of an answer that a person recorded.
    pub fn by_hand(way: Way) -> Self {
        match way {
            Way::Telephone => ReplySender::Telephone,
            Way::Portal => ReplySender::Portal,
            Way::Chat => ReplySender::Chat,
            Way::OwnMail => ReplySender::OwnMail,
            Way::InPerson => ReplySender::InPerson,
        }
    }

    /// The way on which it came, when a person recorded it.
    pub fn way(self) -> Option<Way> {
        Way::ALL.iter().copied().find(|way| ReplySender::by_hand(*way) == self)
    }

    /// In words, for people.
    pub fn in_words(self) -> &'static str {
        match self {
            ReplySender::Recipient => "from the address that it went to",
            ReplySender::SameDomain => "from another address of the same domain",
            ReplySender::Elsewhere => "from another address: check who it is",
            ReplySender::Telephone => Way::Telephone.in_words(),
            ReplySender::Portal => Way::Portal.in_words(),
            ReplySender::Chat => Way::Chat.in_words(),
            ReplySender::OwnMail => Way::OwnMail.in_words(),
            ReplySender::InPerson => Way::InPerson.in_words(),
        }
    }
}

/// The words of an answer without the lines that it quotes: what we wrote ourselves stands with the escalation. An answer
/// that is nothing but quotes stays as it is.
pub fn own_words(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('>'));
    let own = lines.collect::<Vec<_>>().join("\n");
    let own = own.trim();
    if own.is_empty() { text.trim().to_owned() } else { own.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_go_and_words_stay() {
        let answer =
            "We see it too.\r\n\r\nOn Monday somebody wrote:\r\n> Orders are paid twice\r\n>> and again\r\n\r\nKim";
        let own = own_words(answer);
        assert!(own.starts_with("We see it too.") && own.ends_with("Kim") && !own.contains("paid twice"), "{own}");
        assert_eq!(own_words("> yes\n> no\n"), "> yes\n> no");
    }

    #[test]
    fn every_way_of_a_hand_is_told_apart_from_a_mail() {
        for way in Way::ALL {
            assert_eq!(ReplySender::by_hand(*way).way(), Some(*way));
            assert_eq!(ReplySender::by_hand(*way).as_str(), way.as_str());
        }
        assert_eq!(ReplySender::of(None, "a@b.example").way(), None);
    }

    #[test]
    fn a_sender_is_compared_with_whom_it_went_to() {
        let to = "Support@Host.example";
        assert_eq!(ReplySender::of(Some("support@host.example"), to), ReplySender::Recipient);
        assert_eq!(ReplySender::of(Some("kim@HOST.example"), to), ReplySender::SameDomain);
        assert_eq!(ReplySender::of(Some("kim@other.example"), to), ReplySender::Elsewhere);
        assert_eq!(ReplySender::of(Some("kim"), "kim"), ReplySender::Recipient);
        assert_eq!(ReplySender::of(None, to), ReplySender::Elsewhere);
    }
}
