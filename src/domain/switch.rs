//! What becomes of work when a switch is pressed, and how long a switch may go untried.
//!
//! Source: seed "Workflow safety", "Kill switches": category-level controls stay visible to operations owners.

use super::moment::Moment;
use super::words::words;
use chrono::Duration;
use serde::{Deserialize, Serialize};

words! {
    /// What becomes of a run in progress.
    RunningFate {
        /// It stops when its lease runs out, at the latest.
        Stop = "stop",
        /// It may end; it gets no new lease for another run.
        Finish = "finish",
    }
}

words! {
    /// What becomes of work that waits.
    WaitingFate {
        /// It is forgotten: after the release there is no burst.
        Drop = "drop",
        /// It is kept, and comes back one at a time after the release.
        Hold = "hold",
    }
}

/// The four fates that a pause states. The default drops the backlog, so that it never bursts on resume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Fates {
    /// Of runs in progress.
    pub running: RunningFate,
    /// Of queued work.
    pub queued: WaitingFate,
    /// Of scheduled work.
    pub scheduled: WaitingFate,
    /// Of failed work that would be tried again.
    pub retrying: WaitingFate,
}

impl Default for Fates {
    fn default() -> Self {
        Self {
            running: RunningFate::Stop,
            queued: WaitingFate::Drop,
            scheduled: WaitingFate::Drop,
            retrying: WaitingFate::Drop,
        }
    }
}

impl Fates {
    /// The strictest of several pauses: what one stops or drops, no other keeps.
    pub fn strictest(all: impl IntoIterator<Item = Fates>) -> Option<Fates> {
        let strict = |a: WaitingFate, b: WaitingFate| if a == WaitingFate::Drop { a } else { b };
        all.into_iter().reduce(|a, b| Fates {
            running: if a.running == RunningFate::Stop { a.running } else { b.running },
            queued: strict(a.queued, b.queued),
            scheduled: strict(a.scheduled, b.scheduled),
            retrying: strict(a.retrying, b.retrying),
        })
    }
}

impl Fates {
    /// What they mean, in a sentence for people.
    pub fn words(&self) -> String {
        let waiting = [("queued", self.queued), ("scheduled", self.scheduled), ("retrying", self.retrying)];
        let of = |wanted: WaitingFate| {
            let names: Vec<&str> = waiting.iter().filter(|(_, fate)| *fate == wanted).map(|(name, _)| *name).collect();
            listed(&names)
        };
        let running = match self.running {
            RunningFate::Stop => "Running work stops",
            RunningFate::Finish => "Running work may finish",
        };
        let dropped = of(WaitingFate::Drop).map(|names| format!("; {names} work is dropped")).unwrap_or_default();
        let kept = of(WaitingFate::Hold).map(|names| format!("; {names} work is kept, and comes back one at a time"));
        format!("{running}{dropped}{}.", kept.unwrap_or_default())
    }
}

/// May a run that is in progress come to its end, although its gate closed for reasons with these codes? Only where
/// every one of them is a pause, and no pause stops it.
pub fn may_finish<'a>(running: Option<RunningFate>, codes: impl IntoIterator<Item = &'a str>) -> bool {
    running == Some(RunningFate::Finish) && codes.into_iter().all(|code| code.starts_with("paused"))
}

/// "a, b and c"; none for an empty list.
fn listed(names: &[&str]) -> Option<String> {
    match names {
        [] => None,
        [one] => Some((*one).to_owned()),
        [first @ .., last] => Some(format!("{} and {last}", first.join(", "))),
    }
}

/// Did a drill show that the switch stops all that it covers? One that covers nothing shows nothing.
pub fn drill_worked(covered: i32, closed: i32) -> bool {
    covered > 0 && closed >= covered
}

/// How a switch stands by its drills. Shown to people, never a reason of the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrillStanding {
    /// Not tried yet, and not overdue: it has something to stop since a short time only.
    New { due: Moment },
    /// Tried, and worked.
    Tried { due: Moment },
    /// Not tried for longer than the schedule says, or never.
    Overdue { due: Moment },
    /// The last drill did not stop everything.
    Failed { at: Moment },
}

