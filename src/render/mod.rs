//! Tera templates, embedded in the binary and compiled once at start: a template that does not parse stops it.

use rust_embed::RustEmbed;
use serde::Serialize;
use tera::{Context, Kwargs, State, Tera};

#[derive(RustEmbed)]
#[folder = "templates/"]
#[include = "*.html"]
#[include = "*.md"]
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
fn markdown_inline(text: &str, _: Kwargs, _: &State) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// A fenced block whose fence is longer than any run of backticks in the text.
fn markdown_block(text: &str, _: Kwargs, _: &State) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{}\n{fence}", text.trim_end_matches('\n'))
}
