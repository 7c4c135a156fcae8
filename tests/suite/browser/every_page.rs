//! Every page of the demo, read by axe-core (`tests/axe/install` fetches it) in light and dark, at a desk and on a phone of
//! 320 px: nothing serious or critical, and nothing that has to be scrolled sideways.
//!
//! The pages are those of `web/routes.rs`: one that no journey comes to fails here.

use super::{Visit, visit};
use crate::cli::{Server, demo};
use crate::support::App;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::rc::Rc;
use thirtyfour::prelude::*;

/// Names the script.
const AXE: &str = "ALLCLEAR_TEST_AXE";
/// When this is set, pictures of all pages are kept in `target/browser/pages/`.
const PICTURES: &str = "ALLCLEAR_TEST_PICTURES";
/// How many pages of one kind are read: the first that links lead to.
const OF_A_KIND: usize = 2;
/// Answers of these routes are files, not pages.
const FILES: [&str; 4] =
    ["/bundles/{id}/download", "/evidence/{id}/picture", "/assets/{id}/picture", "/assets/{id}/thumbnail"];
/// No link leads to these; they have journeys of their own below.
const APART: [&str; 3] = ["/login", "/resume", "/setup/{link}"];

/// The looks that each page gets, and what is asked then: a width changes nothing about colours, and a theme nothing else.
const LOOKS: [(&str, u32, &str); 3] = [("light", 1280, "all"), ("light", 320, "shape"), ("dark", 1280, "colours")];

/// What axe-core says of the page, a line for each element.
const READ: &str = "
    const done = arguments[arguments.length - 1];
    const contrast = { 'color-contrast': { enabled: arguments[0] !== 'shape' } };
    const asked = arguments[0] === 'colours' ? { runOnly: ['color-contrast'] } : { rules: contrast };
    axe.run(document, { resultTypes: ['violations'], ...asked }).then(
        (found) => done(found.violations
            .filter((one) => one.impact !== 'minor' && one.impact !== 'moderate')
            .flatMap((one) => one.nodes.map((node) =>
                `${one.impact} ${one.id} at ${node.target.join(' ')}: ${node.failureSummary.replace(/\\s+/g, ' ')}`))),
        (failure) => done([`axe-core failed: ${failure}`]));
";
/// What does not fit, where the page is wider than the window.
const TOO_WIDE: &str = "
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    const wide = [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > room + 1);
    const last = wide.filter((one) => !wide.some((other) => other !== one && one.contains(other))).slice(0, 3);
    return [`has to be scrolled sideways, for: ${last.map((one) => one.outerHTML.slice(0, 120)).join(' | ')}`];
";

/// The patterns of the pages, as `web/routes.rs` names them.
fn patterns() -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    for function in include_str!("../../../src/web/routes.rs").split("\nfn ") {
        let name = function.split('(').next().unwrap_or_default();
        if !(name.ends_with("_pages") || matches!(name, "open_routes" | "page_routes")) {
            continue;
        }
        for route in function.split("resource(\"").skip(1) {
            let (pattern, rest) = route.split_once('"').unwrap();
            if rest.contains(".get(") && !FILES.contains(&pattern) {
                found.insert(pattern);
            }
        }
    }
    assert!(found.len() > 25 && found.contains("/incidents/{reference}/restart"), "{found:?}");
    found
}

/// The pattern of an address; one that names it in letters goes before one with a place for anything.
fn pattern_of(patterns: &BTreeSet<&'static str>, path: &str) -> Option<&'static str> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let fits = |pattern: &&&str| {
        let (wanted, given): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
        wanted.len() == given.len()
            && wanted.iter().zip(given).all(|(wanted, given)| wanted.starts_with('{') || *wanted == given)
    };
    patterns.iter().filter(fits).min_by_key(|pattern| pattern.matches('{').count()).copied()
}

#[test]
fn an_address_is_told_by_its_pattern() {
    let patterns = patterns();
    assert_eq!(pattern_of(&patterns, "/incidents/new"), Some("/incidents/new"));
    assert_eq!(pattern_of(&patterns, "/incidents/INC-2026-0001?entries=all#x"), Some("/incidents/{reference}"));
    assert_eq!(pattern_of(&patterns, "/evidence/0123/picture"), None);
    assert!(APART.iter().all(|pattern| patterns.contains(pattern)));
}

