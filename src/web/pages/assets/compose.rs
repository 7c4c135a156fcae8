//! What an asset's page shows.

use super::alt;
use crate::actions::asset_standing::{self, PRACTICE};
use crate::actions::sight::promised;
use crate::actions::{Desk, Failure, assets as acts};
use crate::domain::asset::{Answers, AssetState, ReusePart, ReviewCause};
use crate::domain::person::{Act, Actor};
use crate::domain::practice::{Place, SubjectKind};
use crate::domain::problem::Reason;
use crate::redaction::Redacted;
use crate::store::asset_reviews::AssetReviewRow;
use crate::store::assets::AssetRow;
use crate::store::{Connection, asset_reviews, assets, people, practices, sites};
use crate::web::pages::mistakes::mistakes;
use crate::web::shown::{ByAt, Choice, Names, SiteName, capital, stored_size, time};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Context {
    pub(super) asset: Shown,
    facts: Vec<Fact>,
    missing: Vec<Reason>,
    unapproved: Vec<Reason>,
    reusable: bool,
    reusable_until: Option<crate::web::shown::Time>,
    refusals_of_reuse: Vec<Reason>,
    must_go: bool,
    questions: Vec<Question>,
    decisions: Vec<Decision>,
    reviews: Vec<Review>,
    outcomes: Vec<Choice>,
    placements: Vec<Placement>,
    to_clean: usize,
    mistakes: Vec<String>,
    practice_run: Option<String>,
    can: Can,
}

#[derive(Serialize)]
struct Can {
    write: bool,
    approve: bool,
    decide: bool,
    reject: bool,
    remove: bool,
    /// Why this person may not approve, though their role would let them.
    took_part: bool,
}

#[derive(Serialize)]
pub(super) struct Shown {
    id: String,
    pub(super) name: String,
    alt: String,
    state: AssetState,
    version: i32,
    site: SiteName,
    there: bool,
    width: i32,
    height: i32,
    size: String,
    sha256: String,
    original_sha256: String,
    added: ByAt,
    decided: Option<ByAt>,
    because: Option<String>,
}

#[derive(Serialize)]
struct Fact {
    label: &'static str,
    value: Option<String>,
    long: bool,
}

#[derive(Serialize)]
struct Question {
    name: &'static str,
    question: &'static str,
}

#[derive(Serialize)]
struct Decision {
    answers: Vec<Answered>,
    note: String,
    decided: ByAt,
    holds: bool,
    of_this_record: bool,
}

#[derive(Serialize)]
struct Answered {
    label: String,
    yes: bool,
}

#[derive(Serialize)]
struct Review {
    id: String,
    cause: String,
    opened: crate::web::shown::Time,
    change_note: Option<String>,
    dated: bool,
    outcome: Option<String>,
    note: Option<String>,
    made: Option<ByAt>,
}

#[derive(Serialize)]
struct Placement {
    id: String,
    place: String,
    is_link: bool,
    noted: ByAt,
    cleaned: Option<ByAt>,
    link: Option<String>,
}

