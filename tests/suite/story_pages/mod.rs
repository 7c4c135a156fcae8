//! The pages that lead from bundle to restart.

mod by_hand;
mod escalate;
mod restart;
mod review;

use crate::support::{App, Browserlike, Reply};

/// Builds a bundle for the hosting company; returns its id.
pub fn bundle(app: &App, reference: &str, audience: &str) -> String {
    let lena = app.signed_in(&app.lead);
    let path = format!("/incidents/{reference}/bundles");
    let built = lena.submit(&format!("{path}/new?audience={audience}"), &path, &[("audience", audience)]);
    assert_eq!(built.status, 303, "{}", built.body);
    built.location().rsplit('/').next().unwrap().to_owned()
}

/// A press on the page about the way back.
pub fn press(browser: &Browserlike, reference: &str, to: &str, fields: &[(&str, &str)]) -> Reply {
    let page = format!("/incidents/{reference}/restart");
    browser.submit(&page, &format!("/incidents/{reference}/{to}"), fields)
}

/// The id that stands in an address `.../{noun}/ID/{verb}` of the page.
pub fn id_in(html: &str, noun: &str, verb: &str) -> String {
    let end = html.find(&format!("/{verb}\"")).unwrap_or_else(|| panic!("no form for {noun}/{verb}"));
    let start = html[..end].rfind(&format!("/{noun}/")).unwrap() + noun.len() + 2;
    html[start..end].to_owned()
}
