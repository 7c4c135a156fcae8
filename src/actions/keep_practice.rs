//! What is held against a practice: how it stands, attestations, reviews that are due.

use super::practice_facts::{self, due};
use super::{Answer, Desk, Failure, sight};
use crate::domain::ids::{AssetId, AttestationId, PlaybookId, PracticeReviewId, PracticeRunId, SiteId};
use crate::domain::incident::{TEXT_MAX, check_length, clean_text};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::practice::{self, Change, Known, Line, Practice, PracticeOccasion, Rule, SubjectKind};
use crate::domain::problem::{FieldError, Reason};
use crate::domain::review::is_filler;
use crate::domain::statement::only_statement;
use crate::store::practice_escalations::{self, PracticeEscalationRow};
use crate::store::practices::{self, AttestationRow, PracticeReviewRow, PracticeRunRow};
use crate::store::{Connection, Tx, Verb, assets, automations, incidents, playbooks, sites};
use serde::Serialize;
use std::collections::BTreeSet;

/// A run, a review or an attestation after an act.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Kept {
    /// Its id.
    pub id: String,
    /// The run that it belongs to.
    pub run: String,
}

impl Answer for Kept {
    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/practice-runs/{}", self.run))
    }
}

/// How a subject stands.
pub struct Standing {
    /// The run.
    pub run: PracticeRunRow,
    /// What the practice said when it began, or when somebody moved it on.
    pub practice: Practice,
    /// What is known.
    pub known: Known,
    /// The attestations that count, oldest first.
    pub attestations: Vec<AttestationRow>,
    /// What the newest version says otherwise.
    pub changes: Vec<Change>,
    /// Its reviews, oldest first.
    pub reviews: Vec<PracticeReviewRow>,
    /// What was raised of the escalations that are due.
    pub raised: Vec<PracticeEscalationRow>,
}

impl Standing {
    /// The items that do not hold.
    pub fn unmet(&self) -> Vec<&Line> {
        practice::unmet(&self.practice, &self.known)
    }

    /// Do all hold?
    pub fn complete(&self) -> bool {
        practice::complete(&self.practice, &self.known)
    }

    /// The escalations that are due.
    pub fn escalations(&self) -> Vec<&Line> {
        practice::escalations(&self.practice, &self.known.facts)
    }

    /// What was raised of an escalation that is due; the next round raises what was not.
    pub fn raised(&self, line: &Line) -> Option<&PracticeEscalationRow> {
        self.raised.iter().find(|row| row.line_id == line.id)
    }

    /// Every unmet item and every overdue review as a reason.
    pub fn reasons(&self, now: Moment) -> Vec<Reason> {
        let unmet = self.unmet().into_iter().map(|line| {
            let who = match &line.rule {
                Rule::Attestation(attestation) => attestation.role.to_string(),
                _ => self.practice.owner.to_string(),
            };
            Reason::new(format!("practice_{}", line.id), format!("Not yet: {}", line.text), who)
        });
        let overdue = self.reviews.iter().filter(|review| is_overdue(review, now)).map(|review| {
            let message = format!("The review {} is overdue.", review.occasion.label());
            Reason::new(format!("review_overdue_{}", review.line_id), message, self.practice.owner.to_string())
        });
        unmet.chain(overdue).collect()
    }
}

/// Is a review overdue?
pub fn is_overdue(review: &PracticeReviewRow, now: Moment) -> bool {
    review.done_at.is_none() && review.due_at < now
}

/// A subject as a person names it.
struct Subject {
    id: String,
    site: SiteId,
}

fn find_subject(
    connection: &mut Connection,
    actor: &Actor,
    kind: SubjectKind,
    named: &str,
    act: Act,
) -> Result<Subject, Failure> {
    let (id, site) = match kind {
        SubjectKind::Automation => {
            let row = automations::by_slug(connection, named)?.ok_or(Failure::NotFound)?;
            (row.id.to_string(), row.site_id)
        }
        SubjectKind::Incident => {
            let row = incidents::by_reference(connection, named)?.ok_or(Failure::NotFound)?;
            (row.id.to_string(), row.site_id)
        }
        SubjectKind::Playbook => {
            let row = playbooks::find(connection, &PlaybookId::from_text(named))?;
            (row.id.to_string(), row.site_id)
        }
        SubjectKind::Asset => {
            let row = assets::find(connection, &AssetId::from_text(named))?;
            (row.id.to_string(), row.site_id)
        }
        SubjectKind::Site => {
            let row = sites::by_slug(connection, named)?.ok_or(Failure::NotFound)?;
            (row.id.to_string(), row.id)
        }
    };
    on_site(actor, &site, act)?;
    Ok(Subject { id, site })
}

