//! The fields of a form, as typed.

use super::State;
use super::auth::csrf_fits;
use super::failure::PageFailure;
use super::once::FormKey;
use crate::actions::Failure;
use crate::domain::evidence::is_invisible;
use crate::domain::problem::FieldError;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt;
use std::future::Future;
use std::pin::Pin;

/// Largest form, bytes. Text fields have limits of their own far below; what is longer is uploaded as a file.
pub(super) const FORM_MAX: usize = 4 * 1024 * 1024;

/// Fields of a form whose CSRF token was right.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    pairs: Vec<(String, String)>,
    /// Fields that held bytes which are no text.
    broken: Vec<String>,
}

impl Fields {
    /// Reads `application/x-www-form-urlencoded`. Bytes that are no UTF-8 are shown as � and named as errors.
    pub(super) fn parse(body: &[u8]) -> Self {
        let mut fields = Fields::default();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decoded(halves.next().unwrap_or_default());
            let value = decoded(halves.next().unwrap_or_default());
            let name = String::from_utf8_lossy(&name).into_owned();
            let value = String::from_utf8(value).unwrap_or_else(|broken| {
                fields.broken.push(name.clone());
                String::from_utf8_lossy(broken.as_bytes()).into_owned()
            });
            fields.pairs.push((name, value));
        }
        fields
    }

    /// The field's text; empty when it is not there.
    pub(super) fn text(&self, name: &str) -> &str {
        self.pairs.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// The field's text, none when it is blank.
    pub(super) fn optional(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.trim().is_empty()).map(str::to_owned)
    }

    /// All values of a repeated field.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        self.pairs.iter().filter(|(n, _)| n == name).map(|(_, value)| value.clone()).collect()
    }

    /// Was a button or a box of this name pressed?
    pub(super) fn has(&self, name: &str) -> bool {
        self.pairs.iter().any(|(n, _)| n == name)
    }

    /// The version of the row that the form was made from, as the page sent it. One that is no number fits no row.
    pub(super) fn version(&self) -> Option<i32> {
        self.pairs.iter().find(|(name, _)| name == "version").map(|(_, value)| value.parse().unwrap_or(-1))
    }

    /// An error for each field that held bytes which are no text, or NUL.
    pub(super) fn encoding_errors(&self) -> Vec<FieldError> {
        let message =
            "Some characters here are not UTF-8 text; they are shown as �. Replace them, or upload the text as a file.";
        let broken = self.broken.iter().map(|name| FieldError::new(name.as_str(), message));
        let nul = "There is a NUL character here, which no text holds. Take it out, or upload the text as a file.";
        let with_nul = self.pairs.iter().filter(|(_, value)| value.contains('\0'));
        broken.chain(with_nul.map(|(name, _)| FieldError::new(name.as_str(), nul))).collect()
    }

    /// The same, and an error for each field that holds a character nobody can see: what looks like one name or
    /// address could be another. For short fields; a pasted report may hold such characters.
    pub(super) fn character_errors(&self) -> Vec<FieldError> {
        let mut errors = self.encoding_errors();
        for (name, value) in &self.pairs {
            if errors.iter().any(|error| error.field == *name) {
                continue;
            }
            if let Some(hidden) = value.chars().find(|c| is_hidden(*c)) {
                let code = u32::from(hidden);
                let message = format!("There is an invisible character here (U+{code:04X}). Type the text again.");
                errors.push(FieldError::new(name.as_str(), message));
            }
        }
        errors
    }

    /// Every field, in the order in which they came.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The key by which a second press counts once, with what this form says.
    pub(super) fn once(&self) -> FormKey {
        FormKey::new(self.text("once"), self.pairs().filter(|(name, _)| !matches!(*name, "csrf" | "once")))
    }

    /// The fields as a browser sends them, without passwords and without what is good for one page only.
    pub(super) fn to_keep(&self) -> String {
        let keeps = |name: &str| !name.contains("password") && !matches!(name, "csrf" | "once");
        let kept = self.pairs().filter(|(name, _)| keeps(name));
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish()
    }

    /// The errors in the order of the form, which is the order in which a browser sends its fields.
    pub(super) fn in_order(&self, mut errors: Vec<FieldError>) -> Vec<FieldError> {
        let place = |error: &FieldError| self.pairs.iter().position(|(name, _)| *name == error.field);
        errors.sort_by_key(|error| place(error).unwrap_or(usize::MAX));
        errors
    }

    /// What was typed, for showing the form again: repeated fields are lists.
    pub(super) fn values(&self, repeated: &[&str]) -> serde_json::Map<String, serde_json::Value> {
        let mut values = serde_json::Map::new();
        for (name, value) in self.pairs.iter().filter(|(name, _)| !repeated.contains(&name.as_str())) {
            if name != "csrf" {
                values.entry(name.clone()).or_insert_with(|| value.clone().into());
            }
        }
        for name in repeated {
            values.insert((*name).to_owned(), self.all(name).into());
        }
        values
    }
}

