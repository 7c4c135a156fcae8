//! What every page's context holds beside its own.

use super::State;
use super::assets::AssetUrls;
use super::auth::{Signed, csrf_token, visitor};
use super::cookies::Jar;
use super::failure::{ErrorWords, PageFailure};
use super::headers::holds_nul;
use super::press::Again;
use crate::actions::Failure;
use crate::actions::sign_in::fresh_secret;
use crate::domain::person::Act;
use crate::domain::problem::{FieldError, Reason};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse, ResponseError, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A page that is about to be rendered.
pub(super) struct Page<'r> {
    request: &'r HttpRequest,
    state: &'r State,
    signed: Option<&'r Signed>,
    title: String,
    status: StatusCode,
    again: Again,
}

#[derive(Serialize)]
struct Common<'p, T: Serialize> {
    page: About<'p>,
    me: Option<Me>,
    csrf: String,
    once: String,
    flash: Option<Flash>,
    assets: &'p AssetUrls,
    demo: bool,
    prefs: Preferences,
    errors: &'p [FieldError],
    values: &'p serde_json::Map<String, serde_json::Value>,
    open_form: &'p str,
    refusals: &'p [Reason],
    stale: bool,
    #[serde(flatten)]
    own: &'p T,
}

#[derive(Serialize)]
struct About<'p> {
    title: &'p str,
    path: &'p str,
    nonce_free: bool,
}

#[derive(Serialize)]
struct Me {
    name: String,
    email: String,
    roles: Vec<String>,
    may: BTreeMap<&'static str, bool>,
}

/// One sentence that the next page says.
#[derive(Serialize, Deserialize)]
pub(super) struct Flash {
    kind: String,
    text: String,
}

/// What a person likes, kept in their browser.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Preferences {
    /// `light`, `dark` or `auto`.
    pub(super) theme: String,
    /// Keyboard shortcuts on?
    pub(super) shortcuts: bool,
    /// The zone in which moments that belong to no site are shown beside UTC: one of the IANA database; empty: what the
    /// browser says.
    pub(super) zone: String,
}

impl Default for Preferences {
    fn default() -> Self {
        Self { theme: "auto".into(), shortcuts: true, zone: String::new() }
    }
}

impl<'r> Page<'r> {
    /// A page for somebody signed in.
    pub(super) fn new(request: &'r HttpRequest, state: &'r State, signed: &'r Signed, title: &str) -> Self {
        Self::open(request, state, Some(signed), title)
    }

    /// A page for anybody.
    pub(super) fn open(request: &'r HttpRequest, state: &'r State, signed: Option<&'r Signed>, title: &str) -> Self {
        Self { request, state, signed, title: title.to_owned(), status: StatusCode::OK, again: Again::default() }
    }

    /// Shows these values in the form.
    pub(super) fn values(mut self, values: serde_json::Map<String, serde_json::Value>) -> Self {
        self.again.values = values;
        self
    }

    /// Shows these errors; the page is a 422 then.
    pub(super) fn errors(mut self, errors: Vec<FieldError>) -> Self {
        if !errors.is_empty() {
            self.status = StatusCode::UNPROCESSABLE_ENTITY;
        }
        self.again.errors = errors;
        self
    }

    /// Shows again the form that was refused, and why; the status fits.
    pub(super) fn again(mut self, again: Again) -> Self {
        self.status = again.status().unwrap_or(self.status);
        self.again = again;
        self
    }

    /// Answers with another status.
    pub(super) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Renders the page.
    pub(super) fn render(self, template: &str, own: &impl Serialize) -> Result<HttpResponse, PageFailure> {
        let (cookie, is_new) = match self.signed {
            Some(signed) => (signed.session.clone(), false),
            None => visitor(self.request, self.state)?,
        };
        let flash = Jar::Flash
            .read(self.request, self.state)
            .and_then(|text| serde_json::from_slice::<Flash>(&URL_SAFE_NO_PAD.decode(text).ok()?).ok());
        let said = flash.is_some();
        let context = Common {
            page: About { title: &self.title, path: self.request.path(), nonce_free: true },
            me: self.signed.map(me),
            csrf: csrf_token(self.state, &cookie),
            once: fresh_secret()?,
            flash,
            assets: &self.state.assets,
            demo: self.state.settings.demo,
            prefs: with_zone(preferences(self.request, self.state), self.request),
            errors: &self.again.errors,
            values: &self.again.values,
            open_form: &self.again.open_form,
            refusals: &self.again.refusals,
            stale: self.again.stale,
            own,
        };
        let html = self.state.desk.renderer.page(template, &context, &context.prefs.zone).map_err(Failure::from)?;
        let mut response = HttpResponse::build(self.status);
        response.content_type("text/html; charset=utf-8");
        if is_new {
            response.cookie(Jar::Visitor.set(self.state, cookie, None));
        }
        if said {
            response.cookie(Jar::Flash.clear(self.state));
        }
        Ok(response.body(html))
    }
}

