//! Reading a run's report. A report is always stored: what is odd is taken as far as it goes, and said in the answer;
//! only what is no JSON object is refused.

use crate::actions::Failure;
use crate::actions::report_run::{REPORT_TEXT_MAX, RunReport};
use crate::domain::automation::Environment;
use crate::domain::incident::clean_text;
use crate::domain::moment::Moment;
use crate::domain::problem::FieldError;
use crate::domain::run::{COST_MAX, RunOutcome, cost_in_millionths, outcome_of};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Body of `POST /api/v1/automations/{slug}/runs`, as a careful automation writes it. Whatever is odd or missing is
/// stored all the same, and named in the answer.
#[derive(Serialize, ToSchema)]
pub(super) struct RunBody {
    /// The automation's own name of the run: the same run reported twice is stored once.
    run_id: Option<String>,
    /// staging or production.
    environment: String,
    /// success, failure or stopped.
    outcome: String,
    /// What was done.
    what: String,
    /// Why.
    why: String,
    /// Currency units.
    cost: Option<f64>,
    /// A number, a text, or a list of texts.
    affected_records: Option<String>,
    /// Where the site's own audit log tells of it.
    audit_reference: Option<String>,
    /// RFC 3339. A run that began before a pause which lets running work finish was not made while the gate was closed.
    began_at: Option<String>,
    /// RFC 3339; now, if left away.
    ended_at: Option<String>,
    /// Of a failure: all four are needed.
    error: Option<RunErrorBody>,
}

/// What a failure must carry, so that another operator can respond.
#[derive(Serialize, ToSchema)]
pub(super) struct RunErrorBody {
    code: String,
    step: String,
    input: String,
    next_contact: String,
}

/// Reads a report.
pub(super) fn read(body: &[u8]) -> Result<RunReport, Failure> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| Failure::field("body", format!("This is not JSON: {error}. Send a JSON object.")))?;
    let Value::Object(fields) = value else {
        return Err(Failure::field("body", "Send a JSON object with environment, outcome, what and why."));
    };
    let mut reader = Reader { fields, odd: Vec::new() };
    let environment = reader.environment();
    let outcome = reader.outcome();
    let what = reader.text("what").unwrap_or_default();
    let why = reader.text("why").unwrap_or_default();
    let cost = reader.cost();
    let error = reader.error();
    Ok(RunReport {
        run_id: reader.text("run_id"),
        environment,
        outcome,
        what,
        why,
        cost,
        affected_records: reader.text("affected_records"),
        audit_reference: reader.text("audit_reference"),
        error,
        began_at: reader.began_at(),
        ended_at: reader.ended_at(),
        oddities: reader.odd,
    })
}

struct Reader {
    fields: Map<String, Value>,
    odd: Vec<FieldError>,
}

impl Reader {
    fn odd(&mut self, field: &str, message: impl Into<String>) {
        self.odd.push(FieldError::new(field, message));
    }

    fn taken(&mut self, name: &str) -> Option<Value> {
        self.fields.remove(name).filter(|value| !value.is_null())
    }

    fn environment(&mut self) -> Option<Environment> {
        let text = self.text("environment").unwrap_or_default().to_lowercase();
        let known = Environment::parse(&text);
        if known.is_none() {
            let message = "Say staging or production. It was stored as where the automation is registered.";
            self.odd("environment", message);
        }
        known
    }

    /// An outcome that nobody understands counts as a failure: somebody has to look.
    fn outcome(&mut self) -> RunOutcome {
        let known = outcome_of(&self.text("outcome").unwrap_or_default());
        known.unwrap_or_else(|| {
            self.odd("outcome", "Say success, failure or stopped. It was stored as a failure.");
            RunOutcome::Failure
        })
    }

    fn cost(&mut self) -> Option<i64> {
        let value = self.taken("cost")?;
        let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
        let kept = number.and_then(cost_in_millionths);
        if kept.is_none() {
            self.odd("cost", format!("Use a number from 0 to {COST_MAX}. The run was stored without a cost."));
        }
        kept
    }

