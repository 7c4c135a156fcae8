//! People and their roles.

use super::{Answer, Desk, Failure, review_week, roll_out, sight, train, training, vacancy};
use crate::domain::escalation::is_plain_address;
use crate::domain::ids::{GrantId, PersonId, SiteId};
use crate::domain::incident::clean_line;
use crate::domain::person::{Act, Actor, Role, SYSTEM_PERSON};
use crate::domain::problem::{FieldError, Reason};
use crate::store::people::{self, GrantRow, PersonRow};
use crate::store::{Connection, Error, Tx, Verb, sessions, sites};
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use serde::Serialize;

/// Shortest password (NIST SP 800-63B-4 asks for 15 where it is the only factor).
pub const PASSWORD_MIN: usize = 15;
/// Longest password: more is an attack on the hash.
pub const PASSWORD_MAX: usize = 512;

/// A person to be added.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// Address they sign in with.
    pub email: String,
    /// Name shown to others.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// Slugs of the sites; empty: every site.
    pub sites: Vec<String>,
    /// Their first password.
    pub password: String,
}

/// A person who was added or changed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Added {
    /// Their id.
    pub id: String,
    /// Their address.
    pub email: String,
}

impl Answer for Added {}

/// Adds a person.
pub fn add(desk: &Desk, actor: &Actor, person: &NewPerson) -> Result<Added, Failure> {
    sight::everywhere(actor, Act::ManagePeople)?;
    let row = prepare(desk, person)?;
    let (role, slugs, giver) = (person.role, person.sites.clone(), actor.clone());
    desk.answer(actor, move |tx| insert(tx, &giver, &row, role, &slugs))
}

/// Adds a person who learns first: they can sign in, read the procedures of the role and be asked about them. The role is
/// given to them afterwards.
pub fn add_in_training(desk: &Desk, actor: &Actor, person: &NewPerson) -> Result<Added, Failure> {
    sight::everywhere(actor, Act::ManagePeople)?;
    let row = prepare(desk, person)?;
    let (role, slugs, by) = (person.role, person.sites.clone(), actor.reference());
    desk.answer(actor, move |tx| {
        insert_person(tx, &row)?;
        train::enrol_in(tx, &by, &row.id, role, &slugs)?;
        Ok(Added { id: row.id.to_string(), email: row.email.clone() })
    })
}

/// Makes the first administrator by the one-time link; refused as soon as anybody exists.
pub fn add_first(desk: &Desk, link: &str, email: &str, name: &str, password: &str) -> Result<(), Failure> {
    let hash = super::sign_in::hash_of(link);
    if !super::sign_in::setup_link_works(desk, link)? {
        return Err(Failure::NotFound);
    }
    let person = NewPerson {
        email: email.to_owned(),
        name: name.to_owned(),
        role: Role::Administrator,
        sites: Vec::new(),
        password: password.to_owned(),
    };
    let row = prepare(desk, &person)?;
    desk.write(&Actor::System("setup"), move |tx| {
        let now = tx.now();
        // Two people may have opened the same link: the first to send it is the first administrator.
        if !people::is_empty(tx.connection())? || !sessions::setup_link_works(tx.connection(), &hash, now)? {
            return Err(Failure::NotFound);
        }
        insert(tx, &Actor::System("setup"), &row, Role::Administrator, &[])?;
        Ok(sessions::use_setup_link(tx, &hash)?)
    })
}

fn prepare(desk: &Desk, person: &NewPerson) -> Result<PersonRow, Failure> {
    let errors = problems(person);
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    let (email, name) = (clean_line(&person.email).to_lowercase(), clean_line(&person.name));
    let password_hash = Some(hash_password(&person.password)?);
    Ok(PersonRow { id: PersonId::fresh(), email, name, password_hash, active: true, created_at: desk.now() })
}

/// What is wrong with the fields of a new person.
pub fn problems(person: &NewPerson) -> Vec<FieldError> {
    let (email, name) = (clean_line(&person.email).to_lowercase(), clean_line(&person.name));
    let mut errors = Vec::new();
    check_email(&email, &mut errors);
    if name.is_empty() || name.chars().count() > 100 {
        errors.push(FieldError::new("name", "Give a name of at most 100 characters."));
    }
    check_password("password", &person.password, &mut errors);
    errors
}

fn insert(tx: &mut Tx, giver: &Actor, row: &PersonRow, role: Role, slugs: &[String]) -> Result<Added, Failure> {
    insert_person(tx, row)?;
    grant(tx, giver, &row.id, role, slugs)?;
    Ok(Added { id: row.id.to_string(), email: row.email.clone() })
}

fn insert_person(tx: &mut Tx, row: &PersonRow) -> Result<(), Failure> {
    match tx.insert(Verb::Created, row) {
        Err(Error::Exists) => Err(Failure::field("email", "There is a person with this address already.")),
        other => Ok(other?),
    }
}

