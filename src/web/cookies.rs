//! Our cookies. Under https they are `__Host-`: no other host and no plain connection can set them.

use super::State;
use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

/// What a cookie is for.
#[derive(Clone, Copy)]
pub(super) enum Jar {
    /// The session of a person.
    Session,
    /// Ties the login form to this browser.
    Visitor,
    /// The form that waits for the person to sign in again.
    Draft,
    /// What the next page says.
    Flash,
    /// Theme and shortcuts.
    Preferences,
}

impl Jar {
    fn name(self, https: bool) -> String {
        let name = match self {
            Jar::Session => "allclear",
            Jar::Visitor => "allclear_visitor",
            Jar::Draft => "allclear_draft",
            Jar::Flash => "allclear_flash",
            Jar::Preferences => "allclear_preferences",
        };
        if https { format!("__Host-{name}") } else { name.to_owned() }
    }

    pub(super) fn read(self, request: &HttpRequest, state: &State) -> Option<String> {
        request.cookie(&self.name(state.is_https())).map(|cookie| cookie.value().to_owned())
    }

    /// `hours`: none for as long as the browser is open.
    pub(super) fn set(self, state: &State, value: String, hours: Option<i64>) -> Cookie<'static> {
        let mut cookie = Cookie::build(self.name(state.is_https()), value)
            .path("/")
            .http_only(true)
            .secure(state.is_https())
            .same_site(SameSite::Lax)
            .finish();
        if let Some(hours) = hours {
            cookie.set_max_age(Duration::hours(hours));
        }
        cookie
    }

    pub(super) fn clear(self, state: &State) -> Cookie<'static> {
        let mut cookie = self.set(state, String::new(), None);
        cookie.make_removal();
        cookie
    }
}