#[test]
#[ignore = "needs a browser: run ./tests/run"]
fn for_an_administrator() {
    let (server, logins) = start();
    let (email, password) = logins["administrator"].clone();
    visit("pages", server.address, true, async |ada: Rc<Visit>| {
        let mut reader = Reader::new(&ada);
        reader.signs_in(&email, &password).await?;
        // Nothing waits for her in the demo, so that nothing leads to the list of it. The incident that is over comes first:
        // it alone leads to an escalation and a certificate.
        reader.walk(["/incidents?status=closed", "/", "/account", "/tokens", "/waiting", "/no-such-page"]).await?;
        reader.press_wrong("/incidents/new", ".actions.now .btn-stop").await?;
        reader.comes_back(&email, &password).await?;
        let mut missed = patterns();
        missed.retain(|pattern| !reader.read.contains_key(pattern) && !APART.contains(pattern));
        assert!(
            missed.is_empty(),
            "no link leads to these pages; link to them, or read them by themselves: {missed:?}"
        );
        reader.end();
        Ok(())
    });
}

#[test]
#[ignore = "needs a browser: run ./tests/run"]
fn for_whoever_works_on_incidents() {
    let (server, logins) = start();
    for role in ["support_lead", "owner", "reporter", "auditor"] {
        let (email, password) = logins[role].clone();
        visit(role, server.address, true, async |person: Rc<Visit>| {
            let mut reader = Reader::new(&person);
            reader.signs_in(&email, &password).await?;
            reader.walk(["/"]).await?;
            assert!(reader.read.len() > 3, "{:?}", reader.read.keys());
            reader.end();
            Ok(())
        });
    }
}

#[test]
#[ignore = "needs a browser: run ./tests/run"]
fn for_the_first_administrator() {
    let app = App::start_empty();
    let link = allclear::actions::sign_in::setup_link(&app.desk).unwrap().unwrap();
    visit("setup", app.address, true, async |eve: Rc<Visit>| {
        let mut reader = Reader::new(&eve);
        reader.look(&format!("/setup/{link}")).await?;
        reader.press_wrong(&format!("/setup/{link}"), ".btn-main").await?;
        eve.fill("name", "Eve").await?;
        eve.fill("email", "eve@example.org").await?;
        eve.fill("password", "several plain words").await?;
        eve.press(".btn-main").await?;
        eve.see("form[action='/logout']").await?;
        // Of an empty installation: every list says how to begin.
        reader.walk(["/"]).await?;
        reader.end();
        Ok(())
    });
}

#[test]
#[ignore = "needs a browser: run ./tests/run"]
fn what_is_wrong_is_found() {
    let app = App::start();
    visit("found", app.address, true, async |nobody: Rc<Visit>| {
        let mut reader = Reader::new(&nobody);
        nobody.open("/login").await?;
        let spoil = "document.body.innerHTML = '<main><img src=\"/x.png\"><p id=\"pale\">pale</p><p id=\"wide\">wide</p></main>';
            document.getElementById('pale').style.cssText = 'color: rgb(200, 200, 200); background: white';
            document.getElementById('wide').style.cssText = 'width: 900px';";
        nobody.driver.execute(spoil, Vec::new()).await?;
        reader.here("/spoilt").await?;
        for (what, times) in [("image-alt at img", 2), ("color-contrast at #pale", 2), ("scrolled sideways", 1)] {
            assert_eq!(reader.wrong.iter().filter(|line| line.contains(what)).count(), times, "{:?}", reader.wrong);
        }
        Ok(())
    });
}

/// The demo, and its logins by role.
fn start() -> (Server, BTreeMap<String, (String, String)>) {
    let server = Server::start(demo("127.0.0.1:0"));
    let printed = server.wait_for("auditor");
    let logins = printed.lines().filter(|line| line.contains("@allclear.example")).map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        (words[0].to_owned(), (words[1].to_owned(), words[2].to_owned()))
    });
    let logins = logins.collect();
    (server, logins)
}

/// Goes from page to page and notes what is wrong.
struct Reader<'v> {
    visit: &'v Visit,
    patterns: BTreeSet<&'static str>,
    axe: String,
    /// How many pages of each kind were read.
    read: BTreeMap<&'static str, usize>,
    looks: usize,
    wrong: Vec<String>,
}

impl<'v> Reader<'v> {
    fn new(visit: &'v Visit) -> Self {
        let script =
            std::env::var(AXE).unwrap_or_else(|_| panic!("{AXE} is not set: export {AXE}=$(tests/axe/install)"));
        let axe = std::fs::read_to_string(&script).unwrap_or_else(|e| panic!("{script}: {e}; run tests/axe/install"));
        Self { visit, patterns: patterns(), axe, read: BTreeMap::new(), looks: 0, wrong: Vec::new() }
    }

    async fn signs_in(&mut self, email: &str, password: &str) -> WebDriverResult<()> {
        self.look("/login").await?;
        self.visit.sign_in("/", email, password).await
    }