/// Replaces a person's roles.
pub fn set_role(desk: &Desk, actor: &Actor, id: &str, role: Role, slugs: &[String]) -> Result<Added, Failure> {
    sight::everywhere(actor, Act::ManagePeople)?;
    let (id, slugs, giver) = (PersonId::from_text(id), slugs.to_vec(), actor.clone());
    desk.answer(actor, move |tx| {
        let person = find(tx.connection(), &id)?;
        if role != Role::Administrator || !slugs.is_empty() {
            refuse_without_administrator(tx.connection(), &id)?;
        }
        for mut old in people::grants_of(tx.connection(), &id)? {
            old.revoked_at = Some(tx.now());
            tx.update(Verb::Revoked, &old)?;
        }
        grant(tx, &giver, &id, role, &slugs)?;
        vacancy::look(tx, &id)?;
        Ok(Added { id: person.id.to_string(), email: person.email })
    })
}

/// Gives a person one more role; `slug`: the site, none for every site.
pub fn give_role(desk: &Desk, actor: &Actor, id: &str, role: Role, slug: Option<&str>) -> Result<Added, Failure> {
    sight::everywhere(actor, Act::ManagePeople)?;
    let (id, slugs) = (PersonId::from_text(id), slug.map(str::to_owned).into_iter().collect::<Vec<_>>());
    let giver = actor.clone();
    desk.answer(actor, move |tx| {
        let person = find(tx.connection(), &id)?;
        let site = match slugs.first() {
            Some(slug) => sites::by_slug(tx.connection(), slug)?.map(|site| site.id),
            None => None,
        };
        let held = people::grants_of(tx.connection(), &id)?;
        if held.iter().any(|grant| grant.role == role && (grant.site_id.is_none() || grant.site_id == site)) {
            return Err(Failure::field("role", "They hold this role there already."));
        }
        grant(tx, &giver, &id, role, &slugs)?;
        Ok(Added { id: person.id.to_string(), email: person.email })
    })
}

/// Takes one role away from a person.
pub fn take_role(desk: &Desk, actor: &Actor, id: &str, grant: &str) -> Result<Added, Failure> {
    sight::everywhere(actor, Act::ManagePeople)?;
    let (id, grant) = (PersonId::from_text(id), GrantId::from_text(grant));
    desk.answer(actor, move |tx| {
        let person = find(tx.connection(), &id)?;
        let mut held = people::grants_of(tx.connection(), &id)?
            .into_iter()
            .find(|held| held.id == grant)
            .ok_or(Failure::NotFound)?;
        if held.role == Role::Administrator && held.site_id.is_none() {
            refuse_without_administrator(tx.connection(), &id)?;
        }
        held.revoked_at = Some(tx.now());
        tx.update(Verb::Revoked, &held)?;
        vacancy::look(tx, &id)?;
        Ok(Added { id: person.id.to_string(), email: person.email })
    })
}

/// Lets a person in or keeps them out. Whoever is out owns nothing: the gates of their automations close.
pub fn set_active(desk: &Desk, actor: &Actor, id: &str, active: bool) -> Result<Added, Failure> {
    sight::everywhere(actor, Act::ManagePeople)?;
    let id = PersonId::from_text(id);
    desk.answer(actor, move |tx| {
        let mut person = find(tx.connection(), &id)?;
        if !active {
            refuse_without_administrator(tx.connection(), &id)?;
            sessions::end_all(tx, &id, None)?;
        }
        person.active = active;
        tx.update(Verb::Changed, &person)?;
        vacancy::look(tx, &id)?;
        Ok(Added { id: person.id.to_string(), email: person.email })
    })
}

/// Sets another person's password: their sessions end.
pub fn set_password(desk: &Desk, actor: &Actor, id: &str, password: &str) -> Result<(), Failure> {
    sight::everywhere(actor, Act::ManagePeople)?;
    replace_password(desk, actor, &PersonId::from_text(id), password, None)
}

/// Changes one's own password: all other sessions end.
pub fn change_own_password(
    desk: &Desk,
    actor: &Actor,
    old: &str,
    new: &str,
    session_hash: Option<&str>,
) -> Result<(), Failure> {
    let id = sight::person_id(actor)?;
    let person = desk.read(|connection| Ok(people::find(connection, &id)?))?;
    if !password_fits(person.password_hash.as_deref(), old) {
        return Err(Failure::field("old_password", "This is not your present password."));
    }
    replace_password(desk, actor, &id, new, session_hash)
}

fn replace_password(
    desk: &Desk,
    actor: &Actor,
    id: &PersonId,
    password: &str,
    keep_session: Option<&str>,
) -> Result<(), Failure> {
    let mut errors = Vec::new();
    check_password("password", password, &mut errors);
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    let hash = hash_password(password)?;
    let (id, keep_session) = (id.clone(), keep_session.map(str::to_owned));
    desk.write(actor, move |tx| {
        let mut person = find(tx.connection(), &id)?;
        person.password_hash = Some(hash);
        tx.update(Verb::Changed, &person)?;
        Ok(sessions::end_all(tx, &id, keep_session.as_deref())?)
    })
}

