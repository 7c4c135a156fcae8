//! The administrator's way to a rule of the organisation's own: from the bench over the preview to evidence that is read
//! again. Once with scripts, once without any.

use super::{Visit, visit};
use crate::rules::{NUMBER, lead, seal};
use crate::support::{App, PASSWORD};
use std::rc::Rc;
use thirtyfour::prelude::*;

#[test]
#[ignore = "needs a browser: run ./tests/run"]
fn with_scripts() {
    journey("rules-scripts", true);
}

#[test]
#[ignore = "needs a browser: run ./tests/run"]
fn without_scripts() {
    journey("rules-plain", false);
}

fn journey(name: &str, with_scripts: bool) {
    let app = App::start();
    let reference = app.incident("A client complains");
    let (evidence, before) = seal(&app, &reference, "a.log", &format!("client {NUMBER} called\n"));
    assert!(before.contains(NUMBER));
    visit(name, app.address, with_scripts, async |ada: Rc<Visit>| {
        ada.sign_in("/rules", &app.admin, PASSWORD).await?;
        tries(&ada).await?;
        writes(&ada).await?;
        saves(&ada, &app, &reference).await?;
        reads_again(&ada, &app).await
    });
    let after = lead(&app).get(&format!("/evidence/{evidence}")).body;
    assert!(after.starts_with("client [own-crm-number:"), "{after}");
    app.assert_audit_holds();
}

async fn tries(ada: &Visit) -> WebDriverResult<()> {
    ada.follow("Rule bench").await?;
    ada.read("Nothing that you paste is kept").await?;
    ada.press("form[action='/rules/bench'] .btn-main").await?;
    ada.read("Paste the text that is to be tried.").await?;
    ada.fill("text", &format!("password=gr33n-lantern-77 of client {NUMBER}")).await?;
    ada.press("form[action='/rules/bench'] .btn-main").await?;
    let page = ada.read("One place goes").await?;
    assert!(page.contains("Line 1, column 10") && page.contains("Likely"), "{page}");
    ada.shot("bench").await
}

async fn writes(ada: &Visit) -> WebDriverResult<()> {
    ada.follow("add a rule").await?;
    ada.read("It is kept in the clear").await?;
    ada.fill("name", "crm-number").await?;
    ada.fill("title", "Client number").await?;
    ada.fill("about", "It names a client of the help desk.").await?;
    ada.fill("looks_for", "[0-9]{6}").await?;
    ada.fill("goes", "client [[CRM-104233]] called").await?;
    ada.fill("stays", "CRM-Export finished").await?;
    ada.press("form[action='/rules/new'] .btn-main").await?;
    ada.read("must begin with fixed text").await?;
    ada.shot("refused").await?;
    ada.fill("looks_for", "CRM-[0-9]{6}").await?;
    ada.press("form[action='/rules/new'] .btn-main").await?;
    ada.read("Nothing is saved yet").await.map(drop)
}

async fn saves(ada: &Visit, app: &App, reference: &str) -> WebDriverResult<()> {
    app.settle();
    ada.driver.refresh().await?;
    let page = ada.read("1 place would newly go").await?;
    assert!(page.contains(reference) && page.contains("line 1") && !page.contains("client CRM-1 "), "{page}");
    ada.shot("preview").await?;
    ada.fill("reason", "The help desk numbers stood in a report.").await?;
    ada.press("form[action^='/rules/previews/'] .btn-main").await?;
    ada.read("It is in force").await?;
    ada.shot("saved").await
}

async fn reads_again(ada: &Visit, app: &App) -> WebDriverResult<()> {
    ada.follow("Read past evidence again").await?;
    ada.read("Past evidence").await?;
    ada.fill("reason", "Client numbers stood in old logs.").await?;
    ada.press("form[action='/rules/reruns'] .btn-main").await?;
    ada.read("You may leave this page.").await?;
    app.settle();
    ada.driver.refresh().await?;
    ada.read("Files with a new version: 1").await?;
    ada.shot("read-again").await
}
