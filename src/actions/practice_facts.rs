//! The facts that practices name, each computed by one function. What a fact means stands at its word in
//! `domain::practice::Fact`.

use super::{Failure, asset_standing, gate_facts, operator_facts, readiness, sight};
use crate::domain::asset::{AssetState, missing, must_go};
use crate::domain::automation::{Category, RunScope};
use crate::domain::cadence::FlagKind;
use crate::domain::gate::PauseTarget;
use crate::domain::ids::{AssetId, AutomationId, IncidentId, PersonId, PlaybookId, SiteId};
use crate::domain::incident::{self, Level, Status};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor, Role};
use crate::domain::playbook::Topic;
use crate::domain::practice::{PracticeFact, SubjectKind};
use crate::domain::review::{Outcome, Part, review_reasons, work_reasons};
use crate::domain::run::RunOutcome;
use crate::redaction::placeholders;
use crate::store::assets::{self, AssetRow};
use crate::store::automations::{self, AutomationRow};
use crate::store::incidents::{self, IncidentRow};
use crate::store::playbooks::{self, PlaybookRow};
use crate::store::sites::{self, SiteRow};
use crate::store::{Connection, asset_reviews, cadence, drills, escalations, evidence, pauses, people, runs};
use std::collections::BTreeSet;

/// Every fact that holds for a subject.
pub fn of_subject(connection: &mut Connection, kind: SubjectKind, id: &str) -> Result<BTreeSet<PracticeFact>, Failure> {
    let mut holding = BTreeSet::new();
    for fact in PracticeFact::ALL.iter().copied().filter(|fact| fact.subject() == kind) {
        let holds = match kind {
            SubjectKind::Automation => {
                let row = sight::promised(automations::find(connection, &AutomationId::from_text(id)))?;
                automation(connection, &row, fact)?
            }
            SubjectKind::Incident => {
                let row = sight::promised(incidents::find(connection, &IncidentId::from_text(id)))?;
                incident(connection, &row, fact)?
            }
            SubjectKind::Playbook => {
                let row = sight::promised(playbooks::find(connection, &PlaybookId::from_text(id)))?;
                playbook(connection, &row, fact)?
            }
            SubjectKind::Asset => {
                let row = sight::promised(assets::find(connection, &AssetId::from_text(id)))?;
                asset(connection, &row, fact)?
            }
            SubjectKind::Site => {
                let row = sight::promised(sites::find(connection, &SiteId::from_text(id)))?;
                site(connection, &row, fact)?
            }
        };
        if holds {
            holding.insert(fact);
        }
    }
    Ok(holding)
}

fn automation(connection: &mut Connection, row: &AutomationRow, fact: PracticeFact) -> Result<bool, Failure> {
    Ok(match fact {
        PracticeFact::AutomationOwner => active_on(connection, row.owner_id.as_ref(), &row.site_id, Act::Pause)?,
        PracticeFact::AutomationDefinition | PracticeFact::AutomationDefined => row.missing().is_empty(),
        PracticeFact::AutomationStartedNarrow => {
            row.scope == RunScope::ReadOnly || runs::any_accepted(connection, &row.id, false)?
        }
        PracticeFact::AutomationTriedSafely => runs::any_accepted(connection, &row.id, true)?,
        PracticeFact::AutomationRunsReviewed => runs::any_accepted(connection, &row.id, false)?,
        PracticeFact::AutomationRunsSayWhy => runs::all_say_why(connection, &row.id)?,
        PracticeFact::AutomationSwitchDrilled => drilled(connection, row)?,
        PracticeFact::AutomationNotHeld => {
            let covers = gate_facts::covers(row);
            !pauses::all_holding(connection)?.iter().any(|(pause, _)| covers.includes(pause.target_kind, &pause.target))
        }
        PracticeFact::AutomationFailuresExplained => {
            runs::last_failure(connection, &row.id)?.is_none_or(|run| run.explained_at.is_some())
        }
        PracticeFact::AutomationFailuresComplete => !runs::any_incomplete(connection, &row.id)?,
        PracticeFact::AutomationWritesData => row.writes_data,
        PracticeFact::AutomationContactsCustomers => row.contacts_customers,
        PracticeFact::AutomationRepeatsFailures => cadence::flags_of(connection, &row.id)?
            .iter()
            .any(|flag| flag.kind == FlagKind::RepeatsFailures && flag.dismissed_at.is_none()),
        _ => false,
    })
}

fn drilled(connection: &mut Connection, row: &AutomationRow) -> Result<bool, Failure> {
    let covers = gate_facts::covers(row);
    let tried = |drill: &drills::DrillRow| drill.worked() && covers.includes(drill.target_kind, &drill.target);
    Ok(drills::all(connection)?.iter().any(tried))
}