fn me(signed: &Signed) -> Me {
    let actor = signed.actor();
    let mut roles: Vec<String> = signed.person.grants.iter().map(|grant| grant.role.label()).collect();
    roles.dedup();
    Me {
        name: signed.person.name.clone(),
        email: signed.person.email.clone(),
        roles,
        may: Act::ALL
            .iter()
            .map(|act| match act {
                // People belong to no site: an administrator of some sites only would be refused there.
                Act::ManagePeople => (act.as_str(), actor.may_everywhere(*act)),
                act => (act.as_str(), actor.may_somewhere(*act)),
            })
            .collect(),
    }
}

/// What the person likes.
pub(super) fn preferences(request: &HttpRequest, state: &State) -> Preferences {
    Jar::Preferences
        .read(request, state)
        .and_then(|text| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok())
        .unwrap_or_default()
}

/// The cookie in which `app.js` writes down the zone of the reader's clock. It decides nothing but how moments are shown.
const ZONE_COOKIE: &str = "allclear_zone";

/// The same with a zone: the chosen one, that of the browser, or UTC.
fn with_zone(preferences: Preferences, request: &HttpRequest) -> Preferences {
    let is_zone = |name: &String| name.parse::<chrono_tz::Tz>().is_ok();
    let browsers = || request.cookie(ZONE_COOKIE).map(|cookie| cookie.value().to_owned()).filter(is_zone);
    let chosen = Some(preferences.zone.clone()).filter(is_zone);
    Preferences { zone: chosen.or_else(browsers).unwrap_or_else(|| "UTC".to_owned()), ..preferences }
}

/// The cookie that keeps what a person likes, for a year.
pub(super) fn preferences_cookie(state: &State, preferences: &Preferences) -> actix_web::cookie::Cookie<'static> {
    let text = URL_SAFE_NO_PAD.encode(serde_json::to_vec(preferences).unwrap_or_default());
    Jar::Preferences.set(state, text, Some(24 * 365))
}

/// Goes to another page, which says `text` first. `kind`: `success`, `warning` or `error`.
pub(super) fn go(state: &State, to: &str, kind: &str, text: &str) -> HttpResponse {
    let flash = Flash { kind: kind.to_owned(), text: text.to_owned() };
    let value = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&flash).unwrap_or_default());
    let mut response = super::auth::see_other(to);
    let _ = response.add_cookie(&Jar::Flash.set(state, value, None));
    response
}

/// A path of our own pages: an address with a host would send people elsewhere with our word for it.
pub(super) fn local(next: &str) -> &str {
    if next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\n', '\r', '\t']) {
        next
    } else {
        "/"
    }
}

#[derive(Serialize)]
struct ErrorContext {
    status: u16,
    heading: String,
    message: String,
    reasons: Vec<crate::domain::problem::Reason>,
    kept: bool,
    back: Option<()>,
    trace: Option<String>,
}

/// Turns failures of pages into the error page.
pub(super) async fn show_failures(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let state = request.app_data::<web::Data<State>>().cloned();
    // No name holds a NUL, and a database may refuse to look one up.
    let response = if holds_nul(&request) || request.query_string().contains("%00") {
        request.into_response(PageFailure(Failure::NotFound).error_response())
    } else {
        next.call(request).await?.map_into_boxed_body()
    };
    let words = response.response().extensions().get::<ErrorWords>().cloned();
    let is_failure = response.status().is_client_error() || response.status().is_server_error();
    let is_page =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let words = words.or_else(|| (is_failure && !is_page).then(|| plain_words(response.status())));
    let (Some(words), Some(state)) = (words, state) else { return Ok(response) };
    use actix_web::HttpMessage;
    let (request, old) = response.into_parts();
    let signed = request.extensions().get::<Signed>().cloned();
    let page = Page::open(&request, &state, signed.as_ref(), &words.title).status(old.status());
    let context = ErrorContext {
        status: old.status().as_u16(),
        heading: words.title.clone(),
        message: words.message,
        reasons: words.reasons,
        kept: false,
        back: None,
        trace: words.trace,
    };
    let shown = page.render("error.html", &context).unwrap_or(old);
    Ok(ServiceResponse::new(request, shown))
}

/// What is said where the framework refused, before any handler of ours.
fn plain_words(status: StatusCode) -> ErrorWords {
    let (title, message) = match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            ("Not possible here", "This page cannot be used in this way. Go back and use its buttons.")
        }
        StatusCode::NOT_FOUND => ("Not found", "There is no such page here, or it is not yours to see."),
        StatusCode::PAYLOAD_TOO_LARGE => ("Too large", "This is more than fits here. Upload it as a file instead."),
        status if status.is_server_error() => ("Our fault", "Something is wrong on our side. Nothing was changed."),
        _ => ("Not understood", "The address or the form cannot be read. Go back and use the page's own links."),
    };
    ErrorWords { title: title.into(), message: message.into(), reasons: Vec::new(), trace: None }
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn nobody_is_sent_elsewhere_after_a_form() {
        for (next, to) in [
            ("/incidents/new", "/incidents/new"),
            ("/incidents/new?site=a#b", "/incidents/new?site=a#b"),
            ("//evil.example", "/"),
            ("https://evil.example", "/"),
            ("javascript:alert(1)", "/"),
            ("/\\evil.example", "/"),
            ("/\t/evil.example", "/"),
            ("", "/"),
        ] {
            assert_eq!(local(next), to);
        }
    }
}
