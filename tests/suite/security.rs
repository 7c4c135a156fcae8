//! What holds for every page: tokens against forged forms, headers, cookies, sizes; and hostile words in every field.

use crate::support::{App, Browserlike, PASSWORD, Reply, hidden};
use std::collections::{BTreeSet, VecDeque};

const HOSTILE: &str =
    "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ me }}&amp; \u{5E9}\u{5DC}\u{5D5}\u{5DD}";

/// What would run or open a tag if anything of [`HOSTILE`] came back as it was.
const RAW: [&str; 4] = ["<script>alert", "<img src=x", "\"'><", "onerror=alert(2)>"];

/// Stored text from which a `<`, a quote and a bracket could break out, in every field that takes it.
fn plant(app: &App) -> Vec<String> {
    let ada = app.signed_in(&app.admin);
    let ok = |reply: Reply| assert!(reply.status < 400, "{} {}", reply.status, reply.body);
    let mut site = vec![("slug", "shop-east"), ("production_url", "https://east.example.com/?q=<b>'\"")];
    for name in ["name", "version_sophmate", "version_wordpress", "version_php", "version_woocommerce", "version_theme"]
    {
        site.push((name, HOSTILE));
    }
    site.extend([("setup_owner", HOSTILE), ("hosting_contact", HOSTILE), ("provider_contact", HOSTILE)]);
    site.push(("time_zone", "Pacific/Chatham"));
    ok(ada.submit("/sites/new", "/sites/new", &site));

    let long = format!("{HOSTILE} {}", "W".repeat(15_000));
    let mut automation = vec![("slug", "hostile-mails"), ("site", "shop-east"), ("kind", "workflow")];
    automation.extend([("category", "content"), ("owner", "ada@example.org"), ("name", HOSTILE), ("retry_limit", "3")]);
    for name in ["trigger", "input_scope", "expected_output", "approval_gate", "notification_path", "pause_rule"] {
        automation.push((name, HOSTILE));
    }
    automation.push(("rollback_path", &long));
    ok(ada.submit("/automations/new", "/automations/new", &automation));

    let person = [("name", HOSTILE), ("email", "h'i&b@example.org"), ("password", PASSWORD), ("role", "administrator")];
    ok(ada.submit("/people/new", "/people/new", &person));
    let hostile = Browserlike::new(app.address);
    hostile.sign_in("h'i&b@example.org", PASSWORD);
    let token = [("token_name", &HOSTILE[..60]), ("token_for", "me"), ("token_days", "30")];
    ok(hostile.submit("/tokens", "/tokens", &token));
    for path in ["/automations/hostile-mails/pauses", "/sites/shop-east/pauses"] {
        ok(hostile.submit("/automations", path, &[("pause_reason", HOSTILE)]));
    }
    ok(hostile.submit("/automations", "/switches/pauses", &[("target", "content"), ("pause_reason", HOSTILE)]));
    let page = hostile.get("/sites/shop-east").body;
    let pause = page.split("action=\"/pauses/").nth(1).and_then(|rest| rest.split('/').next()).unwrap().to_owned();
    ok(hostile.submit("/automations", &format!("/pauses/{pause}/release"), &[("release_reason", HOSTILE)]));
    vec![plant_incident(app)]
}

