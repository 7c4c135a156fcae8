//! `/incidents/{ref}/restart`: from the first press to the decision.

use super::{id_in, press};
use crate::incidents::{assert_refused_at, follow, ladder};
use crate::support::{App, Browserlike, Reply};

fn paused(app: &App) -> (String, String) {
    let slug = app.automation("order-mails");
    let filed = app.api(&app.token(&app.lead)).post(
        "/incidents",
        &serde_json::json!({ "title": "Mails go out twice", "severity": "sev2", "site": app.site,
            "occurred_at": app.now_text(), "automations": [slug] }),
    );
    assert_eq!(filed.status, 201, "{}", filed.body);
    (filed.json["reference"].as_str().unwrap().to_owned(), slug)
}

fn done(browser: &Browserlike, reply: &Reply) -> String {
    follow(browser, reply).body
}

fn write_review(lena: &Browserlike, reference: &str) {
    let path = format!("/incidents/{reference}/review");
    let version = crate::support::hidden(&lena.get(&path).body, "version");
    let sentence = "The retry queue ignored the pause flag";
    let fields = [
        ("version", version.as_str()),
        ("root_cause", sentence),
        ("detection_gaps", sentence),
        ("missing_evidence", sentence),
        ("safeguards_worked", sentence),
        ("safeguards_failed", sentence),
        ("change_kind", "runbook"),
        ("change_link", "https://wiki.example/runbook"),
        ("change_before", "four"),
        ("change_after", "five"),
    ];
    let saved = lena.submit(&path, &path, &fields);
    assert!(done(lena, &saved).contains("The review is complete."));
}

/// Everything that a restart rests on, through the forms.
fn make_ready(app: &App, reference: &str) {
    let (lena, omar) = (app.signed_in(&app.lead), app.signed_in(&app.owner));
    write_review(&lena, reference);
    let action = [
        ("action_kind", "rate_limit"),
        ("action_title", "Cap the retries"),
        ("action_owner", app.owner.as_str()),
        ("action_due", "2099-01-01"),
    ];
    done(&lena, &press(&lena, reference, "actions", &action));
    let page = format!("/incidents/{reference}/restart");
    let id = id_in(&omar.get(&page).body, "actions", "completion");
    assert!(omar.get("/").body.contains("Your action: Cap the retries"));
    done(&omar, &press(&omar, reference, &format!("actions/{id}/completion"), &[("proof", "https://git.example/1")]));
    assert!(lena.get("/").body.contains("Verify: Cap the retries"), "a second person is asked");
    let verified = press(&lena, reference, &format!("actions/{id}/verification"), &[]);
    assert!(done(&lena, &verified).contains("Verified by Lena"));
    let check = [("check_title", "One mail per order"), ("check_expected", "Exactly one mail arrives")];
    done(&lena, &press(&lena, reference, "checks", &check));
    let id = id_in(&omar.get(&page).body, "checks", "results");
    let result = [("outcome", "pass"), ("result_evidence", "Ten orders on staging gave ten mails")];
    done(&omar, &press(&omar, reference, &format!("checks/{id}/results"), &result));
    done(&lena, &press(&lena, reference, "criteria", &[("statement", "The queue holds no old job")]));
    let id = id_in(&omar.get(&page).body, "criteria", "met");
    let met = [("met_evidence", "The queue page shows no job at 11:40")];
    done(&omar, &press(&omar, reference, &format!("criteria/{id}/met"), &met));
}

#[test]
fn everything_that_blocks_is_said_with_who_settles_it() {
    let app = App::start();
    let (reference, _) = paused(&app);
    let page = format!("/incidents/{reference}/restart");
    ladder(&app, &page, "/incidents/INC-1999-0001/restart");
    let lena = app.signed_in(&app.lead);
    assert_eq!(lena.send(lena.request("PUT", &page)).status, 405);
    let shown = lena.get(&page);
    assert_eq!(shown.status, 200, "{}", shown.body);
    for words in ["There is no prevention action", "There is no regression check", "There is no restart criterion"] {
        assert!(shown.body.contains(words), "{words}");
    }
    assert!(shown.body.contains("Settled by a support lead") && !shown.body.contains("Ask for the restart"));
    let early = press(&lena, &reference, "restart-requests", &[("scope", "narrow"), ("note", "It looks fine to us")]);
    assert_eq!(early.status, 409, "{}", early.body);
    assert!(early.body.contains("That was refused"));
    // An auditor reads and has no form; a press is refused.
    let aldo = app.signed_in(&app.auditor);
    assert!(!aldo.get(&page).body.contains("Plan it"));
    for to in ["actions", "checks", "criteria", "restart-requests"] {
        let fields = [
            ("statement", "The queue holds no old job"),
            ("check_title", "One mail"),
            ("check_expected", "Exactly one mail arrives"),
            ("note", "It is all clear to us"),
        ];
        let action = format!("/incidents/{reference}/{to}");
        assert_eq!(aldo.submit("/", &action, &fields).status, 403, "{to}");
        assert_eq!(app.signed_in(&app.outsider).submit("/", &action, &fields).status, 404, "{to}");
        assert_eq!(lena.get(&action).status, 405, "{to}");
    }
}

