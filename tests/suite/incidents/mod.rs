//! The pages of incidents: declare, look at, work on, edit, list.

mod declare;
mod edit;
mod list;
mod show;
mod timeline;
mod withdraw;

use crate::support::{App, Browserlike, Reply};

/// The fields of a declaration that may be filed as it is.
pub fn minimal<'f>(site: &'f str, date: &'f str) -> Vec<(&'f str, &'f str)> {
    vec![
        ("title", "Order mails go out twice"),
        ("site", site),
        ("severity", "sev2"),
        ("occurred_date", date),
        ("occurred_time", "00:01"),
        ("occurred_zone", "UTC"),
    ]
}

/// Today by the app's clock, in UTC.
pub fn today(app: &App) -> String {
    app.now_text()[..10].to_owned()
}

/// The steps of the ladder that every page for signed-in people has: a visitor is sent to sign in, the outsider finds
/// nothing, what does not exist is not found.
pub fn ladder(app: &App, page: &str, unknown: &str) {
    let visitor = app.visitor().get(page);
    assert_eq!(visitor.status, 303, "visitor at {page}");
    assert!(visitor.location().starts_with("/login?next="), "{}", visitor.location());
    assert_eq!(app.signed_in(&app.outsider).get(page).status, 404, "outsider at {page}");
    let missing = app.signed_in(&app.lead).get(unknown);
    assert_eq!(missing.status, 404, "{unknown}");
    assert!(missing.body.contains("Not found"), "{}", missing.body);
}

/// A page shown again because of what was typed: status, the words in the summary and at the field.
pub fn assert_refused_at(reply: &Reply, field: &str, words: &str) {
    assert_eq!(reply.status, 422, "{}", reply.body);
    assert!(reply.body.contains(&format!("href=\"#{field}\"")), "no link to {field}: {}", errors(reply));
    assert!(reply.body.contains(&format!("id=\"{field}-error\"")), "no words at {field}: {}", errors(reply));
    assert!(reply.body.matches(words).count() >= 2, "“{words}” not in summary and at field: {}", errors(reply));
}

/// The summary of errors alone, for messages of tests.
pub fn errors(reply: &Reply) -> String {
    let start = reply.body.find("id=\"error-summary\"").unwrap_or(0);
    reply.body[start..].chars().take(900).collect()
}

/// Posts a form from `page` and follows the redirect.
pub fn follow(browser: &Browserlike, reply: &Reply) -> Reply {
    assert_eq!(reply.status, 303, "{}", reply.body);
    browser.get(reply.location().split('#').next().unwrap())
}