    fn ended_at(&mut self) -> Option<Moment> {
        self.moment("ended_at", "Use RFC 3339 with offset. The moment of the report was stored instead.")
    }

    fn began_at(&mut self) -> Option<Moment> {
        self.moment("began_at", "Use RFC 3339 with offset. It was left out.")
    }

    fn moment(&mut self, name: &str, otherwise: &str) -> Option<Moment> {
        let text = self.text(name)?;
        let at = chrono::DateTime::parse_from_rfc3339(text.trim()).ok();
        if at.is_none() {
            self.odd(name, otherwise);
        }
        at.map(|at| Moment::from_utc(at.to_utc()))
    }

    fn error(&mut self) -> [Option<String>; 4] {
        match self.taken("error") {
            None => Default::default(),
            Some(Value::Object(fields)) => {
                let outer = std::mem::replace(&mut self.fields, fields);
                let parts = ["code", "step", "input", "next_contact"].map(|name| self.text(name));
                self.fields = outer;
                parts
            }
            Some(other) => {
                self.odd("error", "Use an object with code, step, input and next_contact.");
                [Some(cut(&words(&other))), None, None, None]
            }
        }
    }

    /// A field as text: numbers and lists are written out, what is too long is cut.
    fn text(&mut self, name: &str) -> Option<String> {
        let all = clean_text(&words(&self.taken(name)?));
        let cut = cut(&all);
        if cut.len() < all.len() {
            let message = format!("It is longer than {REPORT_TEXT_MAX} characters; the rest was not stored.");
            self.odd(name, message);
        }
        Some(cut).filter(|text| !text.is_empty())
    }
}

/// A value in words. A NUL cannot be stored, and says nothing.
fn words(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    };
    text.replace('\0', "")
}

fn cut(text: &str) -> String {
    text.chars().take(REPORT_TEXT_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn odd_of(report: &RunReport) -> Vec<&str> {
        report.oddities.iter().map(|error| error.field.as_str()).collect()
    }

    #[test]
    fn what_is_odd_is_taken_as_far_as_it_goes() {
        let body = json!({
            "environment": "moon", "outcome": "exploded", "what": 7, "why": ["a", 2], "cost": -1, "affected_records": 42,
            "ended_at": "yesterday", "error": "E12", "something": { "else": true }
        });
        let report = read(body.to_string().as_bytes()).unwrap();
        assert_eq!((report.what.as_str(), report.why.as_str()), ("7", "a, 2"));
        assert_eq!((report.outcome, report.environment, report.cost), (RunOutcome::Failure, None, None));
        assert_eq!(report.affected_records.as_deref(), Some("42"));
        assert_eq!(report.error[0].as_deref(), Some("E12"));
        assert_eq!(odd_of(&report), ["environment", "outcome", "cost", "error", "ended_at"]);
    }

    #[test]
    fn a_huge_text_is_cut_and_a_nul_is_left_out() {
        let body = json!({ "outcome": "ok", "environment": "staging", "what": "x".repeat(90_000), "why": "a\u{0}b" });
        let report = read(body.to_string().as_bytes()).unwrap();
        assert_eq!((report.what.len(), report.why.as_str()), (REPORT_TEXT_MAX, "ab"));
        assert_eq!(odd_of(&report), ["what"]);
    }

    proptest! {
        #[test]
        fn whatever_is_an_object_is_read(text in "\\PC{0,40}", number in any::<f64>(), flag in any::<bool>()) {
            for value in [json!(text), json!(number), json!(flag), json!(null), json!([text]), json!({ "a": text })] {
                for field in ["run_id", "environment", "outcome", "what", "why", "cost", "error", "ended_at"] {
                    let mut body = json!({ "outcome": "success", "environment": "production", "what": "a", "why": "b" });
                    body[field] = value.clone();
                    prop_assert!(read(body.to_string().as_bytes()).is_ok());
                }
            }
        }

        #[test]
        fn what_is_no_object_is_refused(text in "\\PC{0,40}") {
            prop_assert!(read(json!([text]).to_string().as_bytes()).is_err());
            let broken = format!("{{broken {text}");
            prop_assert!(read(broken.as_bytes()).is_err());
        }
    }
}