/// An incident with hostile words in every fact, filed by program; returns its reference.
fn plant_incident(app: &App) -> String {
    let api = app.api(&app.token(&app.admin));
    let filed = api.post(
        "/incidents",
        &serde_json::json!({
            "title": HOSTILE, "severity": "sev2", "site": "shop-east", "occurred_at": app.now_text(),
            "affected_user": HOSTILE, "affected_role": HOSTILE, "affected_screen": HOSTILE, "browser": HOSTILE,
            "versions": { "sophmate": HOSTILE, "wordpress": HOSTILE, "php": HOSTILE },
            "steps": [HOSTILE, format!("{HOSTILE}{}", "W".repeat(10_000))], "expected": HOSTILE, "actual": HOSTILE,
            "error_report": HOSTILE, "automations": ["hostile-mails"]
        }),
    );
    assert_eq!(filed.status, 201, "{}", filed.body);
    let reference = filed.json["reference"].as_str().unwrap().to_owned();
    let base = format!("/incidents/{reference}");
    let name: String = url::form_urlencoded::byte_serialize(format!("{HOSTILE}.log").as_bytes()).collect();
    let sealed = api.post_bytes(&format!("{base}/evidence?name={name}"), HOSTILE);
    assert_eq!(sealed.status, 201, "{}", sealed.body);
    for kind in ["observed", "attempted"] {
        let entry = api.post(&format!("{base}/timeline"), &serde_json::json!({ "kind": kind, "text": HOSTILE }));
        assert_eq!(entry.status, 201, "{}", entry.body);
    }
    let bundle = api.post(&format!("{base}/bundles"), &serde_json::json!({ "audience": "internal" }));
    assert_eq!(bundle.status, 201, "{}", bundle.body);
    reference
}

/// Follows every link that is a page of ours, from `/` and what the frame offers; returns the pages seen.
fn crawl(browser: &Browserlike, more: &[String], mut look: impl FnMut(&str, &Reply)) -> BTreeSet<String> {
    const PAGES: usize = 400;
    let start = ["/", "/account", "/audit", "/sites", "/automations", "/people", "/tokens", "/incidents", "/login"];
    let mut waiting: VecDeque<String> =
        start.iter().map(|path| (*path).to_owned()).chain(more.iter().cloned()).collect();
    let mut seen = BTreeSet::new();
    while let Some(path) = waiting.pop_front() {
        if seen.len() >= PAGES || !seen.insert(path.clone()) {
            continue;
        }
        let reply = browser.get(&path);
        look(&path, &reply);
        if reply.header("content-type").starts_with("text/html") {
            waiting.extend(links(&reply.body));
        }
        if (300..400).contains(&reply.status) && reply.location().starts_with('/') {
            waiting.push_back(reply.location().to_owned());
        }
    }
    seen
}

