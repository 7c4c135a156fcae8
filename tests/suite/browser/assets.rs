//! An asset from draft to refused reuse, at two desks: the support lead brings it in and writes its record, an administrator
//! approves it and answers the five questions; then the offer changes. Once with scripts, once without any.

use super::{Visit, visit};
use crate::assets::{Library, picture};
use crate::support::PASSWORD;
use std::rc::Rc;
use thirtyfour::prelude::*;

#[test]
#[ignore = "needs a browser: run ./tests/run"]
fn with_scripts() {
    journey("asset-scripts", true);
}

#[test]
#[ignore = "needs a browser: run ./tests/run"]
fn without_scripts() {
    journey("asset-plain", false);
}

fn journey(name: &str, with_scripts: bool) {
    let library = Library::start();
    let file = tempfile::Builder::new().prefix("winter-tea-gift-box").suffix(".png").tempfile().unwrap();
    std::fs::write(file.path(), picture(640, 400)).unwrap();
    let file = file.path().to_str().unwrap();
    let desk = |person: &str| format!("{name}-{person}");
    visit(&desk("lead"), library.app.address, with_scripts, async |lena: Rc<Visit>| {
        brings(&lena, &library, file).await
    });
    visit(&desk("admin"), library.app.address, with_scripts, async |ada: Rc<Visit>| decides(&ada, &library).await);
    visit(&desk("lead-again"), library.app.address, with_scripts, async |lena: Rc<Visit>| {
        changes(&lena, &library).await
    });
    library.app.assert_audit_holds();
}

async fn brings(lena: &Visit, library: &Library, file: &str) -> WebDriverResult<()> {
    lena.sign_in("/assets", &library.app.lead, PASSWORD).await?;
    lena.follow("Bring in the first").await?;
    lena.choose("#site", &library.app.site).await?;
    lena.see("#file").await?.send_keys(file).await?;
    lena.press("form[action='/assets/new'] .btn-main").await?;
    lena.read("It is here, as a draft.").await?;
    for (id, text) in [
        ("alt_text", "A red gift box with three tins of tea"),
        ("source_note", "Prompt: a gift box, studio light"),
        ("rights_note", "Lena read the provider's terms"),
        ("licence", "Commercial use"),
        ("owner", library.app.owner.as_str()),
        ("placement", "Shop front"),
        ("campaign", "none"),
    ] {
        lena.fill(id, text).await?;
    }
    lena.press("form[data-guard] .actions .btn-main").await?;
    // An end is missing: the page says so, beside nothing else.
    let page = lena.read("Not ready to be approved: 1 open").await?;
    assert!(page.contains("It has no end."), "{page}");
    lena.shot("no-end").await?;
    lena.follow("Change the record").await?;
    let day = library.day(10);
    // As it is typed into a date field: month, day, year.
    let typed = [&day[5..7], &day[8..10], &day[..4]].concat();
    lena.see("#review_on").await?.send_keys(typed).await?;
    lena.press("form[data-guard] .actions .btn-main").await?;
    lena.read("Somebody else approves it").await?;
    lena.fill("place", "https://shop-north.example.com/#banner").await?;
    lena.press("form[action$='/placements'] button.btn").await?;
    lena.read("It is noted where it stands.").await?;
    Ok(())
}

async fn decides(ada: &Visit, library: &Library) -> WebDriverResult<()> {
    ada.sign_in("/assets", &library.app.admin, PASSWORD).await?;
    ada.follow("winter-tea-gift-box").await?;
    ada.press("form[action$='/approval'] .btn-main").await?;
    ada.read("It is approved.").await?;
    for question in ["product_accuracy", "campaign", "brand_fit", "licence", "current_claims"] {
        ada.press(&format!("input[name='{question}'][value='yes']")).await?;
    }
    ada.fill("reuse-note", "For the December mail").await?;
    ada.press("form[action$='/reuse-decisions'] .btn-main").await?;
    ada.read("All five questions were answered with yes").await?;
    ada.shot("may-be-used").await
}

async fn changes(lena: &Visit, library: &Library) -> WebDriverResult<()> {
    lena.sign_in("/assets/changes", &library.app.lead, PASSWORD).await?;
    lena.press("input[name='kind'][value='offer_change']").await?;
    lena.choose("#site", &library.app.site).await?;
    lena.fill("note", "The winter price ends today").await?;
    lena.press("form[action='/assets/changes'] .btn-main").await?;
    lena.read("One asset is blocked").await?;
    lena.open("/assets?reusable=yes").await?;
    lena.read("No asset fits").await?;
    lena.open("/assets/placements").await?;
    lena.follow("winter-tea-gift-box").await?;
    lena.read("nobody has reviewed it yet").await?;
    lena.shot("refused").await
}
