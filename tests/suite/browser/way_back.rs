//! The way back, at two desks: the owner sees what waits, completes the action with proof, records the check and asks for
//! the restart; the administrator, who took no part, decides it, sees the gate open and closes the incident. Once with
//! scripts, once without any.

use super::{Visit, visit};
use crate::story::{STATEMENT, Story, good, made, new_check};
use crate::support::PASSWORD;
use allclear::actions::{ask_gate, sight};
use allclear::domain::automation::RunScope;
use allclear::domain::gate::Verdict;
use allclear::domain::person::{Act, Actor};
use serde_json::json;
use std::rc::Rc;
use thirtyfour::prelude::*;

#[test]
#[ignore = "needs a browser: run ./tests/run"]
fn with_scripts() {
    journey("way-back-scripts", true);
}

#[test]
#[ignore = "needs a browser: run ./tests/run"]
fn without_scripts() {
    journey("way-back-plain", false);
}

fn journey(name: &str, with_scripts: bool) {
    let story = Story::begin();
    story.write_review();
    let action = story.plan(&story.app.owner);
    made(&story.lead().post(&story.at("checks"), &new_check()));
    made(&story.lead().post(&story.at("criteria"), &json!({ "statement": STATEMENT })));

    let desk = |person: &str| format!("{name}-{person}");
    visit(&desk("owner"), story.app.address, with_scripts, async |omar: Rc<Visit>| {
        completes(&omar, &story).await?;
        records(&omar).await
    });
    assert!(!story.gate_is_open(), "work alone lifts nothing");
    // The lead looks whether it is done: nobody verifies their own action.
    good(&story.lead().post(&format!("/actions/{action}/verification"), &json!({})));
    visit(&desk("owner-asks"), story.app.address, with_scripts, async |omar: Rc<Visit>| asks(&omar, &story).await);
    assert!(!story.gate_is_open(), "asking lifts nothing");
    visit(&desk("administrator"), story.app.address, with_scripts, async |ada: Rc<Visit>| {
        decides(&ada, &story).await?;
        closes(&ada, &story).await
    });
    story.app.assert_audit_holds();
}

async fn completes(omar: &Visit, story: &Story) -> WebDriverResult<()> {
    omar.sign_in("/", &story.app.owner, PASSWORD).await?;
    omar.read("Your action: Cap retries at three").await?;
    omar.shot("what-waits").await?;
    omar.follow("Your action: Cap retries at three").await?;
    let page = omar.read("Regression checks").await?;
    assert!(page.contains("The way back") && !page.contains("Ask for the restart"), "{page}");
    omar.press("form[action$='/completion'] button.btn").await?;
    // Nothing was given yet: the page says so and keeps its place.
    omar.read("One thing to put right").await?;
    omar.fill("proof", "https://git.example/shop/commit/4be19c2").await?;
    omar.press("form[action$='/completion'] button.btn").await?;
    let done = omar.read("Completed by Omar").await?;
    assert!(done.contains("https://git.example/shop/commit/4be19c2"), "{done}");
    let buttons = omar.driver.find_all(By::Css("form[action$='/verification']")).await?;
    assert!(buttons.is_empty(), "nobody verifies what they did themselves");
    omar.shot("completed").await
}

async fn records(omar: &Visit) -> WebDriverResult<()> {
    omar.choose("#checks select[name='outcome']", "pass").await?;
    omar.fill_in("#checks textarea[name='result_evidence']", "Ten orders on production, ten mails").await?;
    omar.press("form[action$='/results'] button.btn").await?;
    omar.read("Ten orders on production, ten mails").await?;
    omar.fill_in("#criteria textarea[name='met_evidence']", "The mail log of the last hour holds no order twice")
        .await?;
    omar.press("form[action$='/met'] button.btn").await?;
    let page = omar.read("The mail log of the last hour holds no order twice").await?;
    assert!(page.contains("still block"), "it is not verified yet: {page}");
    omar.shot("recorded").await
}

async fn asks(omar: &Visit, story: &Story) -> WebDriverResult<()> {
    omar.sign_in(&format!("/incidents/{}/restart", story.reference), &story.app.owner, PASSWORD).await?;
    omar.read("Ask for the restart").await?;
    omar.press("#request input[name='scope'][value='read_only']").await?;
    omar.fill("note", "Ten orders gave ten mails, and the queue keeps to its limit.").await?;
    omar.shot("asking").await?;
    omar.press("form[action$='/restart-requests'] button.btn").await?;
    let page = omar.read("A restart is asked for").await?;
    assert!(!page.contains("Approve the restart"), "whoever asks does not decide: {page}");
    Ok(())
}

async fn decides(ada: &Visit, story: &Story) -> WebDriverResult<()> {
    ada.sign_in("/", &story.app.admin, PASSWORD).await?;
    let words = format!("Decide the restart of {}", story.reference);
    ada.read(&words).await?;
    ada.shot("what-waits").await?;
    ada.follow(&words).await?;
    ada.read("Approve the restart").await?;
    ada.fill("reason", "I read the results and the commit; they cover what went wrong.").await?;
    ada.shot("deciding").await?;
    ada.press("#request button[name='decision'][value='approved']").await?;
    ada.read("Nothing is paused by it").await?;
    let gate = story.app.desk.read(|connection| {
        let automation = sight::automation(connection, &Actor::System("test"), &story.slug, Act::AskGate)?;
        ask_gate::verdict(connection, &automation, story.app.desk.now())
    });
    assert!(matches!(gate.unwrap(), Verdict::Open(opening) if opening.scope == RunScope::ReadOnly));
    ada.open(&format!("/automations/{}", story.slug)).await?;
    ada.read("read only").await?;
    ada.shot("gate-open").await
}

async fn closes(ada: &Visit, story: &Story) -> WebDriverResult<()> {
    ada.open(&format!("/incidents/{}", story.reference)).await?;
    ada.choose("form[action$='/status'] select[name='status']", "closed").await?;
    ada.fill("status_note", "A day without a second mail").await?;
    ada.press("form[action$='/status'] button.btn").await?;
    ada.read("Status is now: closed. A day without a second mail").await?;
    let left = ada.driver.find_all(By::Css("form[action$='/status']")).await?;
    assert!(left.is_empty(), "what has ended is not changed any more");
    ada.shot("closed").await
}
