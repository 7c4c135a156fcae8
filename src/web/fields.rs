//! The fields of a form, as typed.

use super::State;
use super::auth::csrf_fits;
use super::failure::PageFailure;
use crate::actions::Failure;
use crate::domain::problem::FieldError;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
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
        for (name, value) in url::form_urlencoded::parse(body) {
            if value.contains('\u{FFFD}') {
                fields.broken.push(name.to_string());
            }
            fields.pairs.push((name.into_owned(), value.into_owned()));
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

    /// An error for each field that held bytes which are no text.
    pub(super) fn encoding_errors(&self) -> Vec<FieldError> {
        let message =
            "Some characters here are not UTF-8 text; they are shown as �. Replace them, or upload the text as a file.";
        self.broken.iter().map(|name| FieldError::new(name.as_str(), message)).collect()
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

impl FromRequest for Fields {
    type Error = PageFailure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageFailure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let body = web::Bytes::from_request(&request, payload);
        Box::pin(async move {
            let body = body.await.map_err(|_| {
                PageFailure(Failure::TooLarge(format!(
                    "The form is larger than {} MiB. Go back: what you typed is still there; upload the long text as a file instead.",
                    FORM_MAX / (1024 * 1024)
                )))
            })?;
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