/// 404 for who does not belong to the site, 403 for who may not do this there.
pub(super) fn on_site(actor: &Actor, site: &SiteId, act: Act) -> Result<(), Failure> {
    if !actor.belongs_to(site) {
        return Err(Failure::NotFound);
    }
    if actor.may(act, site) { Ok(()) } else { Err(sight::not_yours(actor, act, site)) }
}

/// Holds a subject against a practice; the second time gives the same run.
pub fn open(desk: &Desk, actor: &Actor, name: &str, kind: SubjectKind, named: &str) -> Result<Kept, Failure> {
    desk.answered_before()?;
    let (name, named, actor_copy) = (name.to_owned(), named.trim().to_owned(), actor.clone());
    desk.answer(actor, move |tx| {
        let subject = match find_subject(tx.connection(), &actor_copy, kind, &named, Act::KeepPractice) {
            Err(Failure::NotFound) => {
                return Err(Failure::field(
                    "subject",
                    format!("There is no {kind} of this name that is yours to see."),
                ));
            }
            other => other?,
        };
        let Some(row) = practices::versions(tx.connection(), &name)?.into_iter().next() else {
            return Err(Failure::field("practice", "There is no practice of this name."));
        };
        if !row.definition.subjects.contains(&kind) {
            let message = format!("This practice is not for the kind {kind}.");
            return Err(Failure::field("subject_kind", message));
        }
        let run = open_in(tx, &actor_copy.reference(), &name, kind, &subject.id, &subject.site)?;
        Ok(Kept { id: run.to_string(), run: run.to_string() })
    })
}

/// The same inside another act.
pub(super) fn open_in(
    tx: &mut Tx,
    by: &str,
    name: &str,
    kind: SubjectKind,
    subject: &str,
    site: &SiteId,
) -> Result<PracticeRunId, Failure> {
    if let Some(run) = practices::run_of(tx.connection(), name, kind, subject)? {
        return Ok(run.id);
    }
    let newest = practices::versions(tx.connection(), name)?.into_iter().next().ok_or(Failure::NotFound)?;
    let run = PracticeRunRow {
        id: PracticeRunId::fresh(),
        practice: name.to_owned(),
        version: newest.version,
        subject_kind: kind,
        subject_id: subject.to_owned(),
        site_id: site.clone(),
        opened_by: by.to_owned(),
        opened_at: tx.now(),
    };
    tx.insert(Verb::Opened, &run)?;
    for occasion in [PracticeOccasion::BeforeFirstUse, PracticeOccasion::OnSetup] {
        call_for_review(tx, &run, &newest.definition, occasion)?;
    }
    Ok(run.id)
}

/// Asks for a review, if the practice knows the occasion and none waits. Automations and incidents have registers of
/// their own for this (`automation_reviews`, `review_points`); nothing is asked for twice.
pub(super) fn call_for_review(
    tx: &mut Tx,
    run: &PracticeRunRow,
    practice: &Practice,
    occasion: PracticeOccasion,
) -> Result<(), Failure> {
    if matches!(run.subject_kind, SubjectKind::Automation | SubjectKind::Incident) {
        return Ok(());
    }
    let waiting = practices::reviews(tx.connection(), &run.id)?;
    for line in &practice.lines {
        let Rule::Occasion(asked) = &line.rule else { continue };
        let waits = waiting.iter().any(|review| review.line_id == line.id && review.done_at.is_none());
        if asked.when != occasion || waits {
            continue;
        }
        let row = PracticeReviewRow {
            id: PracticeReviewId::fresh(),
            run_id: run.id.clone(),
            line_id: line.id.clone(),
            occasion,
            opened_at: tx.now(),
            due_at: due(tx.now(), asked.days),
            note: None,
            done_by: None,
            done_at: None,
        };
        tx.insert(Verb::Planned, &row)?;
    }
    Ok(())
}

/// Asks for a review of everything of a kind on a site, for the same reason.
pub(super) fn call_on_site(
    tx: &mut Tx,
    site: &SiteId,
    kind: SubjectKind,
    occasion: PracticeOccasion,
) -> Result<(), Failure> {
    for run in practices::runs_on(tx.connection(), site)?.into_iter().filter(|run| run.subject_kind == kind) {
        let practice = sight::promised(practices::version(tx.connection(), &run.practice, run.version))?.definition;
        call_for_review(tx, &run, &practice, occasion)?;
    }
    Ok(())
}