/// A person who can be changed; the row of this program among them cannot.
pub(super) fn find(connection: &mut Connection, id: &PersonId) -> Result<PersonRow, Failure> {
    if id.as_str() == SYSTEM_PERSON { Err(Failure::NotFound) } else { Ok(people::find(connection, id)?) }
}

/// Is there such a person?
pub fn known(connection: &mut Connection, id: &str) -> Result<(), Failure> {
    find(connection, &PersonId::from_text(id)).map(drop)
}

/// The sites behind these slugs; none of them stands for every site.
pub(super) fn sites_of(connection: &mut Connection, slugs: &[String]) -> Result<Vec<Option<SiteId>>, Failure> {
    let mut found: Vec<Option<SiteId>> = Vec::new();
    for slug in slugs {
        let site = sites::by_slug(connection, slug)?
            .ok_or_else(|| Failure::field("sites", format!("There is no site {slug}.")))?;
        found.push(Some(site.id));
    }
    if found.is_empty() {
        found.push(None);
    }
    Ok(found)
}

/// Gives the role. Where a roll-out has begun, a person gives it only to somebody who has learned it; what this program
/// gives in the installer's name (command line, demo) goes with a waiver that stays in red until it is acknowledged.
fn grant(tx: &mut Tx, giver: &Actor, person: &PersonId, role: Role, slugs: &[String]) -> Result<(), Failure> {
    let sites = sites_of(tx.connection(), slugs)?;
    let mut lacking = Vec::new();
    for site in &sites {
        lacking.push(training::grant_reasons(tx.connection(), person, role, site.as_ref())?);
    }
    if giver.person().is_some() && lacking.iter().any(|reasons| !reasons.is_empty()) {
        return Err(Failure::Refused(untrained(lacking.into_iter().flatten().collect())));
    }
    for (site_id, lacking) in sites.into_iter().zip(lacking) {
        let row = GrantRow {
            id: GrantId::fresh(),
            person_id: person.clone(),
            role,
            site_id,
            granted_at: tx.now(),
            revoked_at: None,
        };
        review_week::open_for(tx, &row)?;
        tx.insert(Verb::Granted, &row)?;
        train::end_enrolment(tx, person, role, row.site_id.as_ref())?;
        if !lacking.is_empty() {
            roll_out::waive(tx, giver, &row, &lacking)?;
        }
    }
    Ok(())
}

/// The reasons, with the way out in front.
fn untrained(mut reasons: Vec<Reason>) -> Vec<Reason> {
    let way = "Put the person in training for this role first. They read, acknowledge and answer; then give the role.";
    reasons.insert(0, Reason::new("untrained", way, "administrator"));
    reasons
}

/// Somebody must be left who can administer everything.
fn refuse_without_administrator(connection: &mut Connection, without: &PersonId) -> Result<(), Failure> {
    for grant in people::all_grants(connection)? {
        if grant.role == Role::Administrator
            && grant.site_id.is_none()
            && grant.person_id != *without
            && people::find(connection, &grant.person_id)?.active
        {
            return Ok(());
        }
    }
    Err(Failure::refused(Reason::new(
        "last_administrator",
        "This is the last administrator of all sites. Make somebody else one first.",
        "administrator",
    )))
}

/// An address that mail can be sent to, by the same rule as every other recipient.
fn check_email(email: &str, errors: &mut Vec<FieldError>) {
    if !is_plain_address(email) {
        errors.push(FieldError::new("email", "Give an e-mail address, for example kim@example.org."));
    }
}

fn check_password(field: &str, password: &str, errors: &mut Vec<FieldError>) {
    let length = password.chars().count();
    if length < PASSWORD_MIN {
        errors.push(FieldError::new(
            field,
            format!("Use at least {PASSWORD_MIN} characters; a few unrelated words do well."),
        ));
    } else if length > PASSWORD_MAX {
        errors.push(FieldError::new(field, format!("Use at most {PASSWORD_MAX} characters.")));
    }
}

/// Argon2id with the library's parameters (OWASP's first choice: 19 MiB, two passes).
fn hash_password(password: &str) -> Result<String, Failure> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|e| Failure::Broken(format!("a password could not be hashed: {e}")))
}

/// Is this the password? Takes as long for a person who does not exist.
pub(super) fn password_fits(hash: Option<&str>, password: &str) -> bool {
    // The hash of no password: verifying against it costs what a real one costs.
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5bm8$RXZlbiBub2JvZHkgaGFzIGEgaGFzaCBvZiAzMiBieXQ";
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NOBODY)) else { return false };
    if password.chars().count() > PASSWORD_MAX {
        return false;
    }
    Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && hash.is_some()
}
