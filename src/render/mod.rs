//! Tera templates, embedded in the binary and compiled once at start: a template that does not parse stops it.

mod moments;
mod questions;

use crate::domain::moment::Moment;
use crate::redaction::placeholders;
use chrono::DateTime;
use chrono_tz::Tz;
use rust_embed::RustEmbed;
use serde::Serialize;
use tera::{Context, Kwargs, State, Tera, TeraResult};

#[derive(RustEmbed)]
#[folder = "templates/"]
#[include = "*.html"]
#[include = "*.md"]
#[include = "*.txt"]
#[exclude = "CONTEXTS.md"]
struct Templates;

/// A template failed. Carries the template's name and the engine's words, never the context.
#[derive(Debug, thiserror::Error)]
#[error("template {template}: {why}")]
pub struct RenderError {
    template: String,
    why: String,
}

/// The compiled templates.
pub struct Renderer {
    tera: Tera,
}

impl Renderer {
    /// Compiles all templates.
    pub fn new() -> Result<Self, RenderError> {
        let mut tera = Tera::new();
        tera.autoescape_on(vec![".html"]);
        tera.register_filter("md", markdown_inline);
        tera.register_filter("md_block", markdown_block);
        tera.register_filter("in_zone", in_zone);
        let sources: Vec<(String, String)> = Templates::iter()
            .filter_map(|name| {
                let file = Templates::get(&name)?;
                Some((name.to_string(), String::from_utf8_lossy(&file.data).into_owned()))
            })
            .collect();
        let borrowed = sources.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        tera.add_raw_templates(borrowed).map_err(|e| failure("(all)", &e))?;
        Ok(Self { tera })
    }

    /// Renders one template; HTML templates escape every value.
    pub fn render(&self, template: &str, context: &impl Serialize) -> Result<String, RenderError> {
        let context = Context::from_serialize(context).map_err(|e| failure(template, &e))?;
        self.tera.render(template, &context).map_err(|e| failure(template, &e))
    }

    /// Renders a page for somebody in `zone`: its list of errors names the question of each, and the moments in its
    /// sentences are said in that zone too.
    pub fn page(&self, template: &str, context: &impl Serialize, zone: &str) -> Result<String, RenderError> {
        let html = questions::name_the_questions(self.render(template, context)?);
        Ok(moments::mark_moments(&html, zone))
    }

    /// Names of all templates, for the test that renders every page.
    pub fn names(&self) -> Vec<String> {
        self.tera.get_template_names().map(str::to_owned).collect()
    }
}

fn failure(template: &str, error: &tera::Error) -> RenderError {
    RenderError { template: template.to_owned(), why: with_causes(error) }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

/// Text inside a Markdown line: characters with a meaning in CommonMark are escaped, line ends become spaces.
/// Placeholders stay as they are, so that they read the same in every member of a bundle.
fn markdown_inline(text: &str, _: Kwargs, _: &State) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut done = 0;
    for span in placeholders(text) {
        escape_markdown(&text[done..span.start], &mut out);
        out.push_str(&text[span.start..span.end]);
        done = span.end;
        // `[a](b)` and `[a]: b` would be links.
        if text[done..].starts_with(['(', ':', '[']) {
            out.push('\\');
        }
    }
    escape_markdown(&text[done..], &mut out);
    out
}

fn escape_markdown(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '!' | '&' => {
                out.push('\\');
                out.push(c);
            }
            '-' | '+' | '.' if out.is_empty() || out.chars().all(|c| c.is_ascii_digit()) => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
}

/// `2026-11-21 11:02 CET`: a moment, RFC 3339, by the wall clock of a zone; by UTC where there is no such zone.
fn in_zone(moment: &str, named: Kwargs, _: &State) -> TeraResult<String> {
    let zone: Tz = named.must_get::<&str>("zone")?.parse().unwrap_or(Tz::UTC);
    let at = DateTime::parse_from_rfc3339(moment).map_err(|_| tera::Error::message("this is no moment"))?;
    Ok(Moment::from_utc(at.to_utc()).in_zone(zone))
}

/// A fenced block whose fence is longer than any run of backticks in the text.
fn markdown_block(text: &str, _: Kwargs, _: &State) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{}\n{fence}", text.trim_end_matches('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inline(text: &str) -> String {
        let mut tera = Tera::new();
        tera.register_filter("md", markdown_inline);
        tera.add_raw_template("line.md", "{{ text | md }}").unwrap();
        let mut context = Context::new();
        context.insert("text", text);
        tera.render("line.md", &context).unwrap()
    }

    #[test]
    fn markdown_is_escaped_and_placeholders_are_not() {
        assert_eq!(inline("a *b* <c>\nd"), "a \\*b\\* \\<c\\> d");
        assert_eq!(inline("1. x"), "1\\. x");
        assert_eq!(inline("key [openai-key:k7f2q9] gone"), "key [openai-key:k7f2q9] gone");
        assert_eq!(inline("[openai-key:k7f2q9](http://x)"), "[openai-key:k7f2q9]\\(http://x)");
    }
}
