//! May an asset be used again? One function decides, for page, API, list and job.

use super::{AssetState, ReviewCause};
use crate::domain::moment::Moment;
use crate::domain::problem::Reason;
use crate::domain::words::words;
use serde::{Deserialize, Serialize};

words! {
    /// The five questions of a reuse decision. Yes to each means that it holds.
    ReusePart {
        ProductAccuracy = "product_accuracy",
        Campaign = "campaign",
        BrandFit = "brand_fit",
        Licence = "licence",
        CurrentClaims = "current_claims",
    }
}

/// How many questions there are.
pub const REUSE_PARTS: usize = ReusePart::ALL.len();

impl ReusePart {
    /// The question, as a person is asked it.
    pub fn question(self) -> &'static str {
        match self {
            ReusePart::ProductAccuracy => "Does it show the product as it is sold now?",
            ReusePart::Campaign => "Does its campaign, or the lack of one, fit this use?",
            ReusePart::BrandFit => "Does it fit the brand as it is now?",
            ReusePart::Licence => "Do its licence and rights cover this use?",
            ReusePart::CurrentClaims => "Is it free of claims and offers that no longer hold?",
        }
    }

    fn refusal(self) -> &'static str {
        match self {
            ReusePart::ProductAccuracy => "It does not show the product as it is sold now.",
            ReusePart::Campaign => "Its campaign does not fit this use.",
            ReusePart::BrandFit => "It does not fit the brand as it is now.",
            ReusePart::Licence => "Its licence or rights do not cover this use.",
            ReusePart::CurrentClaims => "It implies claims or offers that no longer hold.",
        }
    }
}

/// A person's answers to the five questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReuseAnswers)]
pub struct Answers {
    /// It shows the product as it is sold now.
    pub product_accuracy: bool,
    /// Its campaign fits this use.
    pub campaign: bool,
    /// It fits the brand as it is now.
    pub brand_fit: bool,
    /// Its licence and rights cover this use.
    pub licence: bool,
    /// It implies no claim or offer that no longer holds.
    pub current_claims: bool,
}

impl Answers {
    /// The answer to one question.
    pub fn to(&self, part: ReusePart) -> bool {
        match part {
            ReusePart::ProductAccuracy => self.product_accuracy,
            ReusePart::Campaign => self.campaign,
            ReusePart::BrandFit => self.brand_fit,
            ReusePart::Licence => self.licence,
            ReusePart::CurrentClaims => self.current_claims,
        }
    }

    /// Is every answer yes?
    pub fn all_hold(&self) -> bool {
        ReusePart::ALL.iter().all(|part| self.to(*part))
    }
}

/// The newest reuse decision, as the rule sees it.
#[derive(Clone, Copy, Debug)]
pub struct DecisionFacts {
    /// The five answers.
    pub answers: Answers,
    /// Was it made for the record as it is now?
    pub of_this_edition: bool,
    /// When.
    pub decided_at: Moment,
    /// When it is too old to count.
    pub counts_until: Moment,
}

/// Everything that the rule looks at. Days are those at the asset's site.
#[derive(Clone, Debug)]
pub struct Ground<'g> {
    /// Where the asset stands.
    pub state: AssetState,
    /// Does an active person of its site own it?
    pub owned: bool,
    /// Its own last day.
    pub expires_on: Option<&'g str>,
    /// The last day of its campaign.
    pub campaign_ends_on: Option<&'g str>,
    /// The day on which somebody looks at it again.
    pub review_on: Option<&'g str>,
    /// Reviews that wait.
    pub open_reviews: Vec<ReviewCause>,
    /// Reviews of its practice that are overdue.
    pub overdue_practice_reviews: usize,
    /// When the last change around it was reported.
    pub last_change_at: Option<Moment>,
    /// The newest decision.
    pub decision: Option<DecisionFacts>,
}

/// Has a last day passed?
fn over(day: Option<&str>, today: &str) -> bool {
    day.is_some_and(|day| day < today)
}

/// Its last day, the earlier of its own and its campaign's.
pub fn end_of<'d>(expires_on: Option<&'d str>, campaign_ends_on: Option<&'d str>) -> Option<&'d str> {
    [expires_on, campaign_ends_on].into_iter().flatten().min()
}

