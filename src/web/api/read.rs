//! Reading requests: JSON bodies, queries of lists, conditions. What is wrong is said at its field.

use crate::actions::Failure;
use crate::domain::moment::Moment;
use crate::domain::problem::FieldError;
use crate::web::failure::ApiFailure;
use actix_web::dev::Payload;
use actix_web::http::header::IF_MATCH;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::future::{Ready, ready};
use std::str::FromStr;

/// Reads a JSON body; says which field is wrong.
pub(super) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    let text = std::str::from_utf8(body)
        .map_err(|error| Failure::field("body", format!("This is not UTF-8 from byte {} on.", error.valid_up_to())))?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        // "?" stands where the document ends before its value does.
        let field = if path == "." || path.contains('?') { "body".to_owned() } else { path };
        Failure::Invalid(vec![FieldError::new(field, format!("This cannot be read: {}", error.inner()))])
    })?;
    reader.end().map_err(|_| Failure::field("body", "There is something after the JSON document."))?;
    // A NUL cannot be stored, and no text has one: whatever sent it is broken.
    if text.contains("\\u0000")
        && let Some(field) = nul_in(&serde_json::from_str(text).unwrap_or_default(), "")
    {
        return Err(Failure::field(&field, "This holds a NUL character. Take it out."));
    }
    Ok(value)
}

/// Like [`json`], for requests whose body may be left away.
pub(super) fn json_or_nothing<T: DeserializeOwned + Default>(body: &[u8]) -> Result<T, Failure> {
    if body.iter().all(u8::is_ascii_whitespace) { Ok(T::default()) } else { json(body) }
}

/// Path of the first text with a NUL in it.
fn nul_in(value: &serde_json::Value, path: &str) -> Option<String> {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        serde_json::Value::String(text) if text.contains('\0') => Some(path.to_owned()),
        serde_json::Value::Array(items) => items.iter().find_map(|item| nul_in(item, path)),
        serde_json::Value::Object(fields) => fields.iter().find_map(|(name, value)| nul_in(value, &below(name))),
        _ => None,
    }
}

/// Reads an RFC 3339 time with offset.
pub(super) fn moment(field: &str, text: Option<&str>, errors: &mut Vec<FieldError>) -> Option<Moment> {
    match chrono::DateTime::parse_from_rfc3339(text?.trim()) {
        Ok(at) => Some(Moment::from_utc(at.to_utc())),
        Err(_) => {
            errors.push(FieldError::new(field, "Use RFC 3339 with offset, for example 2026-11-21T09:30:00+01:00."));
            None
        }
    }
}

/// Reads a word of a closed vocabulary.
pub(super) fn word<T: FromStr<Err = String>>(
    field: &str,
    text: Option<&str>,
    errors: &mut Vec<FieldError>,
) -> Option<T> {
    match text?.parse() {
        Ok(word) => Some(word),
        Err(why) => {
            errors.push(FieldError::new(field, format!("No such word; {why}.")));
            None
        }
    }
}

/// Says that a field is missing, unless it is there or was wrong already.
pub(super) fn needed<T>(field: &str, value: Option<T>, how: &str, errors: &mut Vec<FieldError>) -> Option<T> {
    if value.is_none() && !errors.iter().any(|error| error.field == field) {
        errors.push(FieldError::new(field, how));
    }
    value
}

/// Items on a page when nothing is said, and at most.
const LIMIT: usize = 50;
const LIMIT_MAX: usize = 200;

/// The query of a list: `limit`, `cursor` and its filters.
pub(super) struct ListQuery {
    limit: usize,
    cursor: Option<String>,
    filters: BTreeMap<String, String>,
}

impl ListQuery {
    /// Reads a query; a name that is none of `filters` is refused, not passed over: a filter that does nothing lies.
    pub(super) fn read(request: &HttpRequest, filters: &[&str]) -> Result<Self, Failure> {
        let mut query = Self { limit: LIMIT, cursor: None, filters: BTreeMap::new() };
        let mut errors = Vec::new();
        for (name, value) in url::form_urlencoded::parse(request.query_string().as_bytes()) {
            let value = value.into_owned();
            if value.contains('\0') {
                errors.push(FieldError::new(name, "This holds a NUL character. Take it out."));
                continue;
            }
            match name.as_ref() {
                "limit" => match value.parse() {
                    Ok(limit) if (1..=LIMIT_MAX).contains(&limit) => query.limit = limit,
                    _ => errors.push(FieldError::new("limit", format!("Use a number from 1 to {LIMIT_MAX}."))),
                },
                "cursor" => query.cursor = Some(value),
                name if filters.contains(&name) => {
                    query.filters.insert(name.to_owned(), value);
                }
                name => errors.push(FieldError::new(name, unknown_filter(filters))),
            }
        }
        if errors.is_empty() { Ok(query) } else { Err(Failure::Invalid(errors)) }
    }

    /// Items asked for.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Where to go on.
    pub(super) fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// A filter's value.
    pub(super) fn filter(&self, name: &str) -> Option<&str> {
        self.filters.get(name).map(String::as_str)
    }

    /// Refuses a cursor that was not one of ours: 32 hexadecimal digits.
    pub(super) fn check_id_cursor(&self) -> Result<(), Failure> {
        let ours = |cursor: &str| cursor.len() == 32 && cursor.bytes().all(|byte| byte.is_ascii_hexdigit());
        match self.cursor() {
            Some(cursor) if !ours(cursor) => Err(bad_cursor()),
            _ => Ok(()),
        }
    }
}

/// What is said of a cursor that no list of ours gave.
pub(super) fn bad_cursor() -> Failure {
    Failure::field("cursor", "Use next_cursor of the page before, as it is.")
}

fn unknown_filter(filters: &[&str]) -> String {
    let mut known: Vec<&str> = filters.to_vec();
    known.extend(["limit", "cursor"]);
    format!("This list does not know it. Use: {}.", known.join(", "))
}

/// `If-Match`: the versions that the asker has looked at.
pub(in crate::web) struct IfMatch(Option<Vec<String>>);

impl IfMatch {
    /// Refuses a version that the asker has not looked at. Without the header, and with `*`, any will do.
    pub(super) fn admit(&self, version: i32) -> Result<(), Failure> {
        // A tag that tells the whole body begins with the version too (`versioned_whole`).
        let of_version = |tag: &String| {
            let inner = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).unwrap_or_default();
            inner.split('-').next() == Some(version.to_string().as_str())
        };
        match &self.0 {
            Some(tags) if !tags.iter().any(of_version) => Err(Failure::Stale),
            _ => Ok(()),
        }
    }
}

impl IfMatch {
    /// Does the asker name versions at all?
    pub(super) fn names_versions(&self) -> bool {
        self.0.is_some()
    }
}

impl FromRequest for IfMatch {
    type Error = ApiFailure;
    type Future = Ready<Result<Self, ApiFailure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let lines: Vec<&str> =
            request.headers().get_all(IF_MATCH).map(|line| line.to_str().unwrap_or_default()).collect();
        let tags: Vec<String> =
            lines.iter().flat_map(|line| line.split(',')).map(|tag| tag.trim().to_owned()).collect();
        let any = lines.is_empty() || tags.iter().any(|tag| tag == "*");
        ready(Ok(Self((!any).then_some(tags))))
    }
}

/// Reads a field of a PATCH: left away it stays, `null` empties it.
pub(super) fn given<'de, D: serde::Deserializer<'de>, T: serde::Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    <Option<T> as serde::Deserialize>::deserialize(deserializer).map(Some)
}
