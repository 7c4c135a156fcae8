//! A site in roll-out: procedures for every role, a newcomer whose first week is over and not reviewed yet, another whose
//! answers wait for a judgement, and a set-up that waits for a second administrator.

use super::people::{self as cast, ADMINISTRATOR, LEAD};
use super::sites::TEA_HOUSE;
use crate::actions::people::{self, NewPerson};
use crate::actions::sign_in::fresh_secret;
use crate::actions::{Desk, Failure, procedures, review_week, roll_out, set_up_site, train};
use crate::clock::Clock;
use crate::domain::operator::{ReadinessItem, Shortfall, WeekSource};
use crate::domain::person::{Actor, Role};
use crate::store::week_reviews;
use chrono::Duration;

const NEW_REPORTER: &str = "mia@allclear.example";
const IN_TRAINING: &str = "nils@allclear.example";
/// How long ago the roll-out began, days: the first week of whoever came then is over.
const BEGAN_DAYS_AGO: i64 = 9;

pub(super) fn add(desk: &Desk, clock: &Clock) -> Result<(), Failure> {
    clock.turn(-Duration::days(BEGAN_DAYS_AGO));
    let (ada, lena) = (cast::actor(desk, ADMINISTRATOR)?, cast::actor(desk, LEAD)?);
    for template in procedures::templates()? {
        procedures::adopt(desk, &ada, &template.name, None)?;
    }
    procedures::adopt(desk, &ada, "questions", Some(Role::Auditor))?;
    set_up(desk, &ada)?;
    roll_out::start(desk, &ada, TEA_HOUSE)?;
    let mia = newcomer(desk, &ada, NEW_REPORTER, "Mia Sato", Role::Reporter)?;
    let check = answer(desk, NEW_REPORTER, "questions")?;
    train::judge(desk, &lena, &check, Some(true), "She explained each in her own words, with an order of last week.")?;
    people::give_role(desk, &ada, &mia, Role::Reporter, Some(TEA_HOUSE))?;
    newcomer(desk, &ada, IN_TRAINING, "Nils Berg", Role::SupportLead)?;
    answer(desk, IN_TRAINING, "support-drafts")?;
    clock.turn(Duration::zero());
    first_week(desk, &lena)
}

/// What shows that the site works, and how it was set up; a second administrator has not repeated it yet.
fn set_up(desk: &Desk, ada: &Actor) -> Result<(), Failure> {
    let tried = "Tried from the server; the answer came back within a second and is in the shared folder.";
    for (item, reference) in [
        (ReadinessItem::OutboundHttps, "https://status.provider.example/health"),
        (ReadinessItem::BackupRestored, "nightly-2026-11-01, restored to staging"),
        (ReadinessItem::MailRoundTrip, "round trip 2026-11-01"),
        (ReadinessItem::SupportRoute, "ticket 48211"),
    ] {
        set_up_site::prove(desk, ada, TEA_HOUSE, item, reference, tried)?;
    }
    let steps = "1. Install the plugin from the vendor's account.\n2. Enter the provider's key from the vault entry of this \
                 site.\n3. Set the roles as in the table of the procedure.\n4. Run the four tests above.";
    set_up_site::write_down(desk, ada, TEA_HOUSE, steps).map(drop)
}

fn newcomer(desk: &Desk, ada: &Actor, email: &str, name: &str, role: Role) -> Result<String, Failure> {
    let person = NewPerson {
        email: email.to_owned(),
        name: name.to_owned(),
        role,
        sites: vec![TEA_HOUSE.to_owned()],
        password: fresh_secret()?,
    };
    Ok(people::add_in_training(desk, ada, &person)?.id)
}

/// Reads a procedure, and answers its situations as it says. Returns the id of the answers.
fn answer(desk: &Desk, email: &str, slug: &str) -> Result<String, Failure> {
    let operator = cast::actor(desk, email)?;
    train::acknowledge(desk, &operator, slug, None)?;
    let row = desk.read(|connection| procedures::find(connection, &operator, slug))?;
    let me = crate::actions::sight::person_id(&operator)?;
    let shown = row.content.shown_to(&train::order_of(&row, &me));
    let answers = shown.into_iter().map(|scenario| scenario.behaviour).collect();
    Ok(train::answer(desk, &operator, slug, answers)?.id)
}

/// What Lena has read so far of Mia's first week.
fn first_week(desk: &Desk, lena: &Actor) -> Result<(), Failure> {
    let reviews = desk.read(|connection| Ok(week_reviews::list(connection)?))?;
    let Some(review) = reviews.first() else { return Ok(()) };
    let note = |source, finding, what: &str| review_week::note(desk, lena, review.id.as_str(), source, finding, what);
    note(WeekSource::Prompts, None, "Fourteen questions, each with the order and the day in it.")?;
    note(
        WeekSource::Drafts,
        Some(Shortfall::SkippedContext),
        "One question about a refund named no order; the answer was a guess.",
    )?;
    Ok(())
}