/// Has its end passed, whether or not anybody has noticed yet?
pub fn past_end(expires_on: Option<&str>, campaign_ends_on: Option<&str>, today: &str) -> bool {
    over(end_of(expires_on, campaign_ends_on), today)
}

/// Must it go from where it stands? Whatever is not approved, waits for a review after a change, or was answered with no to
/// one of the five questions. That nobody asked to use it once more is no reason.
pub fn must_go(state: AssetState, open_reviews: impl IntoIterator<Item = ReviewCause>, last: Option<&Answers>) -> bool {
    state != AssetState::Approved
        || open_reviews.into_iter().any(ReviewCause::is_change)
        || last.is_some_and(|answers| !answers.all_hold())
}

const DECIDERS: &str = "owner, support_lead, administrator";

/// Every reason why an asset must not be used again now; none: it may.
pub fn reuse_reasons(ground: &Ground, today: &str, now: Moment) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut no = |code: &str, message: String, who: &str| reasons.push(Reason::new(code, message, who));
    match ground.state {
        AssetState::Approved => {}
        AssetState::Draft => {
            no("not_approved", "Nobody has approved it as it is now.".into(), "a second person on its site")
        }
        AssetState::Rejected => no("rejected", "It was rejected. Use another one.".into(), "nobody"),
        AssetState::Expired => {
            no("expired", "Its end has passed. Change its dates, and have it approved.".into(), DECIDERS)
        }
        AssetState::Removed => no("removed", "It was removed. Use another one.".into(), "nobody"),
    }
    if ground.state == AssetState::Approved {
        if over(ground.expires_on, today) {
            no("expired", "Its end has passed. Change its dates, and have it approved.".into(), DECIDERS);
        }
        if over(ground.campaign_ends_on, today) {
            no("campaign_over", "Its campaign is over. Give it another one, and have it approved.".into(), DECIDERS);
        }
        let waits = ground.open_reviews.contains(&ReviewCause::ReviewDate);
        if over(ground.review_on, today) && !waits {
            no("review_date", "Its review date has passed. Review it.".into(), DECIDERS);
        }
    }
    if !ground.owned {
        no("no_owner", "No active person of its site owns it. Name an owner.".into(), DECIDERS);
    }
    for cause in &ground.open_reviews {
        let message = match cause {
            ReviewCause::ReviewDate => "Its review date has passed. Review it.".to_owned(),
            cause => format!("After a change ({}) nobody has reviewed it yet.", cause.label()),
        };
        no(cause.as_str(), message, DECIDERS);
    }
    if ground.overdue_practice_reviews > 0 {
        no("practice_review_overdue", "A review that its practice asks for is overdue.".into(), "owner");
    }
    reasons.extend(decision_reasons(ground, now));
    reasons
}