#[test]
fn what_was_typed_wrong_stands_at_its_form() {
    let app = App::start();
    let (reference, _) = paused(&app);
    let lena = app.signed_in(&app.lead);
    let post = |to: &str, fields: &[(&str, &str)]| press(&lena, &reference, to, fields);
    let past = [
        ("action_kind", "rate_limit"),
        ("action_title", "Cap the retries"),
        ("action_owner", "olga@example.org"),
        ("action_due", "2020-01-01"),
    ];
    let refused = post("actions", &past);
    assert_refused_at(&refused, "action_due", "This day is over");
    assert_refused_at(&refused, "action_owner", "must be an active owner");
    assert!(refused.body.contains("value=\"Cap the retries\""));
    assert_refused_at(&post("actions", &[]), "action_kind", "Choose what it changes.");
    assert_refused_at(
        &post("checks", &[("check_title", "One mail"), ("check_expected", "-")]),
        "check_expected",
        "Say what",
    );
    assert_refused_at(&post("criteria", &[("statement", "tbd")]), "statement", "Say in a sentence");
    // Neither an unknown one nor one of another incident is found under this one.
    let check = [("check_title", "One mail per order"), ("check_expected", "Exactly one mail arrives")];
    done(&lena, &post("checks", &check));
    let id = id_in(&lena.get(&format!("/incidents/{reference}/restart")).body, "checks", "results");
    let result = [("outcome", "pass"), ("result_evidence", "Ten orders on staging gave ten mails")];
    let other = app.incident("Another one");
    assert_eq!(press(&lena, &other, &format!("checks/{id}/results"), &result).status, 404);
    assert_eq!(post("checks/0123/results", &result).status, 404);
    assert_eq!(post("actions/0123/completion", &[("proof", "https://git.example/1")]).status, 404);
    assert_eq!(post("criteria/0123/met", &[("met_evidence", "It was seen today")]).status, 404);
    assert_eq!(post("restart-requests/0123/decision", &[("decision", "approved")]).status, 403);
    assert_refused_at(&post(&format!("checks/{id}/results"), &[]), "outcome", "Choose what came out.");
    let filler = post(&format!("checks/{id}/results"), &[("outcome", "pass"), ("result_evidence", "ok")]);
    assert_refused_at(&filler, "result_evidence", "what shows the result");
}

#[test]
fn a_restart_is_asked_for_decided_and_voided_by_a_change() {
    let app = App::start();
    let (reference, slug) = paused(&app);
    make_ready(&app, &reference);
    let page = format!("/incidents/{reference}/restart");
    let (lena, omar, ada) = (app.signed_in(&app.lead), app.signed_in(&app.owner), app.signed_in(&app.admin));
    let ready = omar.get(&page);
    assert!(ready.body.contains("Nothing blocks") && ready.body.contains("Ask for the restart"), "{}", ready.body);
    assert_refused_at(&press(&omar, &reference, "restart-requests", &[]), "scope", "Choose how far");
    let asked = press(&omar, &reference, "restart-requests", &[("scope", "narrow"), ("note", "Ten orders, ten mails")]);
    let waiting = done(&omar, &asked);
    assert!(waiting.contains("A restart is asked for") && waiting.contains("Only an administrator"), "{waiting}");
    assert!(ada.get("/").body.contains(&format!("Decide the restart of {reference}")));
    let own = lena.get(&format!("/incidents/{reference}")).body;
    assert!(own.contains("Next: the decision"), "what is asked for comes before what nobody sealed");
    assert!(!omar.get("/").body.contains("Decide the restart"));
    let id = id_in(&ada.get(&page).body, "restart-requests", "decision");
    let to = format!("restart-requests/{id}/decision");
    assert_eq!(press(&omar, &reference, &to, &[("decision", "approved"), ("reason", "It is all clear")]).status, 403);

    // A change of what it rests on ends the request.
    done(&lena, &press(&lena, &reference, "criteria", &[("statement", "The shop was told about it")]));
    assert!(lena.get(&page).body.contains("a criterion was added"));
    let met = id_in(&omar.get(&page).body, "criteria", "met");
    // The first form on the page may be of either criterion: show both.
    for id in all_ids(&omar.get(&page).body, "criteria", "met").iter().chain([&met]) {
        let shown = [("met_evidence", "Told by phone at 11:40 today")];
        done(&omar, &press(&omar, &reference, &format!("criteria/{id}/met"), &shown));
    }
    let again = press(&omar, &reference, "restart-requests", &[("scope", "narrow"), ("note", "Ten orders, ten mails")]);
    done(&omar, &again);
    let id = id_in(&ada.get(&page).body, "restart-requests", "decision");
    let to = format!("restart-requests/{id}/decision");
    assert_refused_at(
        &press(&ada, &reference, &to, &[("decision", "approved"), ("reason", "ok")]),
        "reason",
        "why you",
    );
    assert_refused_at(&press(&ada, &reference, &to, &[("reason", "The results are clear")]), "decision", "Approve");
    let approved = press(&ada, &reference, &to, &[("decision", "approved"), ("reason", "The results are clear")]);
    let over = done(&ada, &approved);
    assert!(over.contains("Nothing is paused by it") && over.contains("The results are clear"), "{over}");
    let gate = app.api(&app.token(&app.lead)).get(&format!("/gate/{slug}"));
    assert_eq!((gate.status, gate.json["scope"].as_str()), (200, Some("read_only")), "{}", gate.body);
    app.assert_audit_holds();
}

