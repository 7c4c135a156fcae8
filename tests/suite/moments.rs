//! Moments are shown in one way on all pages: in the site's zone and in UTC; where no site is concerned in the reader's zone
//! and in UTC. That each page does so is looked at in every page that any test meets (`support::pages`).

use crate::support::App;
use std::path::{Path, PathBuf};

fn sources(folder: &str, ending: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, ending, found);
            } else if path.extension().is_some_and(|own| own == ending) {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    walk(&root.join(folder), ending, &mut found);
    let name = |path: &Path| path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
    found.into_iter().map(|path| (name(&path), std::fs::read_to_string(&path).unwrap())).collect()
}

#[test]
fn one_component_prints_moments() {
    // What leaves for other parties has both zones in columns of its own.
    let own = ["templates/components.html", "templates/report/", "templates/mail/"];
    let mut complaints = Vec::new();
    for (name, text) in sources("templates", "html") {
        if own.iter().any(|place| name.starts_with(place)) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            for way in [".utc", ".iso", ".site[", "| date", "in_zone"] {
                if line.contains(way) {
                    complaints.push(format!("{name}:{}: {way}: write {{{{ <at t={{…}} /> }}}}", number + 1));
                }
            }
        }
    }
    for (name, text) in sources("src/web", "rs") {
        for (number, line) in text.lines().enumerate() {
            if line.contains(", \"UTC\")") && (line.contains(" time(") || line.contains("Since::")) {
                complaints.push(format!("{name}:{}: say whose zone it is: a site's, or NO_SITE", number + 1));
            }
        }
    }
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn what_belongs_to_no_site_is_shown_in_the_readers_zone_and_in_utc() {
    let app = App::start();
    let ada = app.signed_in(&app.admin);
    assert!(!ada.get("/audit").body.contains(" IST</span>"));
    let refused = ada.submit("/account", "/account/preferences", &[("theme", "auto"), ("zone", "Mars/Olympus")]);
    assert!(refused.status == 422 && refused.body.contains("There is no such zone"), "{}", refused.body);
    let kept = ada.submit("/account", "/account/preferences", &[("theme", "auto"), ("zone", "Asia/Kolkata")]);
    assert_eq!(kept.status, 303, "{}", kept.body);
    let shown = ada.get("/audit").body;
    let when = shown.split("<time").nth(1).unwrap_or_default().split("</time>").next().unwrap();
    assert!(when.contains(" IST</span>") && when.contains(" UTC</span>"), "{when}");
    assert!(ada.get("/account").body.contains("value=\"Asia/Kolkata\""));
}

#[test]
fn a_browser_says_its_zone_and_nonsense_is_utc() {
    let app = App::start();
    for (zone, shown) in [("Asia/Kolkata", true), ("Mars/Olympus", false), ("", false)] {
        let ada = app.signed_in(&app.admin);
        ada.keep_cookie("allclear_zone", zone);
        assert_eq!(ada.get("/audit").body.contains(" IST</span>"), shown, "{zone}");
    }
}

#[test]
fn a_moment_in_a_reason_is_said_in_the_readers_zone_too() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let omar = app.signed_in(&app.owner);
    omar.keep_cookie("allclear_zone", "Asia/Kolkata");
    let page = format!("/automations/{slug}");
    assert_eq!(omar.submit(&page, &format!("{page}/pauses"), &[]).status, 303);
    let shown = omar.get(&page).body;
    let reason = shown.split("since <time").nth(1).unwrap_or_default().split("</time>").next().unwrap();
    assert!(reason.contains(" IST</span>") && reason.contains(" UTC)</span>"), "{shown}");
}

#[test]
fn a_drill_is_shown_in_the_zone_of_its_site() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let omar = app.signed_in(&app.owner);
    let tried = omar.submit("/switches", "/switches/drills", &[("drill_of", &slug), ("drill_kind", "automation")]);
    assert_eq!(tried.status, 303, "{}", tried.body);
    let page = omar.get("/switches").body;
    let when = page.split("<time").nth(1).unwrap_or_default().split("</time>").next().unwrap();
    assert!(when.contains("CET</span>") || when.contains("CEST</span>"), "{when}");
    assert!(when.contains("UTC</span>"), "{when}");
}