/// Is this person active, and may they do `act` on the site?
fn active_on(connection: &mut Connection, person: Option<&PersonId>, site: &SiteId, act: Act) -> Result<bool, Failure> {
    let Some(person) = person else { return Ok(false) };
    let person = sight::promised(people::find(connection, person))?;
    Ok(person.active && Actor::Person(people::as_actor(connection, &person)?).may(act, site))
}

fn incident(connection: &mut Connection, row: &IncidentRow, fact: PracticeFact) -> Result<bool, Failure> {
    Ok(match fact {
        PracticeFact::IncidentLead => active_on(connection, row.lead_id.as_ref(), &row.site_id, Act::WriteReview)?,
        PracticeFact::IncidentFacts => !incident::missing(&row.facts, row.lead_id.is_some())
            .iter()
            .any(|missing| missing.level == Level::Mandatory),
        PracticeFact::IncidentRedacted => evidence::of_incident(connection, &row.id)?
            .iter()
            .all(|piece| piece.sealed_file.is_none() || piece.current_version > 0),
        PracticeFact::IncidentClosed => row.status == Status::Closed,
        PracticeFact::IncidentRouted => !escalations::of_incident(connection, &row.id)?.is_empty(),
        fact => {
            let readiness = readiness::gather(connection, row)?.readiness;
            let review = review_reasons(&readiness);
            match fact {
                PracticeFact::IncidentReview => {
                    Part::ALL.iter().all(|part| !review.iter().any(|reason| reason.code == format!("review_{part}")))
                }
                PracticeFact::IncidentDocumentedChange => {
                    !review.iter().any(|reason| reason.code == "no_documented_change")
                }
                PracticeFact::IncidentActionsOwned => {
                    !readiness.actions.is_empty() && readiness.actions.iter().all(|action| action.owner_active)
                }
                PracticeFact::IncidentChecked => {
                    !readiness.checks.is_empty()
                        && readiness.checks.iter().all(|check| check.last == Some(Outcome::Pass))
                }
                PracticeFact::IncidentWorkDone => review.is_empty() && work_reasons(&readiness).is_empty(),
                _ => false,
            }
        }
    })
}

fn playbook(connection: &mut Connection, row: &PlaybookRow, fact: PracticeFact) -> Result<bool, Failure> {
    Ok(match fact {
        PracticeFact::PlaybookOwner => owned(connection, row)?,
        PracticeFact::PlaybookClean => {
            let mut clean = true;
            let content = playbooks::content(connection, row)?.content.into_inner();
            content.map(|_, text| clean &= placeholders(text.as_str()).is_empty());
            clean
        }
        // Of one that was written here the audit chain knows all of it.
        PracticeFact::PlaybookProvenance => row.file_sha256.is_none() || row.source_site.is_some(),
        PracticeFact::PlaybookLocalised => answered(connection, row)?.len() == Topic::ALL.len(),
        PracticeFact::PlaybookWritesApproved => playbooks::content(connection, row)?.content.writes_are_approved(),
        PracticeFact::PlaybookFirstRunReviewed => first_run_reviewed(connection, row)?,
        PracticeFact::PlaybookFailuresTold => playbooks::first_runs(connection, &row.id)?
            .iter()
            .all(|run| run.outcome != RunOutcome::Failure || run.reviewed_at.is_some()),
        PracticeFact::PlaybookUnflagged => open_flags(connection, row)? == 0,
        _ => false,
    })
}

/// Does an active person of its site own it?
pub(super) fn owned(connection: &mut Connection, row: &PlaybookRow) -> Result<bool, Failure> {
    active_on(connection, row.owner_id.as_ref(), &row.site_id, Act::Pause)
}

/// The rows of the eight that are answered.
pub(super) fn answered(connection: &mut Connection, row: &PlaybookRow) -> Result<BTreeSet<Topic>, Failure> {
    Ok(playbooks::localisations(connection, &row.id)?.into_iter().map(|answer| answer.topic).collect())
}

/// Was a first run of its present version reviewed and found acceptable?
pub(super) fn first_run_reviewed(connection: &mut Connection, row: &PlaybookRow) -> Result<bool, Failure> {
    Ok(playbooks::first_runs(connection, &row.id)?
        .iter()
        .any(|run| run.version == row.version && run.outcome == RunOutcome::Success && run.acceptable == Some(true)))
}

/// Flags that nobody has settled.
pub(super) fn open_flags(connection: &mut Connection, row: &PlaybookRow) -> Result<usize, Failure> {
    Ok(playbooks::flags(connection, &row.id)?.iter().filter(|flag| flag.settled_at.is_none()).count())
}