/// The run with this id, for someone who may do `act` on its site.
pub fn find(connection: &mut Connection, actor: &Actor, id: &str, act: Act) -> Result<PracticeRunRow, Failure> {
    let run = practices::find_run(connection, &PracticeRunId::from_text(id))?;
    on_site(actor, &run.site_id, act)?;
    Ok(run)
}

/// How a run stands.
pub fn standing(connection: &mut Connection, run: PracticeRunRow) -> Result<Standing, Failure> {
    let practice = sight::promised(practices::version(connection, &run.practice, run.version))?.definition.into_inner();
    let newest = practices::versions(connection, &run.practice)?.into_iter().next();
    let changes = newest.map(|newest| practice::changes(&practice, &newest.definition)).unwrap_or_default();
    let facts = practice_facts::of_subject(connection, run.subject_kind, &run.subject_id)?;
    let attestations = counting(connection, &run, &practice)?;
    let settled = settled(connection, &run, &practice)?;
    let known = Known {
        facts,
        attested: attestations.iter().map(|attestation| attestation.line_id.clone()).collect(),
        settled,
    };
    let reviews = practices::reviews(connection, &run.id)?;
    let raised = practice_escalations::holding(connection, &run.id)?;
    Ok(Standing { run, practice, known, attestations, changes, reviews, raised })
}

/// The attestations that were made for the words and the role that a line has in this version.
fn counting(
    connection: &mut Connection,
    run: &PracticeRunRow,
    practice: &Practice,
) -> Result<Vec<AttestationRow>, Failure> {
    let mut counting = Vec::new();
    for row in practices::attestations(connection, &run.id)? {
        let then = sight::promised(practices::version(connection, &run.practice, row.version))?.definition;
        if then.line(&row.line_id).is_some() && then.line(&row.line_id) == practice.line(&row.line_id) {
            counting.push(row);
        }
    }
    Ok(counting)
}

/// The preconditions that hold. A practice that is held against the same kind of thing must be complete for this very
/// subject; of any other, nothing on the same site may wait in it. There are no circles, so this ends.
fn settled(
    connection: &mut Connection,
    run: &PracticeRunRow,
    practice: &Practice,
) -> Result<BTreeSet<String>, Failure> {
    let mut settled = BTreeSet::new();
    for name in practice.preconditions() {
        let Some(first) = practices::versions(connection, name)?.into_iter().next() else { continue };
        let holds = if first.definition.subjects.contains(&run.subject_kind) {
            match practices::run_of(connection, name, run.subject_kind, &run.subject_id)? {
                Some(own) => standing(connection, own)?.complete(),
                None => false,
            }
        } else {
            let mut all = true;
            for other in practices::runs_on(connection, &run.site_id)? {
                all &= other.practice != name || standing(connection, other)?.complete();
            }
            all
        };
        if holds {
            settled.insert(name.to_owned());
        }
    }
    Ok(settled)
}

/// Attests a line: a person of the role that it names, with evidence where it asks for it.
pub fn attest(desk: &Desk, actor: &Actor, run: &str, line: &str, evidence: Option<&str>) -> Result<Kept, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let run = desk.read(|connection| find(connection, actor, run, Act::KeepPractice))?;
    let evidence = evidence.map(clean_text).filter(|text| !text.is_empty());
    let redacted = match &evidence {
        Some(text) => Some(super::pause::registry_redactor(desk)?.text(text).text),
        None => None,
    };
    let (line, actor_copy) = (line.to_owned(), actor.clone());
    desk.answer(actor, move |tx| {
        let practice = sight::promised(practices::version(tx.connection(), &run.practice, run.version))?.definition;
        let Some(Rule::Attestation(asked)) = practice.line(&line).map(|line| &line.rule) else {
            return Err(Failure::field("line", "This practice has no such line that a person attests."));
        };
        if !holds_role(&actor_copy, asked.role, &run.site_id) {
            let why = format!("Only a person with the role {} on this site can attest this.", asked.role.label());
            return Err(Failure::Forbidden(why));
        }
        let mut errors = Vec::new();
        if asked.evidence && evidence.as_deref().is_none_or(is_filler) {
            errors.push(FieldError::new("evidence", "Give a link, or say in a sentence what shows it."));
        }
        check_length("evidence", evidence.as_deref().unwrap_or_default(), TEXT_MAX, &mut errors);
        if !errors.is_empty() {
            return Err(Failure::Invalid(errors));
        }
        let row = AttestationRow {
            id: AttestationId::fresh(),
            run_id: run.id.clone(),
            line_id: line.clone(),
            version: run.version,
            role: asked.role,
            evidence: redacted,
            attested_by: person,
            attested_at: tx.now(),
        };
        tx.insert(Verb::Attested, &row)?;
        Ok(Kept { id: row.id.to_string(), run: run.id.to_string() })
    })
}