fn links(html: &str) -> Vec<String> {
    html.split(" href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(|href| href.replace("&#x2F;", "/").replace("&amp;", "&"))
        .filter(|href| href.starts_with('/') && !href.starts_with("//"))
        .map(|href| href.split('#').next().unwrap_or_default().to_owned())
        .collect()
}

fn assert_hardened(path: &str, reply: &Reply) {
    assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
    assert!(!reply.header("cache-control").is_empty(), "{path}");
    // Data for programs, asked for before every run: it carries nothing about pages.
    if path.starts_with("/api/v1/gate/") {
        return assert_eq!(reply.header("cache-control"), "no-store", "{path}");
    }
    let policy = reply.header("content-security-policy");
    assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
    assert!(!policy.contains("unsafe") && policy.contains("form-action 'self'"), "{path}");
    assert_eq!(reply.header("x-frame-options"), "DENY", "{path}");
    assert_eq!(reply.header("referrer-policy"), "same-origin", "{path}");
    if reply.header("content-type").starts_with("text/html") {
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
    }
}

#[test]
fn hostile_words_in_every_field_come_back_as_words_on_every_page_of_everybody() {
    let app = App::start();
    let references = plant(&app);
    let mut more: Vec<String> = references.iter().map(|reference| format!("/incidents/{reference}")).collect();
    more.extend(["/automations/hostile-mails".into(), "/sites/shop-east".into(), "/automations?gate=closed".into()]);
    let query: String = url::form_urlencoded::byte_serialize(HOSTILE.as_bytes()).collect();
    for page in
        ["audit?actor=", "audit?subject=", "incidents?q=", "automations?site=", "sites/", "people/", "login?next=/"]
    {
        more.push(format!("/{page}{query}"));
    }
    let mut cast = vec![app.visitor()];
    for email in [&app.admin, &app.lead, &app.owner, &app.reporter, &app.auditor, &app.outsider] {
        cast.push(app.signed_in(email));
    }
    let mut shown = 0;
    let mut all = BTreeSet::new();
    for browser in &cast {
        let seen = crawl(browser, &more, |path, reply| {
            assert!(reply.status < 500, "{path}: {} {}", reply.status, reply.body);
            assert_hardened(path, reply);
            if reply.header("content-type").starts_with("text/html") {
                for raw in RAW {
                    assert!(!reply.body.contains(raw), "{path} lets {raw} through\n{}", reply.body);
                }
                assert!(!reply.body.contains(" style=\"") && !reply.body.contains("<script>"), "{path}");
                shown += usize::from(reply.body.contains("&lt;script&gt;alert(1)"));
            }
        });
        all.extend(seen);
    }
    assert!(shown > 20, "the hostile words were seen on {shown} pages only");
    for kind in ["/evidence/", "/bundles/", "/people/", "/incidents/INC-"] {
        assert!(all.iter().any(|page| page.starts_with(kind)), "no page {kind} was reached: {all:#?}");
    }
    for page in ["/sites/shop-east/edit", "/automations/hostile-mails/edit", "/people/new", "/automations/new"] {
        assert!(all.contains(page), "{page} was not found by its link: {all:#?}");
    }
}

#[test]
fn hostile_words_in_a_refused_form_come_back_as_words() {
    let app = App::start();
    let ada = app.signed_in(&app.admin);
    for (page, names) in [
        ("/sites/new", &["slug", "name", "production_url", "staging_url", "time_zone", "setup_owner"][..]),
        ("/automations/new", &["slug", "name", "kind", "site", "owner", "retry_limit", "trigger", "pause_rule"]),
        ("/people/new", &["name", "email", "role", "site"]),
        ("/login", &["email", "next"]),
    ] {
        let fields: Vec<_> = names.iter().map(|name| (*name, HOSTILE)).collect();
        let reply = ada.submit(page, page, &fields);
        assert_eq!(reply.status, 422, "{page}: {}", reply.body);
        assert!(RAW.iter().all(|raw| !reply.body.contains(raw)), "{page}: {}", reply.body);
    }
}

#[test]
fn a_forged_form_does_nothing() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let path = format!("/automations/{slug}/pauses");
    let (lena, omar) = (app.signed_in(&app.lead), app.signed_in(&app.owner));
    let own = hidden(&lena.get("/account").body, "csrf");
    let foreign = hidden(&omar.get("/account").body, "csrf");
    let visitor = hidden(&app.visitor().get("/login").body, "csrf");
    assert!(!own.is_empty() && own != foreign);
    for token in ["", "wrong", foreign.as_str(), visitor.as_str()] {
        let reply = lena.post(&path, &[("csrf", token)]);
        assert_eq!(reply.status, 403, "{token}");
        assert!(reply.body.contains("This form did not come from this page"), "{}", reply.body);
    }
    assert_eq!(lena.post(&path, &[]).status, 403);
    for place in ["cross-site", "same-site"] {
        let request = lena.request("POST", &path).header("sec-fetch-site", place).form(&[("csrf", own.as_str())]);
        assert_eq!(lena.send(request).status, 403, "{place}");
    }
    let json = lena.request("POST", &path).json(&serde_json::json!({ "csrf": own }));
    assert_eq!(lena.send(json).status, 403);
    assert_eq!(app.api(&app.token(&app.lead)).get(&format!("/gate/{slug}")).status, 200, "nothing was paused");
    assert_eq!(lena.post(&path, &[("csrf", own.as_str())]).status, 303);
}

#[test]
fn signing_in_needs_a_token_of_this_browser() {
    let app = App::start();
    let fields = [("email", app.lead.as_str()), ("password", PASSWORD)];
    assert_eq!(app.visitor().post("/login", &fields).status, 403);
    let other = hidden(&app.visitor().get("/login").body, "csrf");
    let here = app.visitor();
    here.get("/login");
    let with = |token: &str| here.post("/login", &[fields[0], fields[1], ("csrf", token)]);
    assert_eq!(with(&other).status, 403);
    assert_eq!(here.get("/account").status, 303);
    assert_eq!(here.submit("/login", "/login", &fields).status, 303);
}

