//! Writing the review: five parts and the documented change. It may be saved unfinished; what is missing keeps restart
//! and closing from happening.

use super::intake::until_settled;
use super::{Answer, Desk, Failure, readiness, review_points, sight, write_entry};
use crate::domain::incident::{self, TEXT_MAX, check_length, clean_text};
use crate::domain::person::{Act, Actor};
use crate::domain::problem::{FieldError, Reason};
use crate::domain::review::{self, ChangeKind, Point};
use crate::redaction::Redacted;
use crate::store::Verb;
use crate::store::reviews::{self, ReviewRow};
use serde::Serialize;

/// A review as typed; an empty text is a part that is not written yet.
#[derive(Clone, Debug, Default)]
pub struct ReviewForm {
    /// Why it happened.
    pub root_cause: String,
    /// What was noticed late.
    pub detection_gaps: String,
    /// What would have helped to know.
    pub missing_evidence: String,
    /// What kept it from being worse.
    pub safeguards_worked: String,
    /// What should have, and did not.
    pub safeguards_failed: String,
    /// What kind of thing was changed.
    pub change_kind: Option<ChangeKind>,
    /// Where the change can be seen.
    pub change_link: String,
    /// Before.
    pub change_before: String,
    /// After.
    pub change_after: String,
}

/// The review after writing.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Reviewed {
    /// The incident.
    pub reference: String,
    /// What it still lacks.
    pub missing: Vec<Reason>,
    /// Its version.
    pub version: i32,
}

impl Answer for Reviewed {}

/// Writes the review.
pub fn run(
    desk: &Desk,
    actor: &Actor,
    reference: &str,
    expected: Option<i32>,
    form: ReviewForm,
) -> Result<Reviewed, Failure> {
    until_settled(|| once(desk, actor, reference, expected, &form))
}

fn once(
    desk: &Desk,
    actor: &Actor,
    reference: &str,
    expected: Option<i32>,
    form: &ReviewForm,
) -> Result<Reviewed, Failure> {
    desk.answered_before()?;
    let writer = sight::person_id(actor)?;
    let texts = cleaned(form)?;
    let case = desk.read(|connection| sight::case(connection, actor, reference, Act::WriteReview))?;
    let (redact, lesson) = desk.read_texts(&case, texts.iter().map(String::as_str))?;
    let mut redacted = texts.iter().map(|text| (!text.is_empty()).then(|| redact.redact(text)));
    let mut next = || redacted.next().flatten();
    let row = ReviewRow {
        id: case.incident.id.clone(),
        root_cause: next(),
        detection_gaps: next(),
        missing_evidence: next(),
        safeguards_worked: next(),
        safeguards_failed: next(),
        change_link: next(),
        change_before: next(),
        change_after: next(),
        change_kind: form.change_kind,
        written_by: writer.clone(),
        written_at: desk.now(),
        version: 1,
    };
    let (reference, who, actor_copy) = (reference.to_owned(), (actor.reference(), actor.name()), actor.clone());
    desk.answer(actor, move |tx| {
        let case = sight::case(tx.connection(), &actor_copy, &reference, Act::WriteReview)?;
        refuse_ended(&case)?;
        let old = reviews::find(tx.connection(), &case.incident.id)?;
        let version = old.as_ref().map_or(0, |old| old.version);
        if expected.is_some_and(|expected| expected != version) {
            return Err(Failure::Stale);
        }
        let row = ReviewRow { version: version + 1, ..row };
        match old {
            None => tx.insert(Verb::Reviewed, &row)?,
            Some(_) => tx.update(Verb::Reviewed, &row)?,
        }
        write_entry::system(tx, &row.id, &who, Redacted::literal("Wrote the review."))?;
        readiness::void_if_changed(tx, &row.id, &who, "the review was changed")?;
        let standing = readiness::gather(tx.connection(), &case.incident)?;
        let missing = review::review_reasons(&standing.readiness);
        if missing.is_empty() {
            review_points::done(tx, &row.id, Point::AfterRecovery, &writer)?;
        }
        let reference = case.incident.reference.clone();
        lesson.teach(tx, case.incident)?;
        Ok(Reviewed { reference, missing, version: row.version })
    })
}

/// Nothing of an ended incident is changed.
pub(super) fn refuse_ended(case: &sight::Case) -> Result<(), Failure> {
    let status = case.incident.status;
    if status.is_open() { Ok(()) } else { Err(Failure::refused(incident::ended(status))) }
}

/// The texts in the order in which the row takes them; filler is an error at its field.
fn cleaned(form: &ReviewForm) -> Result<Vec<String>, Failure> {
    let parts = [
        ("root_cause", &form.root_cause),
        ("detection_gaps", &form.detection_gaps),
        ("missing_evidence", &form.missing_evidence),
        ("safeguards_worked", &form.safeguards_worked),
        ("safeguards_failed", &form.safeguards_failed),
    ];
    let change = [
        ("change_link", &form.change_link),
        ("change_before", &form.change_before),
        ("change_after", &form.change_after),
    ];
    let mut errors = Vec::new();
    let mut texts = Vec::new();
    for (field, text) in parts {
        let text = clean_text(text);
        check_length(field, &text, TEXT_MAX, &mut errors);
        if !text.is_empty() && review::is_filler(&text) {
            let message =
                "This does not say anything yet. Write a sentence, or “none, because …”, or leave it empty for now.";
            errors.push(FieldError::new(field, message));
        }
        texts.push(text);
    }
    for (field, text) in change {
        let text = clean_text(text);
        check_length(field, &text, TEXT_MAX, &mut errors);
        texts.push(text);
    }
    let [link, before, after] = [&texts[5], &texts[6], &texts[7]];
    if !link.is_empty() {
        check_link("change_link", link, &mut errors);
    }
    for (field, text) in [("change_before", before), ("change_after", after)] {
        if !text.is_empty() && review::says_nothing(text) {
            errors.push(FieldError::new(field, "This does not say anything yet. Name the version or the state."));
        }
    }
    if !after.is_empty() && before == after {
        errors.push(FieldError::new("change_after", "This is what it was before. Say what is different now."));
    }
    if errors.is_empty() { Ok(texts) } else { Err(Failure::Invalid(errors)) }
}

/// A link that somebody can follow.
pub(super) fn check_link(field: &str, link: &str, errors: &mut Vec<FieldError>) {
    let good = url::Url::parse(link).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some());
    if !good {
        errors.push(FieldError::new(field, "Give the whole address that shows it, beginning with https://."));
    }
}
