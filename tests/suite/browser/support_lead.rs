//! The support lead's journey: declare and pause, seal a log, see what was removed, build the bundle, download and verify
//! it. Once with scripts, once without any.

use super::{Visit, visit};
use crate::support::{App, PASSWORD};
use allclear::actions::gate_memory::GateAnswer;
use allclear::domain::automation::Environment;
use std::rc::Rc;
use thirtyfour::prelude::*;

/// Made up, and put together here so that no key lies in this source.
fn secret() -> String {
    format!("{}{}", ["sk", "proj", ""].join("-"), "Zt8mWq3vLx5cRb7nKd2hPf9sYg4jUa6eTzQwErTyUiOpAsDf")
}

fn log() -> String {
    let mut log = String::from("[21-Nov-2026 09:14:02 UTC] PHP Fatal error:  Uncaught Error in Queue.php:133\n");
    log.push_str(&format!("[21-Nov-2026 09:14:02 UTC] OPENAI_API_KEY={}\n", secret()));
    for line in 0..2_000 {
        log.push_str(&format!("[21-Nov-2026 09:14:03 UTC] queue: job {line} finished twice\n"));
    }
    log
}

#[test]
#[ignore = "needs a browser: run ./tests/run"]
fn with_scripts() {
    journey("scripts", true);
}

#[test]
#[ignore = "needs a browser: run ./tests/run"]
fn without_scripts() {
    journey("plain", false);
}

fn journey(name: &str, with_scripts: bool) {
    let app = App::start();
    app.automation("order-mails");
    let files = tempfile::tempdir().unwrap();
    let file = files.path().join("debug.log");
    std::fs::write(&file, log()).unwrap();
    visit(name, app.address, with_scripts, async |lena: Rc<Visit>| {
        sign_in(&lena, &app).await?;
        declare(&lena, &app).await?;
        seal(&lena, file.to_str().unwrap(), with_scripts).await?;
        look(&lena).await?;
        app.settle();
        bundle(&lena, &app).await
    });
    app.assert_audit_holds();
}

async fn sign_in(lena: &Visit, app: &App) -> WebDriverResult<()> {
    lena.open("/incidents/new").await?;
    lena.read("Sign in").await?;
    lena.fill("email", &app.lead).await?;
    lena.fill("password", PASSWORD).await?;
    lena.shot("sign-in").await?;
    lena.press("form[action='/login'] .btn-main").await?;
    lena.read("Declare an incident").await?;
    Ok(())
}

async fn declare(lena: &Visit, app: &App) -> WebDriverResult<()> {
    lena.fill("title", "Order confirmations go out twice").await?;
    lena.press("input[name='automation'][value='order-mails']").await?;
    lena.press("input[name='severity'][value='sev2']").await?;
    lena.press("input[name='error_report_none']").await?;
    lena.fill("affected_user", "all customers").await?;
    lena.fill("affected_screen", "WooCommerce > Orders").await?;
    lena.fill("step", "Place an order").await?;
    lena.fill("expected", "One mail").await?;
    lena.fill("actual", "Two mails").await?;
    lena.shot("declare").await?;
    lena.press(".actions.now .btn-stop").await?;
    lena.read("is paused by INC-").await?;
    lena.shot("declared").await?;
    let gate = app.desk.gate.ask(&app.token(&app.admin), "order-mails", Environment::Production).unwrap().unwrap();
    assert!(matches!(gate.answer, GateAnswer::Closed(_)), "what was chosen is paused in the same press");
    Ok(())
}

/// The incident at which the browser is.
async fn reference(lena: &Visit) -> WebDriverResult<String> {
    let url = lena.driver.current_url().await?;
    let reference = url.path_segments().into_iter().flatten().find(|part| part.starts_with("INC-"));
    Ok(reference.expect("a page of an incident").to_owned())
}

async fn seal(lena: &Visit, file: &str, with_scripts: bool) -> WebDriverResult<()> {
    let reference = reference(lena).await?;
    lena.open(&format!("/incidents/{reference}/evidence/new")).await?;
    lena.see("#file").await?.send_keys(file).await?;
    if with_scripts {
        assert!(lena.see("[data-progress] li").await?.text().await?.contains("debug.log"));
        lena.driver.find(By::Css("[data-progress] progress")).await?;
    }
    lena.shot("seal").await?;
    lena.press("[data-upload] .btn-main").await?;
    lena.see("a[href^='/evidence/']").await?;
    assert!(lena.read("debug.log").await?.contains("Order confirmations go out twice"));
    lena.shot("sealed").await
}

async fn look(lena: &Visit) -> WebDriverResult<()> {
    let incident = lena.driver.current_url().await?;
    let evidence =
        lena.driver.find(By::XPath("//a[starts-with(@href, '/evidence/')][contains(., 'debug.log')]")).await?;
    evidence.scroll_into_view().await?;
    evidence.click().await?;
    let removed = lena.see("mark.gone").await?;
    assert!(removed.text().await?.starts_with("[openai"), "{}", removed.text().await?);
    assert!(!lena.driver.source().await?.contains(&secret()));
    lena.shot("evidence").await?;
    lena.driver.goto(incident.as_str()).await
}

async fn bundle(lena: &Visit, app: &App) -> WebDriverResult<()> {
    let reference = reference(lena).await?;
    lena.open(&format!("/incidents/{reference}/bundles/new?audience=hosting")).await?;
    lena.read("Ready to build for the hosting company").await?;
    lena.shot("check").await?;
    lena.press("#build .btn-main").await?;
    lena.read("allclear verify").await?;
    lena.shot("bundle").await?;
    lena.press("a[href$='/download']").await?;
    let zip = lena.downloaded().await;
    let mut verify = crate::cli::binary();
    verify.arg("verify").arg(&zip).args(["--key", &app.desk.signer.public_key()]).current_dir(&lena.downloads);
    let held = crate::cli::run(verify, b"").with(0);
    assert!(held.text.contains(&reference) && held.text.contains("found no secret"), "{}", held.text);
    Ok(())
}