impl DrillStanding {
    /// Must somebody look? The board shows it in amber.
    pub fn is_amber(self) -> bool {
        matches!(self, DrillStanding::Overdue { .. } | DrillStanding::Failed { .. })
    }

    /// The order in which switches are to be tried: first those that failed, then by the day on which they are due.
    pub fn turn(self) -> (bool, Moment) {
        match self {
            DrillStanding::Failed { at } => (false, at),
            DrillStanding::New { due } | DrillStanding::Tried { due } | DrillStanding::Overdue { due } => (true, due),
        }
    }
}

/// How a switch stands. `last`: when it was last tried, and whether it worked; `since`: when it got something to stop;
/// `days`: how long it may go untried.
pub fn drill_standing(last: Option<(Moment, bool)>, since: Moment, days: i64, now: Moment) -> DrillStanding {
    let due = |from: Moment| from.plus(Duration::days(days));
    match last {
        Some((at, false)) => DrillStanding::Failed { at },
        Some((at, true)) if now < due(at) => DrillStanding::Tried { due: due(at) },
        Some((at, true)) => DrillStanding::Overdue { due: due(at) },
        None if now < due(since) => DrillStanding::New { due: due(since) },
        None => DrillStanding::Overdue { due: due(since) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(days: i64) -> Moment {
        Moment::from_naive_utc(chrono::NaiveDateTime::default()).plus(Duration::days(days))
    }

    #[test]
    fn fates_are_told_in_a_sentence() {
        let told = "Running work stops; queued, scheduled and retrying work is dropped.";
        assert_eq!(Fates::default().words(), told);
        let gentle = Fates { running: RunningFate::Finish, queued: WaitingFate::Hold, ..Fates::default() };
        let told = "Running work may finish; scheduled and retrying work is dropped; queued work is kept, and comes back one at a time.";
        assert_eq!(gentle.words(), told);
        let kept = WaitingFate::Hold;
        let all = Fates { running: RunningFate::Stop, queued: kept, scheduled: kept, retrying: kept };
        let told = "Running work stops; queued, scheduled and retrying work is kept, and comes back one at a time.";
        assert_eq!(all.words(), told);
    }

    #[test]
    fn running_work_finishes_only_where_nothing_but_such_pauses_closes_the_gate() {
        let paused = ["paused", "paused_by_incident"];
        assert!(may_finish(Some(RunningFate::Finish), paused));
        assert!(!may_finish(Some(RunningFate::Finish), ["paused", "altered_outside"]));
        assert!(!may_finish(Some(RunningFate::Stop), paused) && !may_finish(None, paused));
    }

    #[test]
    fn a_drill_that_covers_nothing_shows_nothing() {
        assert!(drill_worked(3, 3) && !drill_worked(3, 2) && !drill_worked(0, 0));
    }

    proptest! {
        #[test]
        fn a_switch_is_amber_when_it_failed_or_went_untried_for_too_long(
            last in proptest::option::of((0..100i64, any::<bool>())), since in 0..100i64, days in 1..50i64, now in 0..200i64,
        ) {
            let standing = drill_standing(last.map(|(day, worked)| (at(day), worked)), at(since), days, at(now));
            let amber = match last {
                Some((_, false)) => true,
                Some((day, true)) => now >= day + days,
                None => now >= since + days,
            };
            prop_assert_eq!(standing.is_amber(), amber);
        }

        #[test]
        fn what_failed_is_tried_first(day in 0..100i64, other in 0..100i64, now in 0..200i64) {
            let failed = drill_standing(Some((at(day), false)), at(0), 30, at(now));
            let worked = drill_standing(Some((at(other), true)), at(0), 30, at(now));
            prop_assert!(failed.turn() < worked.turn());
        }
    }
}