#[test]
fn a_look_is_marked_and_home_names_the_next_thing() {
    let app = App::start();
    let (reference, _) = paused(&app);
    let incident = format!("/incidents/{reference}");
    let lena = app.signed_in(&app.lead);
    assert!(lena.get("/").body.contains(&format!("<a href=\"{incident}/evidence/new\">Seal the evidence</a>")));
    let own = lena.get(&incident).body;
    assert!(own.contains("Next: seal the evidence") && !own.contains("Next on the way back"), "home says the same");
    let look = format!("{incident}/points/reported");
    assert!(lena.get(&incident).body.contains(&look));
    assert_eq!(app.signed_in(&app.auditor).submit("/", &look, &[]).status, 403);
    assert_eq!(app.signed_in(&app.outsider).submit("/", &look, &[]).status, 404);
    assert_eq!(lena.submit(&incident, &format!("{incident}/points/never"), &[]).status, 404);
    assert_eq!(lena.get(&look).status, 405);
    let marked = done(&lena, &lena.submit(&incident, &look, &[]));
    assert!(marked.contains("It is written down that you read it through.") && !marked.contains(&look), "{marked}");
    app.assert_audit_holds();
}

fn all_ids(html: &str, noun: &str, verb: &str) -> Vec<String> {
    html.match_indices(&format!("/{verb}\""))
        .map(|(end, _)| {
            let start = html[..end].rfind(&format!("/{noun}/")).unwrap() + noun.len() + 2;
            html[start..end].to_owned()
        })
        .collect()
}

#[test]
fn whoever_decides_sees_what_they_decide_upon_in_one_place() {
    let app = App::start();
    let (reference, _) = paused(&app);
    make_ready(&app, &reference);
    let page = format!("/incidents/{reference}/restart");
    let wish = [("scope", "narrow"), ("note", "All checks passed on staging.")];
    let omar = app.signed_in(&app.owner);
    done(&omar, &press(&omar, &reference, "restart-requests", &wish));
    let shown = app.signed_in(&app.admin).get(&page).body;
    let ground = shown.split("id=\"ground\"").nth(1).expect("the ground");
    let ground = ground.split("Approve the restart").next().unwrap();
    for words in [
        "Why did it happen?",
        "The retry queue ignored the pause flag",
        "https://wiki.example/runbook",
        "Cap the retries",
        "Verified by Lena",
        "Ten orders on staging gave ten mails",
        "The queue page shows no job at 11:40",
    ] {
        assert!(ground.contains(words), "{words}: {ground}");
    }
    assert!(
        !shown.contains("Plan an action") && !shown.contains("Record a result"),
        "nothing that would end it: {shown}"
    );
    let asker = omar.get(&page).body;
    assert!(
        !asker.contains("id=\"ground\"") && asker.contains("What it says"),
        "who does not decide reads the review below"
    );
}

#[test]
fn no_link_leads_where_nothing_can_be_done() {
    let app = App::start();
    let (reference, _) = paused(&app);
    let page = format!("/incidents/{reference}/restart");
    let links = |email: &str| {
        let body = app.signed_in(email).get(&page).body;
        let blocks = body.split("id=\"blocks\"").nth(1).unwrap().split("</section>").next().unwrap().to_owned();
        ["Plan one</a>", "Write it</a>", "Add one</a>"].into_iter().filter(|link| blocks.contains(link)).count()
    };
    assert_eq!((links(&app.lead), links(&app.owner), links(&app.auditor)), (3, 0, 0));
}