#[test]
fn every_answer_carries_the_headers_errors_too() {
    let app = App::start();
    let (visitor, ada) = (app.visitor(), app.signed_in(&app.admin));
    for path in
        ["/login", "/no-such-page", "/setup/x", "/static/app.css", "/static/none", "/api/v1/gate/x", "/api/v1/none"]
    {
        assert_hardened(path, &visitor.get(path));
        assert_hardened(path, &ada.get(path));
    }
    let odd = ada.get("/automations?gate=a&gate=b");
    assert!(odd.status < 500 && odd.header("content-type").starts_with("text/html"), "{}", odd.body);
    let errors = [
        ada.post("/sites/new", &[]),
        ada.get("/logout"),
        ada.get("/sites/none"),
        app.signed_in(&app.reporter).get("/sites"),
    ];
    for (reply, status) in errors.iter().zip([403, 405, 404, 403]) {
        assert_eq!(reply.status, status, "{}", reply.body);
        assert!(reply.body.contains("<h1>") && reply.header("content-type").starts_with("text/html"));
        assert_hardened("error", reply);
    }
}

#[test]
fn head_is_answered_as_get_without_the_body() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let (lena, api) = (app.signed_in(&app.lead), app.api(&app.token(&app.lead)));
    for path in ["/", "/login", &format!("/incidents/{reference}"), "/static/app.css", "/healthz"] {
        let (get, head) = (lena.get(path), lena.send(lena.request("HEAD", path)));
        assert_eq!((head.status, head.body.as_str()), (200, ""), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
        assert_hardened(path, &head);
    }
    for path in ["/incidents".to_owned(), format!("/incidents/{reference}"), "/openapi.json".to_owned()] {
        let (get, head) = (api.get(&path), api.send(api.request("HEAD", &path)));
        assert_eq!((head.status, head.body.as_str()), (200, ""), "{path}");
        assert_eq!(head.header("content-length"), get.bytes.len().to_string(), "{path}");
        assert_eq!(head.header("etag"), get.header("etag"), "{path}");
    }
    assert_eq!(lena.send(lena.request("HEAD", "/logout")).status, 405, "what cannot be read cannot be headed");
    assert_eq!(lena.send(lena.request("HEAD", "/incidents/INC-1999-0001")).status, 404);
    assert_eq!(app.api("").send(app.api("").request("HEAD", "/incidents")).status, 401);
}

#[test]
fn a_nul_in_an_address_finds_nothing() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let ada = app.signed_in(&app.admin);
    let paths = [
        format!("/incidents/{reference}%00"),
        format!("/incidents/{reference}?cursor=b-%00"),
        "/incidents/%00/edit".to_owned(),
        "/incidents?site=%00".to_owned(),
        "/evidence/%00".to_owned(),
        "/bundles/a%00b/download".to_owned(),
        "/escalations/%00".to_owned(),
        "/people/%00".to_owned(),
        "/sites/x%00".to_owned(),
        "/automations/x%00/edit".to_owned(),
        "/setup/%00".to_owned(),
        "/login?next=%00".to_owned(),
    ];
    for path in paths {
        let reply = ada.get(&path);
        assert_eq!(reply.status, 404, "{path}: {}", reply.body);
        assert!(reply.body.contains("<h1>"), "{path}");
    }
    // The API says at which field of a query it stands.
    assert_eq!(app.api(&app.token(&app.admin)).get("/incidents/%00").status, 404);
}

