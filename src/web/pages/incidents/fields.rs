//! What the forms of declare and edit share: typed fields into values, with an error at each field that is wrong.

use crate::domain::incident::{Extent, Facts, Impact, Pausable, Severity};
use crate::domain::moment::{ClockProblem, Moment, from_wall_clock};
use crate::domain::problem::FieldError;
use crate::domain::site::Versions;
use crate::web::fields::Fields;
use crate::web::shown::HintedChoice;
use serde_json::{Map, Value};

/// Fields that may repeat.
pub(super) const REPEATED: &[&str] = &["automation", "step"];
/// Rows for steps that a form offers at first, and that "more steps" adds.
const STEP_ROWS: usize = 3;
/// Most rows that a form offers: what a declaration may hold.
const STEP_ROWS_MAX: usize = crate::domain::incident::STEPS_MAX;

/// The severities with their meanings.
pub(super) fn severities() -> Vec<HintedChoice> {
    Severity::ALL
        .iter()
        .map(|severity| HintedChoice {
            value: severity.to_string(),
            label: severity.as_str().to_uppercase(),
            hint: severity.meaning().to_owned(),
        })
        .collect()
}

/// How many rows for steps the form shows.
pub(super) fn step_rows(values: &Map<String, Value>, more: bool) -> usize {
    let typed = values.get("step").and_then(Value::as_array).map_or(0, Vec::len);
    let asked = values.get("step_rows").and_then(Value::as_str).and_then(|text| text.parse().ok()).unwrap_or(STEP_ROWS);
    let rows = asked.max(typed).max(STEP_ROWS) + if more { STEP_ROWS } else { 0 };
    rows.min(STEP_ROWS_MAX)
}

/// The facts, as typed.
pub(super) fn facts(fields: &Fields) -> Facts<String> {
    Facts {
        affected_user: fields.optional("affected_user"),
        affected_role: fields.optional("affected_role"),
        affected_screen: fields.optional("affected_screen"),
        browser: fields.optional("browser"),
        versions: Versions {
            sophmate: fields.optional("version_sophmate"),
            wordpress: fields.optional("version_wordpress"),
            php: fields.optional("version_php"),
            woocommerce: fields.optional("version_woocommerce"),
            theme: fields.optional("version_theme"),
        },
        steps: fields.all("step"),
        expected: fields.optional("expected"),
        actual: fields.optional("actual"),
        error_report: fields.optional("error_report"),
        error_report_none: fields.has("error_report_none"),
    }
}

/// The severity; it is never chosen beforehand.
pub(super) fn severity(fields: &Fields, errors: &mut Vec<FieldError>) -> Option<Severity> {
    let severity = Severity::parse(fields.text("severity"));
    if severity.is_none() {
        errors.push(FieldError::new("severity", "Choose how bad it is. Unsure? Take the higher."));
    }
    severity
}

/// The six questions; one that was not answered is "unknown".
pub(super) fn impact(fields: &Fields, errors: &mut Vec<FieldError>) -> Impact {
    let mut extent = |name: &str| match fields.text(name) {
        "" => Extent::Unknown,
        word => Extent::parse(word).unwrap_or_else(|| {
            errors.push(FieldError::new(name, "Choose one of the answers."));
            Extent::Unknown
        }),
    };
    let mut impact = Impact {
        production_impact: extent("production_impact"),
        customer_visibility: extent("customer_visibility"),
        revenue_risk: extent("revenue_risk"),
        privacy_exposure: extent("privacy_exposure"),
        data_correctness: extent("data_correctness"),
        can_be_paused: Pausable::Unknown,
    };
    match fields.text("can_be_paused") {
        "" => {}
        word => match Pausable::parse(word) {
            Some(answer) => impact.can_be_paused = answer,
            None => errors.push(FieldError::new("can_be_paused", "Choose one of the answers.")),
        },
    }
    impact
}

/// The moment of `NAME_date`, `NAME_time` and `NAME_zone`; none when date and time are empty.
pub(in crate::web::pages) fn moment(fields: &Fields, name: &str, errors: &mut Vec<FieldError>) -> Option<Moment> {
    let [date, time, zone] = ["date", "time", "zone"].map(|part| fields.text(&format!("{name}_{part}")).trim());
    if date.is_empty() && time.is_empty() {
        return None;
    }
    match from_wall_clock(date, time, zone) {
        Ok(at) => Some(at),
        Err(problem) => {
            let (part, message) = clock_words(problem, date, time, zone);
            errors.push(FieldError::new(format!("{name}_{part}"), message));
            None
        }
    }
}

fn clock_words(problem: ClockProblem, date: &str, time: &str, zone: &str) -> (&'static str, String) {
    match problem {
        ClockProblem::Zone if zone.is_empty() => {
            ("zone", "Say in which zone, for example Europe/Berlin or UTC.".into())
        }
        ClockProblem::Zone => {
            let zone: String = zone.chars().take(60).collect();
            ("zone", format!("There is no zone “{zone}”. Choose one from the list, for example Europe/Berlin or UTC."))
        }
        ClockProblem::Date if date.is_empty() => ("date", "Say on which day.".into()),
        ClockProblem::Date => {
            ("date", "There is no such day. Write year, month and day, for example 2026-11-21.".into())
        }
        ClockProblem::Time if time.is_empty() => ("time", "Say at what time; about will do.".into()),
        ClockProblem::Time => ("time", "There is no such time. Write it in 24 hours, for example 09:30.".into()),
        ClockProblem::Skipped => (
            "time",
            format!(
                "On that day the clocks in {zone} were put forward past this time; it never was. Check time and zone."
            ),
        ),
    }
}

/// The required moment "when it happened".
pub(super) fn occurred(fields: &Fields, errors: &mut Vec<FieldError>) -> Option<Moment> {
    let before = errors.len();
    let at = moment(fields, "occurred", errors);
    if at.is_none() && errors.len() == before {
        errors.push(FieldError::new("occurred_date", "Say when it happened: day and time."));
    }
    at
}

/// An action's names of fields as the forms call them.
pub(in crate::web::pages) fn renamed(errors: Vec<FieldError>, names: &[(&str, &str)]) -> Vec<FieldError> {
    errors
        .into_iter()
        .map(|error| match names.iter().find(|(from, _)| *from == error.field) {
            Some((_, to)) => FieldError::new(*to, error.message),
            None => error,
        })
        .collect()
}

/// Names that the actions and the forms of declare and edit call differently.
pub(super) const NAMES: &[(&str, &str)] =
    &[("occurred_at", "occurred_date"), ("detected_at", "detected_date"), ("automations", "automation")];

/// One error for each field: the first that was found.
pub(super) fn merged(mut errors: Vec<FieldError>, more: Vec<FieldError>) -> Vec<FieldError> {
    for error in more {
        if !errors.iter().any(|known| known.field == error.field) {
            errors.push(error);
        }
    }
    errors
}