/// Is it an address that a link may lead to?
pub(super) fn is_link(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

struct View {
    names: Names,
    zone: String,
}

impl View {
    fn actor(&mut self, c: &mut Connection, by: &str, at: crate::domain::moment::Moment) -> Result<ByAt, Failure> {
        Ok(ByAt { by: self.names.actor(c, by)?, at: time(at, &self.zone) })
    }

    fn person(
        &mut self,
        c: &mut Connection,
        by: Option<&crate::domain::ids::PersonId>,
        at: Option<crate::domain::moment::Moment>,
    ) -> Result<Option<ByAt>, Failure> {
        match (by, at) {
            (Some(by), Some(at)) => Ok(Some(ByAt { by: self.names.person(c, by)?, at: time(at, &self.zone) })),
            _ => Ok(None),
        }
    }
}

pub(super) fn compose(desk: &Desk, c: &mut Connection, actor: &Actor, id: &str) -> Result<Context, Failure> {
    let row = acts::find(c, actor, id, Act::ReadRegistry)?;
    let site = promised(sites::find(c, &row.site_id))?;
    let mut view = View { names: Names::default(), zone: site.time_zone.clone() };
    let standing = asset_standing::at_desk(desk, c, &row)?;
    let practice_run = practices::run_of(c, PRACTICE, SubjectKind::Asset, row.id.as_str())?;
    let placements = placements(c, &row, &mut view)?;
    let must_go = standing.must_go(&row);
    let open_placements = placements.iter().filter(|placement| placement.cleaned.is_none()).count();
    Ok(Context {
        facts: facts(c, &row)?,
        can: can(actor, &row),
        reusable: standing.reusable(),
        reusable_until: standing.decision_until.filter(|_| standing.reusable()).map(|at| time(at, &view.zone)),
        to_clean: if must_go { open_placements } else { 0 },
        must_go,
        missing: standing.missing,
        unapproved: standing.unapproved,
        refusals_of_reuse: standing.refusals,
        reviews: reviews(c, standing.reviews, &mut view)?,
        questions: ReusePart::ALL
            .iter()
            .map(|part| Question { name: part.as_str(), question: part.question() })
            .collect(),
        decisions: decisions(c, &row, &mut view)?,
        outcomes: vec![
            Choice::new("still_fits", "It still fits"),
            Choice::new("no_longer_fits", "It no longer fits: reject it"),
        ],
        placements,
        mistakes: mistakes(c, Place::AssetPage)?,
        practice_run: practice_run.map(|run| run.id.to_string()),
        asset: shown(c, row, SiteName::from(&site), &mut view)?,
    })
}

fn can(actor: &Actor, row: &AssetRow) -> Can {
    let may_approve = actor.may(Act::ApproveAsset, &row.site_id);
    let took_part = actor.person().is_some_and(|person| row.prepared_by.contains(&person.id));
    let there = row.state != AssetState::Removed;
    Can {
        write: there && actor.may(Act::WriteAsset, &row.site_id),
        approve: may_approve && !took_part && row.state == AssetState::Draft,
        took_part: may_approve && took_part && row.state == AssetState::Draft,
        decide: there && may_approve,
        reject: may_approve && row.state.after(crate::domain::asset::AssetStep::Reject).is_some(),
        remove: may_approve && there,
    }
}

fn shown(c: &mut Connection, row: AssetRow, site: SiteName, view: &mut View) -> Result<Shown, Failure> {
    let decided = match (&row.decided_by, row.decided_at) {
        (Some(by), Some(at)) => Some(view.actor(c, by, at)?),
        _ => None,
    };
    Ok(Shown {
        id: row.id.to_string(),
        alt: alt(&row),
        state: row.state,
        version: row.version,
        site,
        there: row.file.is_some(),
        width: row.width,
        height: row.height,
        size: stored_size(row.size),
        sha256: row.sha256,
        original_sha256: row.original_sha256,
        added: view.actor(c, &row.added_by, row.added_at)?,
        decided,
        because: row.decided_because.map(Redacted::into_string),
        name: row.name.into_string(),
    })
}

fn facts(c: &mut Connection, row: &AssetRow) -> Result<Vec<Fact>, Failure> {
    let owner = match &row.owner_id {
        Some(owner) => Some(promised(people::find(c, owner))?.name),
        None => None,
    };
    let text = |text: &Option<Redacted>| text.as_ref().map(ToString::to_string);
    let fact = |label, value| Fact { label, value, long: false };
    let long = |label, value| Fact { label, value, long: true };
    Ok(vec![
        long("Alt text", text(&row.alt_text)),
        fact("Owner", owner),
        fact("Placement", text(&row.placement)),
        fact("Campaign", text(&row.campaign)),
        fact("Campaign ends", row.campaign_ends_on.clone()),
        fact("Expires", row.expires_on.clone()),
        fact("Review", row.review_on.clone()),
        fact("Licence", text(&row.licence)),
        long("Rights note", text(&row.rights_note)),
        long("Source note", text(&row.source_note)),
        fact("Set", text(&row.asset_set)),
    ])
}

fn decisions(c: &mut Connection, row: &AssetRow, view: &mut View) -> Result<Vec<Decision>, Failure> {
    let mut found = Vec::new();
    for decision in asset_reviews::decisions(c, &row.id)? {
        let answers: Answers = decision.answers();
        found.push(Decision {
            answers: ReusePart::ALL
                .iter()
                .map(|part| Answered { label: capital(&part.label()), yes: answers.to(*part) })
                .collect(),
            holds: answers.all_hold(),
            of_this_record: decision.edition == row.edition,
            decided: ByAt {
                by: view.names.person(c, &decision.decided_by)?,
                at: time(decision.decided_at, &view.zone),
            },
            note: decision.note.into_string(),
        });
    }
    Ok(found)
}

fn reviews(c: &mut Connection, rows: Vec<AssetReviewRow>, view: &mut View) -> Result<Vec<Review>, Failure> {
    let mut found = Vec::new();
    for row in rows {
        let change_note = match &row.change_id {
            Some(change) => Some(promised(asset_reviews::find_change(c, change))?.note.into_string()),
            None => None,
        };
        found.push(Review {
            id: row.id.to_string(),
            cause: capital(&row.cause.label()),
            opened: time(row.opened_at, &view.zone),
            change_note,
            dated: row.cause == ReviewCause::ReviewDate,
            outcome: row.outcome.map(|outcome| capital(&outcome.label())),
            made: view.person(c, row.reviewed_by.as_ref(), row.reviewed_at)?,
            note: row.note.map(Redacted::into_string),
        });
    }
    Ok(found)
}

fn placements(c: &mut Connection, row: &AssetRow, view: &mut View) -> Result<Vec<Placement>, Failure> {
    let mut found = Vec::new();
    for placement in assets::placements(c, &row.id)? {
        found.push(Placement {
            id: placement.id.to_string(),
            is_link: is_link(placement.place.as_str()),
            noted: ByAt { by: view.names.person(c, &placement.noted_by)?, at: time(placement.noted_at, &view.zone) },
            cleaned: view.person(c, placement.cleaned_by.as_ref(), placement.cleaned_at)?,
            link: placement.cleaned_link.map(Redacted::into_string),
            place: placement.place.into_string(),
        });
    }
    Ok(found)
}
