//! Time passes by itself: ends, review dates, and the removal of what was rejected.

use super::{Library, good, made};
use allclear::actions::Limits;
use serde_json::json;

#[test]
fn an_asset_expires_when_its_own_end_or_its_campaign_is_over() {
    let library = Library::start();
    let (own, campaign) = (library.ready(), library.ready());
    good(&library.lead().patch(&format!("/assets/{own}"), &json!({ "expires_on": library.day(2) })));
    good(&library.lead().patch(&format!("/assets/{campaign}"), &json!({ "campaign_ends_on": library.day(3) })));
    for id in [&own, &campaign] {
        good(&library.admin().post(&format!("/assets/{id}/approval"), &json!({})));
    }
    library.after_days(2);
    assert_eq!(library.show(&own)["state"], "approved", "its last day is not over");
    library.after_days(1);
    assert_eq!(
        (&library.show(&own)["state"], &library.show(&campaign)["state"]),
        (&json!("expired"), &json!("approved"))
    );
    library.after_days(1);
    assert_eq!(library.show(&campaign)["state"], "expired");
    assert!(library.reuse(&own).codes().contains(&"expired"));
    assert_eq!(library.app.number("SELECT COUNT(*) AS number FROM notices"), 2, "the owner is told, once for each");
    library.after_days(1);
    assert_eq!(library.app.number("SELECT COUNT(*) AS number FROM notices"), 2);
    library.app.assert_audit_holds();
}

#[test]
fn a_review_date_that_passed_asks_for_a_review_and_for_the_next_date() {
    let library = Library::start();
    let id = library.reusable();
    library.after_days(21);
    library.after_days(1);
    let shown = library.show(&id);
    assert_eq!((shown["reviews"].as_array().unwrap().len(), &shown["reviews"][0]["cause"]), (1, &json!("review_date")));
    assert_eq!(library.reuse(&id).codes()[0], "review_date");
    let path = format!("/asset-reviews/{}/completion", shown["reviews"][0]["id"].as_str().unwrap());
    let fits = |day: Option<String>| json!({ "outcome": "still_fits", "note": "Compared with the shop", "next_review_on": day });
    assert_eq!(library.admin().post(&path, &fits(None)).fields(), ["next_review_on"]);
    assert_eq!(library.admin().post(&path, &fits(Some(library.day(0)))).fields(), ["next_review_on"]);
    good(&library.admin().post(&path, &fits(Some(library.day(15)))));
    assert!(!library.reuse(&id).codes().contains(&"review_date"));
    assert_eq!(library.show(&id)["state"], "approved");
    library.app.assert_audit_holds();
}

#[test]
fn what_is_rejected_is_removed_on_schedule_and_its_row_and_hash_stay() {
    let library = Library::start_with(Limits { asset_rejected_days: 3, ..Limits::default() });
    let (rejected, revived) = (library.draft(), library.ready());
    for id in [&rejected, &revived] {
        good(
            &library
                .admin()
                .post(&format!("/assets/{id}/rejection"), &json!({ "reason": "Another variation was taken" })),
        );
    }
    let hash = library.show(&rejected)["sha256"].clone();
    library.after_days(2);
    assert_eq!(library.show(&rejected)["state"], "rejected");
    good(&library.lead().patch(&format!("/assets/{revived}"), &json!({ "licence": "Commercial use, extended" })));
    library.after_days(1);
    let shown = library.show(&rejected);
    assert_eq!((&shown["state"], &shown["sha256"]), (&json!("removed"), &hash));
    assert_eq!(library.lead().get(&format!("/assets/{rejected}/file")).status, 404);
    assert_eq!(library.show(&revived)["state"], "draft", "somebody took it up again");
    assert_eq!(library.files(), 2, "only the other one's picture and small form are there");
    library.app.assert_audit_holds();
}

#[test]
fn the_sweep_leaves_pictures_in_use_and_takes_what_no_row_names() {
    let library = Library::start();
    library.draft();
    let orphan = library.app.data.join("assets/0123456789abcdef.png");
    std::fs::write(&orphan, b"left behind").unwrap();
    library.app.desk.clock.advance(chrono::Duration::hours(7));
    allclear::actions::shred::sweep(&library.app.desk).unwrap();
    assert!(!orphan.exists());
    assert_eq!(library.files(), 2);
    let id = made(&library.bring("winter-tea-gift-box.png", super::picture(5, 5)));
    assert_eq!(library.lead().get(&format!("/assets/{id}/file")).status, 200);
}
