//! Escalation: four questions lead to a destination (error reports page of the field: validation error to the workflow
//! owner, host connectivity to hosting, provider failure to the provider, reproducible plugin issue to the vendor).

use super::bundle::Audience;
use super::problem::{FieldError, Reason};
use super::words::words;
use serde::{Deserialize, Serialize};

words! {
    /// Where a mail stands.
    Delivery {
        Queued = "queued",
        Sent = "sent",
        Failed = "failed",
    }
}

/// The four answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Routing {
    /// Was what went in not valid?
    pub validation_error: bool,
    /// Did the host, its network or its limits get in the way?
    pub host_connectivity: bool,
    /// Did the AI provider fail?
    pub provider_failure: bool,
    /// Does the plugin do the wrong thing, every time?
    pub reproducible_plugin_issue: bool,
}

impl Routing {
    /// Where the answers lead, in the order of the questions. With no "yes" it stays in the house.
    pub fn destinations(&self) -> Vec<Audience> {
        let answers = [
            (self.validation_error, Audience::Internal),
            (self.host_connectivity, Audience::Hosting),
            (self.provider_failure, Audience::Provider),
            (self.reproducible_plugin_issue, Audience::Vendor),
        ];
        let led: Vec<Audience> = answers.into_iter().filter(|(yes, _)| *yes).map(|(_, to)| to).collect();
        if led.is_empty() { vec![Audience::Internal] } else { led }
    }

    /// Why the destination was chosen, in words that are stored with the escalation.
    pub fn in_words(&self) -> String {
        let said: Vec<&str> = [
            (self.validation_error, "validation error: workflow owner"),
            (self.host_connectivity, "host connectivity: hosting"),
            (self.provider_failure, "provider failure: provider"),
            (self.reproducible_plugin_issue, "reproducible plugin issue: vendor"),
        ]
        .into_iter()
        .filter_map(|(yes, words)| yes.then_some(words))
        .collect();
        if said.is_empty() { "none of the four: our own operations".to_owned() } else { said.join("; ") }
    }
}

/// Refuses a destination that the answers do not lead to, unless somebody says why.
pub fn routing_refusal(routing: &Routing, to: Audience, override_reason: Option<&str>) -> Option<Reason> {
    if routing.destinations().contains(&to) || override_reason.is_some_and(|reason| !reason.trim().is_empty()) {
        return None;
    }
    let led: Vec<&str> = routing.destinations().into_iter().map(Audience::in_words).collect();
    Some(Reason::new(
        "other_destination",
        format!("The four answers lead to {}. Say why it goes to {} all the same.", led.join(" or "), to.in_words()),
        "support_lead",
    ))
}

/// One plain address, without a name, a second address or a line end: what goes into a mail header. The shape of both
/// sides of the `@` is that of RFC 5321 without quotes: whatever passes here can be put into a mail.
pub fn is_plain_address(address: &str) -> bool {
    let atom = |part: &str, marks: &[u8]| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || marks.contains(&b))
    };
    let label = |part: &str| part.len() <= 63 && atom(part, b"-") && !part.starts_with('-') && !part.ends_with('-');
    address.len() <= 254
        && address.split_once('@').is_some_and(|(local, domain)| {
            local.len() <= 64
                && local.split('.').all(|part| atom(part, b"!#$%&'*+-/=?^_`{|}~"))
                && domain.contains('.')
                && domain.split('.').all(label)
        })
}

/// Refuses what is not one plain address.
pub fn check_recipient(field: &str, to: &str, errors: &mut Vec<FieldError>) {
    if !is_plain_address(to) {
        errors.push(FieldError::new(field, "Give one plain address, for example support@hosting.example."));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routing(answers: [bool; 4]) -> Routing {
        let [validation_error, host_connectivity, provider_failure, reproducible_plugin_issue] = answers;
        Routing { validation_error, host_connectivity, provider_failure, reproducible_plugin_issue }
    }

    #[test]
    fn four_answers_lead_to_a_destination() {
        assert_eq!(routing([false; 4]).destinations(), [Audience::Internal]);
        assert_eq!(routing([false, true, false, false]).destinations(), [Audience::Hosting]);
        assert_eq!(routing([false, false, true, true]).destinations(), [Audience::Provider, Audience::Vendor]);
    }

    #[test]
    fn another_destination_needs_its_reason() {
        let host = routing([false, true, false, false]);
        assert!(routing_refusal(&host, Audience::Hosting, None).is_none());
        assert!(routing_refusal(&host, Audience::Vendor, None).is_some());
        assert!(routing_refusal(&host, Audience::Vendor, Some("  ")).is_some());
        assert!(routing_refusal(&host, Audience::Vendor, Some("the host asked us to")).is_none());
    }

    #[test]
    fn a_recipient_is_one_plain_address() {
        for (to, good) in [
            ("support@hosting.example", true),
            ("a@b.example\r\nBcc: c@d.example", false),
            ("a@b.example,c@d.example", false),
            ("Support <a@b.example>", false),
            ("nobody", false),
            ("kim.o'hara+shop@mail.example.org", true),
            ("kim..hara@example.org", false),
            (".kim@example.org", false),
            ("kim@example", false),
            ("kim@-a.example", false),
            ("kim@example..org", false),
            ("kim@example.org.", false),
            ("k\u{e4}the@example.org", false),
        ] {
            let mut errors = Vec::new();
            check_recipient("to", to, &mut errors);
            assert_eq!(errors.is_empty(), good, "{to}");
        }
    }
}