fn decision_reasons(ground: &Ground, now: Moment) -> Vec<Reason> {
    let one = |code: &str, message: &str| vec![Reason::new(code, message, DECIDERS)];
    let Some(decision) = &ground.decision else {
        return one("no_reuse_decision", "Nobody has answered the five questions about using it again.");
    };
    let refused: Vec<Reason> = ReusePart::ALL
        .iter()
        .filter(|part| !decision.answers.to(**part))
        .map(|part| Reason::new(format!("reuse_{part}"), part.refusal(), DECIDERS))
        .collect();
    if !decision.of_this_edition {
        return one(
            "decision_of_another_record",
            "Its record changed after the five questions were answered. Answer again.",
        );
    }
    if ground.last_change_at.is_some_and(|at| decision.decided_at <= at) {
        return one(
            "decision_before_change",
            "Something around it changed after the five questions were answered. Answer again.",
        );
    }
    if now >= decision.counts_until {
        return one("decision_too_old", "The five questions were answered too long ago. Answer again.");
    }
    refused
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Duration;
    use proptest::prelude::*;

    const TODAY: &str = "2026-11-21";
    const ALL: Answers =
        Answers { product_accuracy: true, campaign: true, brand_fit: true, licence: true, current_claims: true };

    fn now() -> Moment {
        crate::domain::moment::from_wall_clock(TODAY, "12:00", "UTC").unwrap()
    }

    fn good() -> Ground<'static> {
        Ground {
            state: AssetState::Approved,
            owned: true,
            expires_on: Some("2026-12-31"),
            campaign_ends_on: Some("2026-11-21"),
            review_on: Some("2026-11-21"),
            open_reviews: Vec::new(),
            overdue_practice_reviews: 0,
            last_change_at: Some(now().minus(Duration::days(2))),
            decision: Some(DecisionFacts {
                answers: ALL,
                of_this_edition: true,
                decided_at: now().minus(Duration::days(1)),
                counts_until: now().plus(Duration::days(29)),
            }),
        }
    }

    fn codes(ground: &Ground) -> Vec<String> {
        reuse_reasons(ground, TODAY, now()).into_iter().map(|reason| reason.code).collect()
    }

    #[test]
    fn it_may_be_used_through_its_last_day_and_not_after() {
        assert_eq!(codes(&good()), Vec::<String>::new());
        assert_eq!(codes(&Ground { expires_on: Some("2026-11-20"), ..good() }), ["expired"]);
        assert_eq!(codes(&Ground { campaign_ends_on: Some("2026-11-20"), ..good() }), ["campaign_over"]);
        assert_eq!(codes(&Ground { review_on: Some("2026-11-20"), ..good() }), ["review_date"]);
        let waits = Ground { review_on: Some("2026-11-20"), open_reviews: vec![ReviewCause::ReviewDate], ..good() };
        assert_eq!(codes(&waits), ["review_date"], "said once");
        assert_eq!(end_of(Some("2026-12-01"), Some("2026-11-30")), Some("2026-11-30"));
        assert!(past_end(None, Some("2026-11-20"), TODAY) && !past_end(None, None, TODAY));
    }

    #[test]
    fn a_decision_counts_for_what_it_was_made_about() {
        let with = |change: fn(&mut DecisionFacts)| {
            let mut decision = good().decision.unwrap();
            change(&mut decision);
            codes(&Ground { decision: Some(decision), ..good() })
        };
        assert_eq!(codes(&Ground { decision: None, ..good() }), ["no_reuse_decision"]);
        assert_eq!(with(|d| d.of_this_edition = false), ["decision_of_another_record"]);
        assert_eq!(with(|d| d.decided_at = d.decided_at.minus(Duration::days(3))), ["decision_before_change"]);
        assert_eq!(with(|d| d.counts_until = d.decided_at), ["decision_too_old"]);
        assert_eq!(with(|d| d.answers.licence = false), ["reuse_licence"]);
        assert_eq!(
            codes(&Ground { owned: false, overdue_practice_reviews: 1, ..good() }),
            ["no_owner", "practice_review_overdue"]
        );
    }

    #[test]
    fn what_is_not_approved_or_no_longer_fits_must_go() {
        let no = Answers { brand_fit: false, ..ALL };
        assert!(!must_go(AssetState::Approved, [ReviewCause::ReviewDate], Some(&ALL)));
        assert!(!must_go(AssetState::Approved, [], None));
        assert!(must_go(AssetState::Approved, [ReviewCause::OfferChange], Some(&ALL)));
        assert!(must_go(AssetState::Approved, [], Some(&no)));
        for state in [AssetState::Draft, AssetState::Rejected, AssetState::Expired, AssetState::Removed] {
            assert!(must_go(state, [], Some(&ALL)), "{state}");
        }
    }

    proptest! {
        /// Whatever else holds: nothing but an approved, owned asset with five yeses and no waiting review is open.
        #[test]
        fn open_means_that_all_of_it_holds(
            state in 0..AssetState::ALL.len(), owned: bool, answers: [bool; REUSE_PARTS], waits: bool, decided: bool,
            overdue in 0usize..2, end in 18u32..25,
        ) {
            let end = format!("2026-11-{end}");
            let [product_accuracy, campaign, brand_fit, licence, current_claims] = answers;
            let answers = Answers { product_accuracy, campaign, brand_fit, licence, current_claims };
            let decision = good().decision.map(|decision| DecisionFacts { answers, ..decision }).filter(|_| decided);
            let ground = Ground {
                state: AssetState::ALL[state],
                owned,
                expires_on: Some(&end),
                open_reviews: if waits { vec![ReviewCause::BrandChange] } else { Vec::new() },
                overdue_practice_reviews: overdue,
                decision,
                ..good()
            };
            let holds = ground.state == AssetState::Approved && owned && !waits && decided && answers.all_hold()
                && overdue == 0 && end.as_str() >= TODAY;
            prop_assert_eq!(reuse_reasons(&ground, TODAY, now()).is_empty(), holds);
        }
    }
}
