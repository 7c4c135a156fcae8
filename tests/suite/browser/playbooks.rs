//! A playbook is written and exported on one site, and imported, localised, tried and released on another: four desks, once
//! with scripts and once without any.

use super::{Visit, visit};
use crate::practices::{Agency, TOPICS};
use crate::support::PASSWORD;
use std::cell::RefCell;
use std::rc::Rc;
use thirtyfour::prelude::*;

#[test]
#[ignore = "needs a browser: run ./tests/run"]
fn with_scripts() {
    journey("playbook-scripts", true);
}

#[test]
#[ignore = "needs a browser: run ./tests/run"]
fn without_scripts() {
    journey("playbook-plain", false);
}

fn journey(name: &str, with_scripts: bool) {
    let agency = Agency::start();
    let address = agency.app.address;
    let desk = |person: &str| format!("{name}-{person}");
    let export = RefCell::new(String::new());
    visit(&desk("lead"), address, with_scripts, async |lena: Rc<Visit>| {
        export.replace(exports(&lena, &agency).await?);
        Ok(())
    });
    let file = agency.lead().get(&format!("/playbook-exports/{}", export.into_inner())).body;
    visit(&desk("admin"), address, with_scripts, async |ada: Rc<Visit>| imports(&ada, &agency, &file).await);
    visit(&desk("there"), address, with_scripts, async |olga: Rc<Visit>| tries(&olga, &agency).await);
    visit(&desk("again"), address, with_scripts, async |ada: Rc<Visit>| releases(&ada, &agency).await);
    agency.app.assert_audit_holds();
}

/// Writes it and its signed file; returns the export's id.
async fn exports(lena: &Visit, agency: &Agency) -> WebDriverResult<String> {
    lena.sign_in("/playbooks/new", &agency.app.lead, PASSWORD).await?;
    lena.open("/playbooks/new").await?;
    lena.fill("title", "Answer a double charge").await?;
    lena.choose("#site", &agency.app.site).await?;
    lena.fill("owner", &agency.app.owner).await?;
    lena.fill("purpose", "What support does when a customer was charged twice.").await?;
    lena.fill("placeholders", "paid_status | order statuses | the status of a paid order").await?;
    lena.fill("step-1", "Look for {paid_status}").await?;
    lena.fill("how-1", "Open the order and read its status.").await?;
    lena.press(".actions .btn-main").await?;
    lena.read("The playbook is written.").await?;
    lena.press("form[action$='/exports'] .btn").await?;
    let link = lena.see("#exports a[href*='/exports/']").await?.attr("href").await?.unwrap_or_default();
    lena.shot("exported").await?;
    Ok(link.rsplit('/').next().unwrap_or_default().to_owned())
}

async fn imports(ada: &Visit, agency: &Agency, file: &str) -> WebDriverResult<()> {
    ada.sign_in("/playbooks", &agency.app.admin, PASSWORD).await?;
    ada.open("/playbooks/import").await?;
    ada.choose("#site", &agency.app.other_site).await?;
    ada.fill("owner", &agency.app.outsider).await?;
    ada.fill("file", file).await?;
    ada.press(".actions .btn-main").await?;
    let page = ada.read("It is imported and disabled.").await?;
    assert!(page.contains("things keep it from production") && page.contains(&agency.app.site), "{page}");
    // Too early: every reason is said, and it stays disabled.
    ada.press("form[action$='/production'] .btn-main").await?;
    ada.read("That was refused").await?;
    ada.shot("refused").await
}

async fn tries(olga: &Visit, agency: &Agency) -> WebDriverResult<()> {
    olga.sign_in("/playbooks", &agency.app.outsider, PASSWORD).await?;
    olga.follow("Answer a double charge").await?;
    for topic in TOPICS {
        olga.choose(&format!("#answer-{topic}"), "same").await?;
        olga.press(&format!("#row-{topic} form .btn")).await?;
        olga.see(&format!("#row-{topic} .b-ok")).await?;
    }
    olga.choose("#place", "staging").await?;
    olga.choose("#outcome", "success").await?;
    olga.fill("what", "Went through it with a test order").await?;
    olga.press("form[action$='/first-runs'] .btn").await?;
    olga.read("Waits for a review").await.map(drop)
}

async fn releases(ada: &Visit, agency: &Agency) -> WebDriverResult<()> {
    ada.sign_in("/playbooks", &agency.app.admin, PASSWORD).await?;
    let link = "//li[contains(., 'Disabled')]//a[contains(., 'Answer a double charge')]";
    ada.driver.find(By::XPath(link)).await?.click().await?;
    ada.choose("select[name='acceptable']", "yes").await?;
    ada.fill_in("form[action$='/review'] textarea", "The trace reads as it should").await?;
    ada.press("form[action$='/review'] .btn").await?;
    ada.read("Acceptable").await?;
    ada.press("form[action$='/production'] .btn-main").await?;
    ada.read("It is released for production.").await?;
    ada.shot("released").await
}
