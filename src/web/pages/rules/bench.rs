//! `GET` and `POST /rules/bench`: what the rules say about a pasted text. Nothing of it is kept.

use super::marks::{LINES, Line, Mark, lines};
use crate::actions::try_text::{self, Trial, floor};
use crate::actions::{Failure, sight};
use crate::domain::person::Act;
use crate::domain::problem::FieldError;
use crate::redaction::placeholders;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::page::Page;
use crate::web::shown::size;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

/// Findings that are listed; all are marked in the text.
const LISTED: usize = 200;

#[derive(Serialize)]
struct Context {
    limit: String,
    rules: String,
    result: Option<Outcome>,
    may_manage: bool,
}

#[derive(Serialize)]
struct Outcome {
    input: Vec<Line>,
    output: Vec<Line>,
    findings: Vec<FindingShown>,
    count: usize,
    spared: Vec<SparedShown>,
    cut: bool,
    lines: usize,
}

#[derive(Serialize)]
struct FindingShown {
    rule: String,
    title: String,
    why: String,
    level: &'static str,
    line: u64,
    column: u64,
    length: u64,
    placeholder: String,
}

#[derive(Serialize)]
struct SparedShown {
    exception: String,
    why: String,
    rule: String,
    line: u64,
}

/// `GET /rules/bench`.
pub(in crate::web) async fn form(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
) -> Result<HttpResponse, PageFailure> {
    signed.somewhere(Act::TryRules)?;
    page(&state, &signed, Page::new(&request, &state, &signed, "Rule bench"), None)
}

/// `POST /rules/bench`.
pub(in crate::web) async fn submit(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (actor, typed) = (signed.actor(), fields.clone());
    let outcome = state
        .run(move |desk| {
            sight::somewhere(&actor, Act::TryRules)?;
            let errors = typed.encoding_errors();
            if !errors.is_empty() {
                return Err(Failure::Invalid(errors));
            }
            // Browsers send line ends as CRLF; what was pasted had its own.
            let text = typed.text("text").replace("\r\n", "\n");
            try_text::run(desk, &actor, &text, None).map(|trial| shown(&text, trial))
        })
        .await;
    let again = Page::new(&request, &state, &signed, "Rule bench").values(fields.values(&[]));
    match outcome {
        Ok(result) => page(&state, &signed, again, Some(result)),
        Err(Failure::Invalid(errors)) => page(&state, &signed, again.errors(errors), None),
        Err(Failure::TooLarge(why)) => {
            let again = again.errors(vec![FieldError::new("text", why)]).status(StatusCode::PAYLOAD_TOO_LARGE);
            page(&state, &signed, again, None)
        }
        Err(failure) => Err(failure.into()),
    }
}

fn page(state: &State, signed: &Signed, page: Page, result: Option<Outcome>) -> Result<HttpResponse, PageFailure> {
    let context = Context {
        limit: size(state.desk.limits.bench_bytes as u64),
        rules: state.desk.active_rules.current().in_words(),
        result,
        may_manage: signed.actor().may_everywhere(Act::ManageRules),
    };
    page.render("rules/bench.html", &context)
}

fn shown(text: &str, trial: Trial) -> Outcome {
    let mut marks: Vec<Mark> = trial
        .findings
        .iter()
        .map(|tried| Mark {
            start: floor(text, tried.finding.offset),
            end: floor(text, tried.finding.offset + tried.finding.length),
            mark: "gone",
            what: format!("{}: {}", tried.finding.rule, tried.title),
        })
        .collect();
    marks.extend(trial.spared.iter().map(|spared| Mark {
        start: floor(text, spared.offset),
        end: floor(text, spared.offset + spared.length),
        mark: "kept",
        what: format!("stays by the exception {}", spared.exception),
    }));
    marks.sort_by_key(|mark| (mark.start, mark.end));
    let output = trial.redacted.as_str();
    let gone: Vec<Mark> = placeholders(output)
        .into_iter()
        .map(|span| Mark { start: span.start, end: span.end, mark: "gone", what: span.rule.to_owned() })
        .collect();
    Outcome {
        cut: text.lines().count() > LINES || trial.findings.len() > LISTED,
        lines: LINES,
        input: lines(text, &marks),
        output: lines(output, &gone),
        count: trial.findings.len(),
        findings: trial.findings.into_iter().take(LISTED).map(finding).collect(),
        spared: trial.spared.into_iter().take(LISTED).map(spared).collect(),
    }
}

fn finding(tried: try_text::TriedFinding) -> FindingShown {
    FindingShown {
        level: tried.finding.level.as_str(),
        line: tried.finding.line,
        column: tried.column,
        length: tried.finding.length,
        placeholder: tried.finding.placeholder,
        rule: tried.finding.rule,
        title: tried.title,
        why: tried.why,
    }
}

fn spared(spared: crate::redaction::Spared) -> SparedShown {
    SparedShown { exception: spared.exception, why: spared.why, rule: spared.rule, line: spared.line }
}
