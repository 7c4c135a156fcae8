//! Signing in and out, and the one-time link of the first administrator.

use super::people::password_fits;
use super::{Desk, Failure, training};
use crate::domain::ids::PersonId;
use crate::domain::person::{Actor, PersonActor};
use crate::store::people::PersonRow;
use crate::store::sessions::{self, SessionRow};
use crate::store::{Connection, people};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;
use sha2::{Digest, Sha256};

/// 256 random bits as text, for cookies, tokens and links.
pub fn fresh_secret() -> Result<String, Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| Failure::Broken(format!("no randomness: {e}")))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// SHA-256 of a random secret, hexadecimal: all that is stored of it.
pub fn hash_of(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

/// Begins a session; the answer is the cookie's value. Wrong address and wrong password read alike.
pub fn run(desk: &Desk, email: &str, password: &str) -> Result<String, Failure> {
    begin(desk, prove(desk, email, password)?)
}

/// Somebody whose password was right when it was looked at.
pub struct Proved(PersonRow);

/// Looks whether address and password belong together. It takes long, so that nobody tries many.
pub fn prove(desk: &Desk, email: &str, password: &str) -> Result<Proved, Failure> {
    let person = desk.read(|connection| Ok(people::by_email(connection, email)?))?;
    let person = person.filter(|person| person.active);
    let fits = password_fits(person.as_ref().and_then(|person| person.password_hash.as_deref()), password);
    person.filter(|_| fits).map(Proved).ok_or_else(not_together)
}

fn not_together() -> Failure {
    Failure::field("email", "Address and password do not belong together. Try again.")
}

/// Begins the session, unless the password was changed or the person left while it was looked at: whoever changes a
/// password shuts out whoever knew the old one.
pub fn begin(desk: &Desk, Proved(person): Proved) -> Result<String, Failure> {
    let secret = fresh_secret()?;
    let now = desk.now();
    let session = SessionRow {
        hash: hash_of(&secret),
        person_id: person.id.clone(),
        created_at: now,
        seen_at: now,
        expires_at: now.plus(Duration::hours(desk.limits.session_hours)),
    };
    desk.write(&Actor::System("sign-in"), move |tx| {
        let present = people::find(tx.connection(), &person.id)?;
        if !present.active || present.password_hash != person.password_hash {
            return Err(not_together());
        }
        Ok(sessions::begin(tx, &session)?)
    })?;
    Ok(secret)
}

/// Days for which an ended session is remembered: so long a form that was left open finds its owner.
pub const SESSION_MEMORY_DAYS: i64 = 7;
/// Use of a session is noted to about this many seconds: a write for every page would be waste.
const SEEN_SECONDS: i64 = 60;

/// What a cookie stands for.
pub enum SessionState {
    /// A person is signed in; `stale`: its last use is to be noted anew.
    Signed { person: PersonActor, stale: bool },
    /// A session that was real and is over: whose it was.
    Over(String),
    /// No such session.
    None,
}

/// Who is behind a session cookie?
pub fn session(connection: &mut Connection, desk: &Desk, secret: &str) -> Result<SessionState, Failure> {
    match sessions::find(connection, &hash_of(secret))? {
        None => Ok(SessionState::None),
        Some((session, person)) if is_over(&session, desk) => Ok(SessionState::Over(person.id.to_string())),
        Some((session, person)) => {
            let grants = people::grants_of(connection, &person.id)?;
            let acting = person.with_grants(&grants);
            Ok(SessionState::Signed {
                person: training::narrowed(connection, desk, acting, &grants)?,
                stale: session.seen_at.plus(Duration::seconds(SEEN_SECONDS)) <= desk.now(),
            })
        }
    }
}

/// Its end has come, or nobody used it for too long. Its last use is known to about a minute.
fn is_over(session: &SessionRow, desk: &Desk) -> bool {
    let (now, idle) = (desk.now(), desk.limits.idle_hours);
    session.expires_at <= now || (idle > 0 && session.seen_at.plus(Duration::hours(idle)) <= now)
}

/// On how many devices somebody is signed in.
pub fn count_open(connection: &mut Connection, desk: &Desk, person: &PersonId) -> Result<usize, Failure> {
    Ok(sessions::of_person(connection, person)?.iter().filter(|session| !is_over(session, desk)).count())
}

/// Notes that a session is in use.
pub fn seen(desk: &Desk, secret: &str) -> Result<(), Failure> {
    let hash = hash_of(secret);
    desk.write(&Actor::System("session"), move |tx| Ok(sessions::touch(tx, &hash)?))
}

/// Ends a session.
pub fn out(desk: &Desk, secret: &str) -> Result<(), Failure> {
    let hash = hash_of(secret);
    desk.write(&Actor::System("sign-out"), move |tx| Ok(sessions::end(tx, &hash)?))
}

/// Ends every session of the person who asks, this one too.
pub fn out_everywhere(desk: &Desk, actor: &Actor) -> Result<(), Failure> {
    let id = super::sight::person_id(actor)?;
    desk.write(actor, move |tx| Ok(sessions::end_all(tx, &id, None)?))
}

/// Minutes for which the link of the first administrator works.
pub const SETUP_LINK_MINUTES: i64 = 30;

/// A fresh one-time link, if nobody exists yet.
pub fn setup_link(desk: &Desk) -> Result<Option<String>, Failure> {
    if !desk.read(|connection| Ok(people::is_empty(connection)?))? {
        return Ok(None);
    }
    let secret = fresh_secret()?;
    let hash = hash_of(&secret);
    desk.write(&Actor::System("start"), move |tx| {
        let end = tx.now().plus(Duration::minutes(SETUP_LINK_MINUTES));
        Ok(sessions::keep_setup_link(tx, &hash, end)?)
    })?;
    Ok(Some(secret))
}

/// Does this link still open the set-up page?
pub fn setup_link_works(desk: &Desk, link: &str) -> Result<bool, Failure> {
    desk.read(|connection| {
        Ok(people::is_empty(connection)? && sessions::setup_link_works(connection, &hash_of(link), desk.now())?)
    })
}