/// What is read and thrown away of a form that is too large, bytes: a browser shows our answer only after it has sent
/// all. Whoever sends more is cut off.
const THROWN_AWAY: usize = 160 * 1024 * 1024;

/// Reads a form's body, never holding more than [`FORM_MAX`] of it.
pub(super) async fn read_body(request: &HttpRequest, payload: &mut Payload) -> Result<Vec<u8>, PageFailure> {
    let declared =
        request.headers().get("content-length").and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let mut body = Vec::new();
    let mut seen = 0;
    let mut fits = true;
    while let Some(piece) = payload.next().await {
        let piece =
            piece.map_err(|_| PageFailure(Failure::Interrupted("The form broke off. Send it again.".into())))?;
        seen += piece.len();
        fits = fits && seen <= FORM_MAX;
        if fits {
            body.extend_from_slice(&piece);
        } else {
            body = Vec::new();
        }
        if seen > THROWN_AWAY || (!fits && declared.is_some_and(|declared| declared > THROWN_AWAY)) {
            break;
        }
    }
    if fits {
        return Ok(body);
    }
    Err(PageFailure(Failure::TooLarge(format!(
        "The form is larger than {} MiB. Go back: what you typed is still there. Upload the long text as a file instead.",
        FORM_MAX / (1024 * 1024)
    ))))
}

/// Nobody sees it in a line of text. The two joiners are left out: some scripts need them.
fn is_hidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\r' | '\t')) || (is_invisible(c) && !matches!(c, '\u{200C}' | '\u{200D}'))
}

/// Takes back what the browser did to a name or a value; bytes that are no escape stay as they are.
fn decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let escape = after.get(..2).filter(|_| *first == b'%').and_then(|two| {
            let two = std::str::from_utf8(two).ok().filter(|two| two.bytes().all(|b| b.is_ascii_hexdigit()))?;
            u8::from_str_radix(two, 16).ok()
        });
        match escape {
            Some(byte) => {
                out.push(byte);
                rest = &after[2..];
            }
            None => {
                out.push(if *first == b'+' { b' ' } else { *first });
                rest = after;
            }
        }
    }
    out
}

/// The same errors, at the names that the form has for the fields of an act. Each entry: the act's name, the form's.
pub(super) fn renamed(errors: Vec<FieldError>, names: &[(&str, &str)]) -> Vec<FieldError> {
    let name =
        |field: String| names.iter().find(|(act, _)| *act == field).map_or(field.clone(), |(_, form)| (*form).into());
    errors.into_iter().map(|error| FieldError { field: name(error.field), message: error.message }).collect()
}

impl FromRequest for Fields {
    type Error = PageFailure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageFailure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let mut payload = payload.take();
        Box::pin(async move {
            let body = read_body(&request, &mut payload).await?;
            let fields = Fields::parse(&body);
            let state = request.app_data::<web::Data<State>>().cloned();
            match state {
                Some(state) if csrf_fits(&request, &state, fields.text("csrf")) => Ok(fields),
                _ => Err(PageFailure(Failure::Forbidden(
                    "This form did not come from this page, or the page is old. Go back, reload it and send it again."
                        .into(),
                ))),
            }
        })
    }
}
