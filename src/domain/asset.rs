//! A generated asset: what must be known before it is used, where it stands, and whether it may be used again.
//!
//! Source: seed "Media Library asset lifecycle". A generated image does not live for ever: it has an owner, a licence and an
//! end, and what is changed around it (offer, packaging, season, brand) asks for another look.

mod record;
mod reuse;

pub use record::{Approval, NO_CAMPAIGN, Record, approval_reasons, missing, says_what_it_shows};
pub use reuse::{Answers, DecisionFacts, Ground, REUSE_PARTS, ReusePart, end_of, must_go, past_end, reuse_reasons};

use super::words::words;

words! {
    /// Where an asset stands.
    AssetState {
        /// Brought in or changed; nobody has approved it as it is.
        Draft = "draft",
        /// A second person approved it.
        Approved = "approved",
        /// A variation that was not taken, or that no longer fits. It is removed on schedule.
        Rejected = "rejected",
        /// Its end has passed.
        Expired = "expired",
        /// Its bytes are gone; its row and hash stay.
        Removed = "removed",
    }
}

words! {
    /// What changes where an asset stands.
    AssetStep {
        Approve = "approve",
        Reject = "reject",
        /// Its end passed.
        Expire = "expire",
        /// Its record was changed: what was approved was another one.
        Revise = "revise",
        Remove = "remove",
    }
}

words! {
    /// Why an approved asset must be looked at again.
    ReviewCause {
        OfferChange = "offer_change",
        PackagingChange = "packaging_change",
        SeasonChange = "season_change",
        BrandChange = "brand_change",
        /// Its review date passed.
        ReviewDate = "review_date",
    }
}

words! {
    /// What a review found.
    ReviewOutcome {
        /// It may be used as before.
        StillFits = "still_fits",
        /// It is rejected, and cleaned from where it stands.
        NoLongerFits = "no_longer_fits",
    }
}

impl AssetState {
    /// Where a step leads; none: it does not lead anywhere from here.
    pub fn after(self, step: AssetStep) -> Option<AssetState> {
        match (self, step) {
            (AssetState::Removed, _) => None,
            (AssetState::Draft, AssetStep::Approve) => Some(AssetState::Approved),
            (AssetState::Draft | AssetState::Approved | AssetState::Expired, AssetStep::Reject) => {
                Some(AssetState::Rejected)
            }
            (AssetState::Approved, AssetStep::Expire) => Some(AssetState::Expired),
            (_, AssetStep::Revise) => Some(AssetState::Draft),
            (_, AssetStep::Remove) => Some(AssetState::Removed),
            _ => None,
        }
    }
}

impl ReviewCause {
    /// Is it a change that somebody reports?
    pub fn is_change(self) -> bool {
        self != ReviewCause::ReviewDate
    }

    /// The words for the changes that somebody reports.
    pub fn changes() -> Vec<ReviewCause> {
        Self::ALL.iter().copied().filter(|cause| cause.is_change()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_removed_stays_removed_and_nothing_is_approved_but_a_draft() {
        for step in AssetStep::ALL {
            assert_eq!(AssetState::Removed.after(*step), None, "{step}");
        }
        for state in AssetState::ALL.iter().filter(|state| **state != AssetState::Draft) {
            assert_eq!(state.after(AssetStep::Approve), None, "{state}");
        }
    }

    #[test]
    fn every_state_is_reached_and_all_but_removed_are_left() {
        let reached = |state: AssetState| AssetState::ALL.iter().any(|from| from.leads_to(state));
        for state in AssetState::ALL {
            assert!(reached(*state), "{state}");
            let left = AssetStep::ALL.iter().any(|step| state.after(*step).is_some());
            assert_eq!(left, *state != AssetState::Removed, "{state}");
        }
    }

    impl AssetState {
        fn leads_to(self, state: AssetState) -> bool {
            AssetStep::ALL.iter().any(|step| self.after(*step) == Some(state))
        }
    }
}