    /// Follows links from here until a few pages of each kind were read.
    async fn walk(&mut self, from: impl IntoIterator<Item = &str>) -> WebDriverResult<()> {
        let mut queue: VecDeque<String> = from.into_iter().map(str::to_owned).collect();
        let mut seen: BTreeSet<String> = queue.iter().cloned().collect();
        while let Some(path) = queue.pop_front() {
            if let Some(pattern) = pattern_of(&self.patterns, &path) {
                let read = self.read.entry(pattern).or_insert(0);
                if *read == OF_A_KIND {
                    continue;
                }
                *read += 1;
            }
            self.look(&path).await?;
            for link in self.links().await? {
                if pattern_of(&self.patterns, &link).is_some() && seen.insert(link.clone()) {
                    queue.push_back(link);
                }
            }
        }
        Ok(())
    }

    /// Where the page leads to.
    async fn links(&self) -> WebDriverResult<Vec<String>> {
        let script = "return [...document.querySelectorAll('a[href]')].map((link) => new URL(link.href))
            .filter((to) => to.origin === location.origin).map((to) => to.pathname + to.search);";
        self.visit.driver.execute(script, Vec::new()).await?.convert()
    }

    /// Opens a page and reads it.
    async fn look(&mut self, path: &str) -> WebDriverResult<()> {
        self.visit.open(path).await?;
        self.here(path).await
    }

    /// Opens a form, sends it as it is, and reads what is said.
    async fn press_wrong(&mut self, path: &str, button: &str) -> WebDriverResult<()> {
        self.visit.open(path).await?;
        self.visit.press(button).await?;
        self.visit.see("#errors, .errors, [role='alert']").await?;
        self.here(&format!("{path} sent empty")).await
    }

    /// The session ends while a form is open; what was typed comes back after signing in.
    async fn comes_back(&mut self, email: &str, password: &str) -> WebDriverResult<()> {
        self.visit.open("/incidents/new").await?;
        self.visit.fill("title", "Half a thought").await?;
        self.visit.driver.delete_all_cookies().await?;
        self.visit.press(".actions.now .btn-stop").await?;
        self.visit.see("#password").await?;
        self.here("/login with a form that waits").await?;
        self.visit.fill("email", email).await?;
        self.visit.fill("password", password).await?;
        self.visit.press("form[action='/login'] .btn-main").await?;
        self.visit.read("Half a thought").await?;
        self.here("/resume").await
    }

    /// Reads the page that is open, in both themes and widths, with everything unfolded.
    async fn here(&mut self, name: &str) -> WebDriverResult<()> {
        let driver = &self.visit.driver;
        let unfold = "for (const part of document.querySelectorAll('details')) part.open = true;";
        driver.execute(format!("{}; {unfold}", self.axe), Vec::new()).await?;
        for (scheme, width, asked) in LOOKS {
            self.visit.looks_like(scheme, width).await?;
            let mut wrong: Vec<String> = driver.execute_async(READ, vec![asked.into()]).await?.convert()?;
            wrong.extend(driver.execute(TOO_WIDE, Vec::new()).await?.convert::<Vec<String>>()?);
            self.wrong.extend(wrong.into_iter().map(|what| format!("{name} ({scheme}, {width} px): {what}")));
            self.looks += 1;
            if std::env::var_os(PICTURES).is_some() {
                self.picture(name, scheme, width).await?;
            }
        }
        self.visit.looks_like("light", 1280).await
    }

    /// Keeps a picture of the whole page.
    async fn picture(&self, name: &str, scheme: &str, width: u32) -> WebDriverResult<()> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/browser/pages").join(&self.visit.name);
        std::fs::create_dir_all(&folder).unwrap();
        let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(80).collect();
        let taken = self.visit.driver.cdp();
        let asked = serde_json::json!({ "format": "png", "captureBeyondViewport": true });
        let taken = taken.send_raw("Page.captureScreenshot", asked).await?;
        use base64::Engine as _;
        let png = base64::engine::general_purpose::STANDARD.decode(taken["data"].as_str().unwrap()).unwrap();
        std::fs::write(folder.join(format!("{name}-{width}-{scheme}.png")), png).unwrap();
        Ok(())
    }

    fn end(self) {
        println!(
            "axe-core read {} pages of {} kinds, {} looks",
            self.read.values().sum::<usize>(),
            self.read.len(),
            self.looks
        );
        assert!(self.wrong.is_empty(), "{} things are wrong:\n{}", self.wrong.len(), self.wrong.join("\n"));
    }
}