fn asset(connection: &mut Connection, row: &AssetRow, fact: PracticeFact) -> Result<bool, Failure> {
    let owned = asset_standing::owned(connection, row)?;
    // Whether a day lies in the past is the calendar's question, and decides reuse; here it counts that there is one.
    let missing = missing(&asset_standing::record(row, owned), "");
    let lacks = |codes: &[&str]| missing.iter().any(|reason| codes.contains(&reason.code.as_str()));
    Ok(match fact {
        PracticeFact::AssetOwner => owned,
        PracticeFact::AssetRecord => missing.is_empty(),
        PracticeFact::AssetAltText => !lacks(&["missing_alt_text"]),
        PracticeFact::AssetRights => !lacks(&["missing_rights_note", "missing_licence"]),
        PracticeFact::AssetEnd => !lacks(&["missing_end"]),
        PracticeFact::AssetDecided => row.state != AssetState::Draft && row.decided_by.is_some(),
        PracticeFact::AssetChangesReviewed => {
            asset_reviews::of_asset(connection, &row.id)?.iter().all(|review| review.reviewed_at.is_some())
        }
        PracticeFact::AssetReuseDecided => {
            let last_change = asset_reviews::of_asset(connection, &row.id)?.iter().map(|review| review.opened_at).max();
            asset_reviews::newest_decision(connection, &row.id)?.is_some_and(|decision| {
                decision.answers().all_hold()
                    && decision.edition == row.edition
                    && last_change.is_none_or(|at| at < decision.decided_at)
            })
        }
        PracticeFact::AssetReuseSafe => {
            asset_reviews::newest_decision(connection, &row.id)?.is_none_or(|decision| decision.answers().all_hold())
        }
        PracticeFact::AssetPlacesClean => places_clean(connection, row)?,
        PracticeFact::AssetMakersDefined => makers(connection, row, PracticeFact::AutomationDefined)?,
        PracticeFact::AssetMakersTried => makers(connection, row, PracticeFact::AutomationStartedNarrow)?,
        _ => false,
    })
}

/// Does it stand nowhere from where it must go?
fn places_clean(connection: &mut Connection, row: &AssetRow) -> Result<bool, Failure> {
    let reviews = asset_reviews::of_asset(connection, &row.id)?;
    let open = reviews.iter().filter(|review| review.reviewed_at.is_none()).map(|review| review.cause);
    let last = asset_reviews::newest_decision(connection, &row.id)?.map(|decision| decision.answers());
    let clean = assets::placements(connection, &row.id)?.iter().all(|placement| placement.cleaned_at.is_some());
    Ok(clean || !must_go(row.state, open, last.as_ref()))
}

/// Does a fact hold for every image automation of its site?
fn makers(connection: &mut Connection, row: &AssetRow, fact: PracticeFact) -> Result<bool, Failure> {
    for maker in automations::of_site(connection, &row.site_id)? {
        if maker.category == Category::Image && !automation(connection, &maker, fact)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn site(connection: &mut Connection, row: &SiteRow, fact: PracticeFact) -> Result<bool, Failure> {
    let said = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
    Ok(match fact {
        PracticeFact::SiteSetupOwner => said(&row.setup_owner),
        PracticeFact::SiteRecord => {
            let versions = &row.versions;
            [&row.setup_owner, &row.staging_url, &versions.sophmate, &versions.wordpress, &versions.php]
                .into_iter()
                .chain([&versions.theme])
                .all(said)
        }
        PracticeFact::SiteSupportPath => said(&row.hosting_contact) && said(&row.provider_contact),
        PracticeFact::SiteSwitchDrilled => drills::all(connection)?.iter().any(|drill| {
            let own = drill.target_kind == PauseTarget::Site && drill.site_id.as_ref() == Some(&row.id);
            drill.worked() && (own || drill.target_kind == PauseTarget::Everything)
        }),
        PracticeFact::SiteHasOperators => has_operators(connection, &row.id)?,
        fact => operator_facts::of_site(connection, row, fact)?,
    })
}

/// Does an active person who is no administrator hold a role that works on the site?
fn has_operators(connection: &mut Connection, site: &SiteId) -> Result<bool, Failure> {
    for person in people::list(connection)?.into_iter().filter(|person| person.active) {
        let actor = people::as_actor(connection, &person)?;
        let works = actor.grants.iter().any(|grant| {
            !matches!(grant.role, Role::Administrator | Role::Auditor)
                && grant.site.as_ref().is_none_or(|own| own == site)
        });
        if works {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The moment after which a review is overdue.
pub(super) fn due(from: Moment, days: u16) -> Moment {
    from.plus(chrono::Duration::days(i64::from(days)))
}
