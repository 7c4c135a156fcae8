//! What becomes of work when a switch is pressed, and how long a switch may go untried.
//!
//! Source: seed "Workflow safety", "Kill switches": category-level controls stay visible to operations owners.

use super::words::words;
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