/// Does the actor hold this very role on the site? An administrator's word does not stand for an owner's.
pub fn holds_role(actor: &Actor, role: crate::domain::person::Role, site: &SiteId) -> bool {
    actor.person().is_some_and(|person| {
        person.grants.iter().any(|grant| grant.role == role && grant.site.as_ref().is_none_or(|own| own == site))
    })
}

/// Moves a run on to the newest version: what was attested in other words is asked for again.
pub fn move_on(desk: &Desk, actor: &Actor, run: &str) -> Result<Kept, Failure> {
    desk.answered_before()?;
    let (run, actor_copy) = (run.to_owned(), actor.clone());
    desk.answer(actor, move |tx| {
        let mut run = find(tx.connection(), &actor_copy, &run, Act::KeepPractice)?;
        let newest =
            practices::versions(tx.connection(), &run.practice)?.into_iter().next().ok_or(Failure::NotFound)?;
        if run.version != newest.version {
            run.version = newest.version;
            tx.update(Verb::Changed, &run)?;
        }
        Ok(Kept { id: run.id.to_string(), run: run.id.to_string() })
    })
}

/// Does a review that is due.
pub fn complete_review(desk: &Desk, actor: &Actor, id: &str, note: &str) -> Result<Kept, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let id = PracticeReviewId::from_text(id);
    desk.read(|connection| {
        let row = practices::find_review(connection, &id)?;
        find(connection, actor, row.run_id.as_str(), Act::KeepPractice)
    })?;
    let note = only_statement("note", note, "Say in a sentence what the review found.")?;
    let note = super::pause::registry_redactor(desk)?.text(&note).text;
    desk.answer(actor, move |tx| {
        let mut row = practices::find_review(tx.connection(), &id)?;
        if row.done_at.is_some() {
            return Err(Failure::refused(Reason::new("done_already", "This review was done already.", "nobody")));
        }
        row.note = Some(note);
        row.done_by = Some(person);
        row.done_at = Some(tx.now());
        tx.update(Verb::Reviewed, &row)?;
        Ok(Kept { id: row.id.to_string(), run: row.run_id.to_string() })
    })
}

/// Opens the reviews that come round: a monthly one when none waits and the last one is older than its days.
pub fn call_round(desk: &Desk) -> Result<(), Failure> {
    let now = desk.now();
    let due_now = desk.read(|connection| coming_round(connection, now))?;
    if due_now.is_empty() {
        return Ok(());
    }
    desk.write(&Actor::System("practices"), move |tx| {
        // Another node may have been faster.
        for (run, practice) in coming_round(tx.connection(), now)? {
            call_for_review(tx, &run, &practice, PracticeOccasion::Monthly)?;
        }
        Ok(())
    })
}

fn coming_round(connection: &mut Connection, now: Moment) -> Result<Vec<(PracticeRunRow, Practice)>, Failure> {
    let mut found = Vec::new();
    for run in practices::runs(connection)? {
        if matches!(run.subject_kind, SubjectKind::Automation | SubjectKind::Incident) {
            continue;
        }
        let practice = sight::promised(practices::version(connection, &run.practice, run.version))?.definition;
        let reviews = practices::reviews(connection, &run.id)?;
        let is_due = practice.lines.iter().any(|line| match &line.rule {
            Rule::Occasion(asked) if asked.when == PracticeOccasion::Monthly => {
                let own = || reviews.iter().filter(|review| review.line_id == line.id);
                let last = own().map(|review| review.opened_at).max().unwrap_or(run.opened_at);
                own().all(|review| review.done_at.is_some()) && due(last, asked.days) <= now
            }
            _ => false,
        });
        if is_due {
            found.push((run, practice.into_inner()));
        }
    }
    Ok(found)
}