#[test]
fn cookies_are_closed_and_under_https_bound_to_the_host() {
    let app = App::start();
    let signed = app.visitor().submit("/login", "/login", &[("email", &app.lead), ("password", PASSWORD)]);
    let session = cookie(&signed, "allclear=");
    assert!(
        session.contains("HttpOnly") && session.contains("SameSite=Lax") && session.contains("Path=/"),
        "{session}"
    );
    assert!(!session.contains("Secure"), "plain http on loopback: {session}");

    let app = App::start_at("https://allclear.example.org");
    let form = app.visitor().get("/login");
    let visitor = cookie(&form, "__Host-allclear_visitor=");
    for word in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(visitor.contains(word), "{visitor}");
    }
    assert!(!visitor.to_lowercase().contains("domain="));
    assert_eq!(form.header("strict-transport-security"), "max-age=63072000");
    let value = visitor.split(';').next().unwrap();
    let browser = app.visitor();
    let csrf = hidden(&form.body, "csrf");
    let fields = [("email", app.lead.as_str()), ("password", PASSWORD), ("csrf", csrf.as_str())];
    let signed = browser.send(browser.request("POST", "/login").header("cookie", value).form(&fields));
    assert_eq!(signed.status, 303, "{}", signed.body);
    let session = cookie(&signed, "__Host-allclear=");
    assert!(session.contains("Secure") && session.contains("HttpOnly"), "{session}");
    let value = session.split(';').next().unwrap();
    assert_eq!(browser.send(browser.request("GET", "/account").header("cookie", value)).status, 200);
    let bare = value.trim_start_matches("__Host-");
    assert_eq!(browser.send(browser.request("GET", "/account").header("cookie", bare)).status, 303);
}

fn cookie(reply: &Reply, name: &str) -> String {
    let cookies = reply.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    cookies.filter(|cookie| cookie.starts_with(name)).map(str::to_owned).next().unwrap_or_default()
}

#[test]
fn behind_a_proxy_each_visitor_is_counted_alone() {
    let app = App::start_at("https://allclear.example.org");
    let form = app.visitor().get("/login");
    let value = cookie(&form, "__Host-allclear_visitor=").split(';').next().unwrap().to_owned();
    let csrf = hidden(&form.body, "csrf");
    let browser = app.visitor();
    let send = |from: &str, number: usize| {
        let email = format!("person{number}@example.org");
        let fields = [("email", email.as_str()), ("password", "x"), ("csrf", csrf.as_str())];
        let request = browser.request("POST", "/login").header("cookie", &value).header("x-forwarded-for", from);
        browser.send(request.form(&fields)).status
    };
    for number in 0..30 {
        assert_eq!(send(&format!("198.51.100.{number}, 203.0.113.9"), number), 422);
    }
    assert_eq!(send("203.0.113.9", 31), 429, "what a visitor writes before the proxy's word counts for nothing");
    assert_eq!(send("203.0.113.10", 32), 422);
}

#[test]
fn a_form_that_is_too_large_is_answered_clearly_and_never_held() {
    let app = App::start();
    let ada = app.signed_in(&app.admin);
    let csrf = hidden(&ada.get("/sites/new").body, "csrf");
    let send = |bytes: usize| {
        let mut body = format!("csrf={csrf}&name=").into_bytes();
        body.resize(bytes, b'a');
        let request = ada.request("POST", "/sites/new").header("content-type", "application/x-www-form-urlencoded");
        ada.send(request.body(body))
    };
    let fits = send(4 * 1024 * 1024);
    assert_eq!((fits.status, fits.body.contains("characters long; 500 fit here")), (422, true), "{}", fits.status);
    let before = resident_bytes();
    for bytes in [4 * 1024 * 1024 + 1, 100 * 1024 * 1024] {
        let reply = send(bytes);
        assert_eq!(reply.status, 413, "{}", reply.body);
        assert!(
            reply.body.contains("The form is larger than 4 MiB.") && reply.body.contains("Upload"),
            "{}",
            reply.body
        );
    }
    // The test itself holds the 100 MB once or twice; the server must not add a third.
    let grown = resident_bytes().saturating_sub(before);
    assert!(grown < 280 * 1024 * 1024, "{grown} bytes more");
    assert_eq!(ada.get("/sites").status, 200);
}

fn resident_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    status.split_whitespace().nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4096
}
