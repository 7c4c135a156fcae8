//! One person of each role.

use crate::actions::people::{self as act, NewPerson};
use crate::actions::sign_in::fresh_secret;
use crate::actions::{Desk, Failure};
use crate::domain::person::{Actor, Role};
use crate::store::people as rows;
use crate::web::DemoLogin;

pub(super) const ADMINISTRATOR: &str = "ada@allclear.example";
pub(super) const LEAD: &str = "lena@allclear.example";
pub(super) const OWNER: &str = "omar@allclear.example";
const REPORTER: &str = "rita@allclear.example";
const AUDITOR: &str = "aldo@allclear.example";

/// Characters of a password: 120 random bits.
const PASSWORD_LENGTH: usize = 20;

/// The people of the demo.
pub(super) struct Cast {
    logins: Vec<DemoLogin>,
    /// Files and works on incidents.
    pub(super) lead: Actor,
}

impl Cast {
    pub(super) fn into_logins(self) -> Vec<DemoLogin> {
        self.logins
    }
}

pub(super) fn add(desk: &Desk) -> Result<Cast, Failure> {
    let mut logins = Vec::new();
    for (email, name, role, sites) in [
        (LEAD, "Lena Hartmann", Role::SupportLead, &[][..]),
        (ADMINISTRATOR, "Ada Okafor", Role::Administrator, &[]),
        (OWNER, "Omar Lindqvist", Role::Owner, &[]),
        (REPORTER, "Rita Moreau", Role::Reporter, &[super::sites::TEA_HOUSE]),
        (AUDITOR, "Aldo Brandt", Role::Auditor, &[]),
    ] {
        let password: String = fresh_secret()?.chars().take(PASSWORD_LENGTH).collect();
        let person = NewPerson {
            email: email.to_owned(),
            name: name.to_owned(),
            role,
            sites: sites.iter().map(|slug| (*slug).to_owned()).collect(),
            password: password.clone(),
        };
        act::add(desk, &Actor::System("demo"), &person)?;
        logins.push(DemoLogin { role: role.to_string(), email: email.to_owned(), password });
    }
    Ok(Cast { logins, lead: actor(desk, LEAD)? })
}

/// The person with this address, as they act when signed in.
pub(super) fn actor(desk: &Desk, email: &str) -> Result<Actor, Failure> {
    desk.read(|connection| {
        let person = rows::by_email(connection, email)?.ok_or(Failure::NotFound)?;
        Ok(Actor::Person(rows::as_actor(connection, &person)?))
    })
}
