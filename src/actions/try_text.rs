//! The rule bench: what the rules say about a text. Nothing of the text is kept, not in a row, a file or a log.

use super::keep_rules::{checked, ground};
use super::pause::registry_redactor_with;
use super::{Desk, Failure, sight};
use crate::domain::own_rule::OwnRule;
use crate::domain::person::{Act, Actor};
use crate::redaction::{Finding, Redacted, Spared};
use std::sync::Arc;

/// What the rules say about a text.
pub struct Trial {
    /// The text as it would be stored.
    pub redacted: Redacted,
    /// What goes, in order.
    pub findings: Vec<TriedFinding>,
    /// What stays because of an exception.
    pub spared: Vec<Spared>,
    /// The rules in words, as reports name them.
    pub rules: String,
}

/// One removal with the words of its rule.
pub struct TriedFinding {
    /// Rule, level and place.
    pub finding: Finding,
    /// What the rule is called.
    pub title: String,
    /// Why it removes this.
    pub why: String,
    /// Column in the input, counted in characters from 1.
    pub column: u64,
}

/// Tries a text; with a rule that is not saved, as if it were in force.
pub fn run(desk: &Desk, actor: &Actor, text: &str, rule: Option<OwnRule>) -> Result<Trial, Failure> {
    sight::somewhere(actor, Act::TryRules)?;
    let most = desk.limits.bench_bytes;
    if text.trim().is_empty() {
        return Err(Failure::field("text", "Paste the text that is to be tried."));
    }
    if text.len() > most {
        return Err(Failure::TooLarge(format!(
            "The text is {} bytes long; {most} fit on the bench (ALLCLEAR_BENCH_BYTES). Cut out the lines you wonder \
             about, or use allclear redact --explain.",
            text.len()
        )));
    }
    let set = desk.active_rules.current();
    let (rules, words) = match rule {
        None => (set.rules.clone(), set.in_words()),
        Some(rule) => {
            sight::everywhere(actor, Act::ManageRules)?;
            let rule = rule.cleaned();
            let ground = desk.read(|connection| ground(connection, &rule.name))?;
            let words = format!("{}, with {} as if it were saved", set.in_words(), rule.name);
            (Arc::new(checked(desk, &rule, &ground)?), words)
        }
    };
    let explained = registry_redactor_with(desk, rules.clone())?.explain(text);
    let findings = explained.redacted.findings.into_iter().map(|finding| {
        let info = rules.describe(&finding.rule);
        let before = &text[..floor(text, finding.offset)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        TriedFinding {
            column: before[line_start..].chars().count() as u64 + 1,
            title: info.as_ref().map_or_else(|| finding.rule.clone(), |info| info.title.clone()),
            why: info.map(|info| info.why).unwrap_or_default(),
            finding,
        }
    });
    Ok(Trial {
        findings: findings.collect(),
        redacted: explained.redacted.text,
        spared: explained.spared,
        rules: words,
    })
}

/// The last place at or before `offset` at which a character begins.
pub fn floor(text: &str, offset: u64) -> usize {
    let mut at = usize::try_from(offset).unwrap_or(usize::MAX).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
