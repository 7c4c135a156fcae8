//! May an asset be used again? The answer for whoever asks, and the decision of a person about the five questions.

use super::asset_standing::{self, Standing};
use super::assets::find;
use super::{Answer, Desk, Failure, sight};
use crate::domain::asset::{Answers, AssetState, end_of};
use crate::domain::ids::ReuseDecisionId;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::Reason;
use crate::domain::statement::only_statement;
use crate::store::asset_reviews::ReuseDecisionRow;
use crate::store::assets::AssetRow;
use crate::store::{Connection, Verb};
use serde::Serialize;

/// The answer to "may it be used again now?".
#[derive(Debug)]
pub enum ReuseAnswer {
    /// It may.
    Open(OpenReuse),
    /// It may not.
    Closed(ClosedReuse),
}

/// Body of a 200.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct OpenReuse {
    /// Always `open`.
    pub verdict: &'static str,
    /// The asset.
    pub asset: String,
    /// SHA-256 of the picture that the answer is about.
    pub sha256: String,
    /// SHA-256 of the file as it came in.
    pub original_sha256: String,
    /// Alt text to show with it.
    pub alt_text: Option<String>,
    /// When the five questions must be answered again at the latest.
    pub expires_at: Option<String>,
    /// Its last day, if it has one.
    pub ends_on: Option<String>,
}

/// What a 423 says beside its title.
#[derive(Clone, Debug, Serialize)]
pub struct ClosedReuse {
    /// Always `closed`.
    pub verdict: &'static str,
    /// Every reason.
    pub reasons: Vec<Reason>,
}

/// A decision on record.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReuseDecided {
    /// Its id.
    pub id: String,
    /// The asset.
    pub asset: String,
    /// May the asset be used again now?
    pub reusable: bool,
    /// Why not.
    pub reasons: Vec<Reason>,
}

impl Answer for ReuseDecided {
    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/assets/{}/reuse", self.asset))
    }
}

/// Asks whether an asset may be used again.
pub fn ask(desk: &Desk, connection: &mut Connection, actor: &Actor, id: &str) -> Result<ReuseAnswer, Failure> {
    let row = find(connection, actor, id, Act::ReadRegistry)?;
    let standing = asset_standing::at_desk(desk, connection, &row)?;
    Ok(answer_of(&row, &standing))
}

/// The answer, where it is known how the asset stands.
pub fn answer_of(row: &AssetRow, standing: &Standing) -> ReuseAnswer {
    if !standing.reusable() {
        return ReuseAnswer::Closed(ClosedReuse { verdict: "closed", reasons: standing.refusals.clone() });
    }
    ReuseAnswer::Open(OpenReuse {
        verdict: "open",
        asset: row.id.to_string(),
        sha256: row.sha256.clone(),
        original_sha256: row.original_sha256.clone(),
        alt_text: row.alt_text.as_ref().map(ToString::to_string),
        expires_at: standing.decision_until.map(|at| at.rfc3339()),
        ends_on: end_of(row.expires_on.as_deref(), row.campaign_ends_on.as_deref()).map(str::to_owned),
    })
}

/// Answers the five questions. `note` says for which use, and what was looked at.
pub fn decide(desk: &Desk, actor: &Actor, id: &str, answers: Answers, note: &str) -> Result<ReuseDecided, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    desk.read(|connection| find(connection, actor, id, Act::ApproveAsset))?;
    let note = only_statement("note", note, "Say in a sentence for which use, and what you looked at.")?;
    let note = super::pause::registry_redactor(desk)?.text(&note).text;
    let (id, actor_copy, limits) = (id.to_owned(), actor.clone(), desk.limits.clone());
    desk.answer(actor, move |tx| {
        let row = find(tx.connection(), &actor_copy, &id, Act::ApproveAsset)?;
        if row.state == AssetState::Removed {
            return Err(Failure::refused(Reason::new("removed", "It was removed. Use another one.", "nobody")));
        }
        let decision = ReuseDecisionRow {
            id: ReuseDecisionId::fresh(),
            asset_id: row.id.clone(),
            edition: row.edition,
            product_accuracy: answers.product_accuracy,
            campaign: answers.campaign,
            brand_fit: answers.brand_fit,
            licence: answers.licence,
            current_claims: answers.current_claims,
            note,
            decided_by: person,
            decided_at: tx.now(),
        };
        tx.insert(Verb::Recorded, &decision)?;
        let now = tx.now();
        let standing = asset_standing::of(tx.connection(), &row, now, &limits)?;
        Ok(ReuseDecided {
            id: decision.id.to_string(),
            asset: row.id.to_string(),
            reusable: standing.reusable(),
            reasons: standing.refusals,
        })
    })
}
