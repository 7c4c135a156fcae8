//! A playbook on one site, and its import on the other, which waits for its localisation.

use super::people::{self, ADMINISTRATOR, OWNER};
use super::sites::{BIKE_WORKS, TEA_HOUSE};
use crate::actions::{Desk, Failure, export_playbook, import_playbook, localise_playbook, playbooks};
use crate::domain::playbook::{Boundary, Effect, Input, Local, Placeholder, Playbook, Step, Topic};

pub(super) fn add(desk: &Desk) -> Result<(), Failure> {
    let (ada, omar) = (people::actor(desk, ADMINISTRATOR)?, people::actor(desk, OWNER)?);
    let written = playbooks::create(desk, &omar, TEA_HOUSE, Some(OWNER), double_charge())?;
    let exported = export_playbook::run(desk, &omar, &written.id)?;
    let file = desk.read(|connection| export_playbook::file(connection, &omar, &exported.id))?;
    let imported = import_playbook::run(desk, &ada, BIKE_WORKS, Some(OWNER), &file.body)?;
    localise_playbook::localise(desk, &omar, &imported.id, Topic::Roles, Local::Same, None)?;
    let language = Some("German, formal");
    localise_playbook::localise(desk, &omar, &imported.id, Topic::Language, Local::ChangedTo, language)?;
    Ok(())
}

fn double_charge() -> Playbook<String> {
    let step = |title: &str, instructions: &str, effect, approval| Step {
        title: title.into(),
        instructions: instructions.into(),
        effect,
        approval,
    };
    Playbook {
        title: "Answer a double charge".into(),
        purpose: "What support does when a customer was charged twice for one order.".into(),
        inputs: vec![Input { name: "order".into(), meaning: "the order that was charged twice".into() }],
        placeholders: vec![
            Placeholder {
                name: "paid_status".into(),
                topic: Topic::OrderStatuses,
                hint: "the status that a paid order has on this site".into(),
            },
            Placeholder { name: "greeting".into(), topic: Topic::Language, hint: "how customers are addressed".into() },
        ],
        steps: vec![
            step("Look at both charges", "The order should be {paid_status}.", Effect::Reads, Boundary::None),
            step("Refund the second charge", "Through the shop.", Effect::Writes, Boundary::SecondPerson),
            step(
                "Write to the customer",
                "Begin with {greeting}; say what happened and when the money is back.",
                Effect::ContactsCustomers,
                Boundary::SecondPerson,
            ),
        ],
    }
}
