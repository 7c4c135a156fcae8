//! What is told and answered outside Allclear: by telephone, in a portal, in a chat. Somebody records it by hand.

use super::moment::Moment;
use super::problem::FieldError;
use super::words::words;
use chrono::{Duration, SubsecRound, Timelike};

words! {
    /// How two people reached each other.
    Way {
        Telephone = "telephone",
        /// The other side's ticket system.
        Portal = "portal",
        Chat = "chat",
        /// A mail that somebody sent from a mailbox of their own.
        OwnMail = "own_mail",
        InPerson = "in_person",
    }
}

impl Way {
    /// In words: "told them …".
    pub fn in_words(self) -> &'static str {
        match self {
            Way::Telephone => "by telephone",
            Way::Portal => "in their ticket portal",
            Way::Chat => "by chat",
            Way::OwnMail => "by a mail from another mailbox",
            Way::InPerson => "in person",
        }
    }
}

/// When it was: now if nobody says. Not in the future (a clock that is five minutes fast is forgiven, and cut to now), and
/// not before the escalation; forms say minutes, so its own minute counts as after it.
pub fn told_at(at: Option<Moment>, escalated_at: Moment, now: Moment) -> Result<Moment, FieldError> {
    let at = at.unwrap_or(now);
    let minute = escalated_at.naive_utc().trunc_subsecs(0).with_second(0);
    let minute = minute.map_or(escalated_at, Moment::from_naive_utc);
    if at > now.plus(Duration::minutes(5)) {
        return Err(FieldError::new(
            "at",
            format!("This lies in the future; it is now {}. Check the date and the zone.", now.rfc3339()),
        ));
    }
    if at < minute {
        return Err(FieldError::new(
            "at",
            format!("The escalation was written at {}; this lies before it.", escalated_at.rfc3339()),
        ));
    }
    Ok(at.max(escalated_at).min(now))
}

#[cfg(test)]
mod tests {
    use super::super::moment::from_wall_clock;
    use super::*;

    #[test]
    fn it_was_after_the_escalation_and_not_in_the_future() {
        let at = |time: &str| from_wall_clock("2026-11-22", time, "UTC").expect("a time");
        let (escalated, now) = (at("10:05:32"), at("11:00:20"));
        assert_eq!(told_at(None, escalated, now), Ok(now));
        assert_eq!(told_at(Some(at("10:30")), escalated, now), Ok(at("10:30")));
        assert_eq!(told_at(Some(at("10:05")), escalated, now), Ok(escalated), "its own minute");
        assert_eq!(told_at(Some(at("11:03")), escalated, now), Ok(now), "a fast clock");
        assert!(told_at(Some(at("10:04")), escalated, now).is_err());
        assert!(told_at(Some(at("11:06")), escalated, now).is_err());
    }
}
