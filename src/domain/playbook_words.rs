//! A playbook's words on one site: what `{name}` stands for there, or where it is still to be written down.

use super::playbook::{Local, Topic};
use std::collections::BTreeMap;

/// A piece of a text whose placeholders were filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Words of the playbook.
    Words(String),
    /// What a placeholder stands for on this site.
    Here(String),
    /// Nobody has written it down: what is missing, and where it belongs.
    Missing(String, Place),
}

/// Where the value of a placeholder is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the site's record, in this field.
    Site(&'static str),
    /// In the playbook's row of this topic.
    Row(Topic),
}

/// Fields of a site's record that a placeholder may be named after, and how each is called.
pub const SITE_FIELDS: [(&str, &str); 5] = [
    ("hosting_contact", "the site's hosting contact"),
    ("provider_contact", "the site's contact at the AI provider"),
    ("setup_owner", "the site's setup owner"),
    ("production_url", "the site's address"),
    ("staging_url", "the site's staging address"),
];

/// What a site says about placeholders.
#[derive(Clone, Debug, Default)]
pub struct OnSite {
    /// Values of the site's record by field; empty ones are left out.
    pub fields: BTreeMap<&'static str, String>,
    /// The newest answer to each row, with what it was changed to.
    pub rows: BTreeMap<Topic, (Local, Option<String>)>,
    /// Topic and hint of each placeholder, by name.
    pub placeholders: BTreeMap<String, (Topic, String)>,
}

impl OnSite {
    /// The text in pieces. A name in braces that is no placeholder stays as it is.
    pub fn pieces(&self, text: &str) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut words = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            words.push_str(before);
            let named = after.split_once('}').and_then(|(name, after)| Some((self.stands_for(name)?, after)));
            match named {
                Some((piece, after)) => {
                    if !words.is_empty() {
                        pieces.push(Piece::Words(std::mem::take(&mut words)));
                    }
                    pieces.push(piece);
                    rest = after;
                }
                None => {
                    words.push('{');
                    rest = after;
                }
            }
        }
        words.push_str(rest);
        if !words.is_empty() {
            pieces.push(Piece::Words(words));
        }
        pieces
    }

    /// The text on one line of a record, where no link can stand.
    pub fn line(&self, text: &str) -> String {
        let said = |piece| match piece {
            Piece::Words(words) | Piece::Here(words) => words,
            Piece::Missing(what, _) => format!("({what}: not written down yet)"),
        };
        self.pieces(text).into_iter().map(said).collect()
    }

    fn stands_for(&self, name: &str) -> Option<Piece> {
        let (topic, hint) = self.placeholders.get(name)?;
        if let Some((field, what)) = SITE_FIELDS.iter().find(|(field, _)| *field == name) {
            return Some(match self.fields.get(field) {
                Some(value) => Piece::Here(value.clone()),
                None => Piece::Missing((*what).to_owned(), Place::Site(field)),
            });
        }
        let hint = hint.trim_end_matches('.').to_owned();
        Some(match self.rows.get(topic) {
            Some((Local::ChangedTo, Some(value))) => Piece::Here(value.clone()),
            Some((Local::Same, _)) => Piece::Here(format!("{hint} (as on the site that it comes from)")),
            Some((Local::NotUsed, _)) => Piece::Here(format!("{hint} (not used on this site)")),
            _ => Piece::Missing(hint, Place::Row(*topic)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> OnSite {
        let placeholder = |name: &str, topic, hint: &str| (name.to_owned(), (topic, hint.to_owned()));
        OnSite {
            fields: [("setup_owner", "Omar".to_owned())].into(),
            rows: [
                (Topic::OrderStatuses, (Local::ChangedTo, Some("wc-paid".to_owned()))),
                (Topic::Language, (Local::Same, None)),
                (Topic::CouponRules, (Local::NotUsed, None)),
            ]
            .into(),
            placeholders: [
                placeholder("paid", Topic::OrderStatuses, "The status of a paid order."),
                placeholder("tongue", Topic::Language, "The shop's language."),
                placeholder("coupon", Topic::CouponRules, "The coupon that is given."),
                placeholder("manager", Topic::Roles, "Who manages the shop."),
                placeholder("setup_owner", Topic::Roles, "Who set it up."),
                placeholder("hosting_contact", Topic::SupportOwnership, "Whom to call."),
            ]
            .into(),
        }
    }

    #[test]
    fn what_a_site_says_stands_in_the_text() {
        let words = |text: &str| Piece::Words(text.to_owned());
        assert_eq!(
            site().pieces("Set {paid}, ask {setup_owner}."),
            [words("Set "), Piece::Here("wc-paid".into()), words(", ask "), Piece::Here("Omar".into()), words(".")]
        );
        assert_eq!(site().line("In {tongue}"), "In The shop's language (as on the site that it comes from)");
        assert_eq!(site().line("{coupon}"), "The coupon that is given (not used on this site)");
    }

    #[test]
    fn what_nobody_wrote_down_is_named_with_its_place() {
        assert_eq!(
            site().pieces("{hosting_contact}"),
            [Piece::Missing("the site's hosting contact".into(), Place::Site("hosting_contact"))]
        );
        assert_eq!(
            site().pieces("{manager}"),
            [Piece::Missing("Who manages the shop".into(), Place::Row(Topic::Roles))]
        );
        assert_eq!(site().line("Ask {manager}"), "Ask (Who manages the shop: not written down yet)");
    }

    #[test]
    fn other_braces_stay() {
        for text in ["{unknown} {", "a { b } c", "{}", "{ {x}", "no braces", ""] {
            assert_eq!(site().line(text), text);
        }
    }
}
