//! From an invitation to the first approval: an administrator puts somebody in training, they read, acknowledge and answer
//! on their own pages, another person judges, the role is given, and they confirm what another has asked for.

use super::{Visit, visit};
use crate::operators::{NEWCOMER, SAID, Team, good};
use crate::story::Story;
use crate::support::PASSWORD;
use serde_json::json;
use std::rc::Rc;
use thirtyfour::prelude::*;

#[test]
#[ignore = "needs a browser: run ./tests/run"]
fn with_scripts() {
    journey("newcomer-scripts", true);
}

#[test]
#[ignore = "needs a browser: run ./tests/run"]
fn without_scripts() {
    journey("newcomer-plain", false);
}

fn journey(name: &str, with_scripts: bool) {
    let Story { app, slug: automation, .. } = Story::begin();
    let team = Team { app };
    let procedure = team.adopt("workflow-approval", "administrator");
    team.roll_out();
    let desk = |step: &str| format!("{name}-{step}");
    let address = team.app.address;

    visit(&desk("invited"), address, with_scripts, async |ada: Rc<Visit>| invites(&ada, &team).await);
    let answers = team.right_answers(NEWCOMER, &procedure);
    visit(&desk("learns"), address, with_scripts, async |nora: Rc<Visit>| learns(&nora, &procedure, &answers).await);
    visit(&desk("judged"), address, with_scripts, async |ada: Rc<Visit>| judges(&ada, &team).await);

    let now = team.app.desk.now().plus(chrono::Duration::hours(1)).rfc3339();
    let asked = json!({ "reason": "The shop cannot take orders", "expires_at": now });
    good(&team.admin().post(&format!("/automations/{automation}/overrides"), &asked));
    visit(&desk("approves"), address, with_scripts, async |nora: Rc<Visit>| {
        nora.sign_in(&format!("/automations/{automation}/gate"), NEWCOMER, PASSWORD).await?;
        nora.press("form[action$='/confirmation'] button.btn").await?;
        nora.see("form[action$='/end']").await?;
        nora.shot("first-approval").await
    });
    team.app.assert_audit_holds();
}

async fn invites(ada: &Visit, team: &Team) -> WebDriverResult<()> {
    ada.sign_in("/people/new", &team.app.admin, PASSWORD).await?;
    ada.read("Access comes before approval boundaries").await?;
    let fill = async || {
        ada.fill("name", "Nora").await?;
        ada.fill("email", NEWCOMER).await?;
        ada.fill("password", PASSWORD).await?;
        ada.press("input[name='role'][value='administrator']").await?;
        ada.choose("select[name='site']", &team.app.site).await
    };
    fill().await?;
    ada.press("form.form .btn-main").await?;
    ada.read("Put the person in training for this role first").await?;
    ada.shot("refused").await?;
    fill().await?;
    ada.press("input[name='in_training']").await?;
    ada.press("form.form .btn-main").await?;
    ada.read("Nora can sign in and learn").await.map(drop)
}

async fn learns(nora: &Visit, procedure: &str, answers: &[String]) -> WebDriverResult<()> {
    nora.sign_in("/", NEWCOMER, PASSWORD).await?;
    nora.follow("Your training: administrator").await?;
    nora.read("In training: the role is given when all of this is done").await?;
    nora.follow("Approving plans and workflows").await?;
    nora.shot("procedure").await?;
    nora.press(&format!("form[action='/procedures/{procedure}/acknowledgement'] .btn-main")).await?;
    nora.read("Now answer the five situations").await?;
    for (at, answer) in answers.iter().enumerate() {
        nora.press(&format!("input[name='answer_{}'][value='{answer}']", at + 1)).await?;
    }
    nora.shot("answers").await?;
    nora.press(&format!("form[action='/procedures/{procedure}/checks'] .btn-main")).await?;
    nora.read("Waits for another person").await.map(drop)
}

async fn judges(ada: &Visit, team: &Team) -> WebDriverResult<()> {
    ada.sign_in("/", &team.app.admin, PASSWORD).await?;
    ada.follow("Judge the answers of Nora").await?;
    ada.choose("select[name='passed']", "yes").await?;
    ada.fill_in("textarea[name='judge_note']", SAID).await?;
    ada.press("form[action$='/judgement'] .btn-main").await?;
    ada.read("An administrator can give the role now").await?;
    ada.shot("judged").await?;
    ada.open(&format!("/people/{}", team.id_of(NEWCOMER))).await?;
    ada.press("input[name='role'][value='administrator']").await?;
    ada.choose("select[name='site']", &team.app.site).await?;
    ada.press("form[action$='/grants'] .btn-main").await?;
    ada.read("The role is given").await.map(drop)
}
