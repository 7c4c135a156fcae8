//! The desk at which every act is done: the database, the vault, the rules of redaction, the clock.
//!
//! Acts are plain functions that block. Pages and the API call them on a blocking thread, jobs and the command line
//! directly. What is slow (redacting, hashing, files) comes before the transaction; the transaction does database work.

use super::active_rules::{ActiveRules, RuleSet};
use super::failure::Failure;
use super::gate_memory::{self, GateMemory};
use super::heartbeat::Heartbeat;
use super::signing::SigningKey;
use crate::clock::Clock;
use crate::domain::moment::Moment;
use crate::domain::person::Actor;
use crate::mail::Mailer;
use crate::redaction::{KnownValues, PlaceholderKey, Redactor, Rules};
use crate::render::Renderer;
use crate::store::idempotency::{self, FirstAnswer};
use crate::store::incidents::IncidentRow;
use crate::store::jobs::{self, JobRow};
use crate::store::sites::SiteRow;
use crate::store::{Connection, Database, Tx};
use crate::vault::{Signer, Vault};
use chrono::Duration;
use serde::Serialize;
use std::sync::{Arc, OnceLock};

/// Limits that an installation may set.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Largest uploaded file, bytes.
    pub upload_bytes: u64,
    /// Largest message that `mail-in` takes, bytes.
    pub mail_in_bytes: u64,
    /// Days that an original is kept sealed.
    pub original_days: i64,
    /// Seconds that a lease is good for.
    pub lease_seconds: i64,
    /// How old what the gate answers from may be, milliseconds; past it the gate is closed.
    pub gate_staleness_ms: i64,
    /// Days that an API token works when nothing else is said.
    pub token_days: i64,
    /// Hours of a session.
    pub session_hours: i64,
    /// Hours after which a session that nobody uses is over; 0: it lasts as long as any.
    pub idle_hours: i64,
    /// Failed runs within [`Limits::failure_minutes`] that pause an automation which names no limit of its own.
    pub failure_limit: i32,
    /// The window of that limit, minutes.
    pub failure_minutes: i32,
    /// Days from asking for a review of an automation until it is overdue.
    pub review_days: i64,
    /// Reviewed and accepted successful runs after which an approval requirement may be relaxed.
    pub relax_runs: i64,
    /// Hours that an automation soaks at read only before its scope may be widened.
    pub soak_read_only_hours: i64,
    /// Hours that it soaks at narrow.
    pub soak_narrow_hours: i64,
    /// Reviewed and accepted runs of a phase that the next one asks for.
    pub phase_runs: i64,
    /// Longest break-glass opening, hours.
    pub override_hours: i64,
    /// Days that people on a site in roll-out have for learning, and to learn what changed.
    pub training_days: i64,
    /// Shortest time between two comparisons of all rows with the audit chain, minutes.
    pub integrity_minutes: i64,
    /// Largest picture of an asset, bytes.
    pub asset_bytes: u64,
    /// Most pixels of it: what a small file unfolds to.
    pub asset_pixels: u64,
    /// Days after which a rejected asset is removed.
    pub asset_rejected_days: i64,
    /// Days for which the answers about using an asset again count.
    pub asset_reuse_days: i64,
    /// Hours between two reminders of a pause without a reason.
    pub reason_hours: i64,
    /// Days that a switch may go untried before the board shows it in amber.
    pub drill_days: i64,
    /// Largest text on the rule bench, bytes.
    pub bench_bytes: usize,
    /// How many times more than a plain word a rule of the organisation's may cost on a text made to hurt it.
    pub rule_cost: i64,
    /// Files of past evidence on which a rule is tried before it is saved; the newest ones.
    pub preview_files: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            upload_bytes: 256 * 1024 * 1024,
            mail_in_bytes: 32 * 1024 * 1024,
            original_days: 30,
            lease_seconds: 60,
            gate_staleness_ms: 1000,
            token_days: 365,
            session_hours: 12,
            idle_hours: 12,
            failure_limit: 3,
            failure_minutes: 60,
            review_days: 7,
            relax_runs: 10,
            soak_read_only_hours: 24,
            soak_narrow_hours: 72,
            phase_runs: 3,
            override_hours: 4,
            training_days: 14,
            integrity_minutes: 10,
            asset_bytes: 20 * 1024 * 1024,
            asset_pixels: 50_000_000,
            asset_rejected_days: 7,
            asset_reuse_days: 30,
            reason_hours: 4,
            drill_days: 30,
            bench_bytes: 256 * 1024,
            rule_cost: 20,
            preview_files: 500,
        }
    }
}

/// Everything an act needs. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    db: Database,
    /// Keys and files.
    pub vault: Vault,
    /// The time.
    pub clock: Clock,
    /// The rules of redaction that are in force.
    pub active_rules: Arc<ActiveRules>,
    /// Templates, for reports.
    pub renderer: Arc<Renderer>,
    /// Limits of this installation.
    pub limits: Arc<Limits>,
    /// What signs bundles, leases and audit heads.
    pub signer: Arc<SigningKey>,
    /// What the gate is answered from.
    pub gate: Arc<GateMemory>,
    /// Whether background work is still done here.
    pub background: Arc<Heartbeat>,
    /// How mail leaves.
    pub mailer: Arc<Mailer>,
    /// Address under which people reach the pages, for links in mail.
    base_url: Arc<str>,
    once: Option<Once>,
}

/// The `Idempotency-Key` of a request, hashed, with its body's hash.
#[derive(Clone)]
struct Once {
    key_hash: String,
    /// Empty until a body that streams in has been read to its end.
    request_hash: Arc<OnceLock<String>>,
    status: u16,
    /// A person sent it, and reads the answer.
    of_form: bool,
}

/// Hours for which a first answer is repeated.
const ANSWERS_KEPT_HOURS: i64 = 48;
/// What is said of a form that was sent, changed and sent again. It is shown again with a key of its own.
const SENT_BEFORE: &str = "This form was sent before, and what it said then is saved. What you changed since is not: look at what is saved, then send this if it is still wanted.";
const ANSWER_PURPOSE: &str = "first answer";
const INCIDENT_KEY_PURPOSE: &str = "incident key";
const KNOWN_VALUES_PURPOSE: &str = "known values";

/// What an act answers: its JSON is the body of the API's answer, and what is repeated to a repeated request.
pub trait Answer: Serialize {
    /// Where the thing that was made can be found.
    fn location(&self) -> Option<String> {
        None
    }
}

impl Desk {
    /// Sets up the desk; makes the signing key on first start.
    pub fn open(
        db: Database,
        vault: Vault,
        clock: Clock,
        rules: Arc<Rules>,
        renderer: Arc<Renderer>,
        mailer: Arc<Mailer>,
        limits: Limits,
    ) -> Result<Self, Failure> {
        let signer = Arc::new(SigningKey::open(&db, &vault, &clock)?);
        let active_rules = Arc::new(ActiveRules::open(&db, rules)?);
        let gate = GateMemory::new(&db, &clock, signer.clone(), gate_memory::Bounds::of(&limits));
        Ok(Self {
            db,
            vault,
            clock,
            active_rules,
            renderer,
            limits: Arc::new(limits),
            signer,
            gate: Arc::new(gate),
            background: Arc::default(),
            mailer,
            base_url: Arc::from(""),
            once: None,
        })
    }

    /// The same desk, whose mail links to pages under this address.
    pub fn linking_to(self, base_url: &str) -> Self {
        Self { base_url: Arc::from(base_url), ..self }
    }

    /// The whole address of a page.
    pub(super) fn address_of(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    /// Where others find the public keys of bundles; none where only this machine is reached.
    pub(super) fn address_of_keys(&self) -> Option<String> {
        self.base_url.starts_with("https://").then(|| self.address_of("/.well-known/allclear-keys.json"))
    }

    /// Now.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// The rules of redaction that are in force.
    pub fn rules(&self) -> Arc<Rules> {
        self.active_rules.current().rules
    }

    /// The same, after a look at what is new in the database.
    pub fn refresh_rules(&self) -> Result<RuleSet, Failure> {
        self.active_rules.refresh(&self.db)
    }

    /// Reads one snapshot.
    pub fn read<T>(&self, f: impl FnOnce(&mut Connection) -> Result<T, Failure>) -> Result<T, Failure> {
        self.db.read(f)
    }

    /// This desk for one request that must be done once: a repeat gets the first answer, another body is refused.
    /// `status` is the status of that answer.
    pub fn once(&self, actor: &Actor, path: &str, key: &str, body: &[u8], status: u16) -> Self {
        let desk = self.once_streamed(actor, path, key, status);
        desk.body_was(body);
        desk
    }

    /// Like [`Desk::once`], for a form that somebody may send, change and send again. `said` is what it says.
    pub fn once_of_form(&self, actor: &Actor, path: &str, key: &str, said: &[u8]) -> Self {
        let mut desk = self.once(actor, path, key, said, 303);
        if let Some(once) = &mut desk.once {
            once.of_form = true;
        }
        desk
    }

    /// Like [`Desk::once`], for a body that streams in: [`Desk::body_was`] says what it was once it has been read.
    pub fn once_streamed(&self, actor: &Actor, path: &str, key: &str, status: u16) -> Self {
        let named = format!("{}\n{path}\n{key}", actor.reference());
        let key_hash = self.vault.fingerprint("idempotency key", named.as_bytes());
        Self { once: Some(Once { key_hash, request_hash: Arc::default(), status, of_form: false }), ..self.clone() }
    }

    /// This desk for an act that is only a part of its request: the answer that is kept is that of another one.
    pub(super) fn in_passing(&self) -> Self {
        Self { once: None, ..self.clone() }
    }

    /// Says what the body of this request was; only a keyed hash of it is kept.
    pub(super) fn body_was(&self, body: &[u8]) {
        if let Some(once) = &self.once {
            once.request_hash.get_or_init(|| self.vault.fingerprint("idempotency body", body));
        }
    }

    /// The first answer, if this request was answered before. Looked up before costly work; the transaction of the
    /// act looks again.
    pub fn answered_before(&self) -> Result<(), Failure> {
        let Some(once) = &self.once else { return Ok(()) };
        if once.request_hash.get().is_none() {
            return Ok(());
        }
        self.read(|connection| once.check(connection, &self.vault))
    }

    /// Writes in one transaction. Only actions call it.
    pub(super) fn write<T: Send + 'static>(
        &self,
        actor: &Actor,
        f: impl FnOnce(&mut Tx) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let (outcome, written) = self.db.write_told(actor, self.now(), f)?;
        // A pause holds before the answer to it is given.
        self.gate.follow(&written);
        Ok(outcome)
    }

    /// Writes in one transaction and keeps the answer in it, so that a repeated request is answered alike.
    pub(super) fn answer<T: Answer + Send + 'static>(
        &self,
        actor: &Actor,
        f: impl FnOnce(&mut Tx) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let (once, vault) = (self.once.clone(), self.vault.clone());
        self.write(actor, move |tx| {
            if let Some(once) = &once {
                once.check(tx.connection(), &vault)?;
            }
            let answer = f(tx)?;
            if let Some(once) = &once {
                once.keep(tx, &vault, &answer)?;
            }
            Ok(answer)
        })
    }

    /// A `Message-ID` (RFC 5322) of our own.
    pub(super) fn fresh_message_id(&self) -> String {
        let from = self.mailer.from();
        let host = from.rsplit('@').next().unwrap_or("localhost");
        format!("<{}@{host}>", uuid::Uuid::new_v4().simple())
    }

    /// Takes what was overwritten out of the database's files.
    pub(super) fn forget_overwritten(&self) -> Result<(), Failure> {
        Ok(self.db.forget_overwritten()?)
    }

    /// Takes a piece of background work; false when another node was faster.
    pub fn claim_job(&self, job: &JobRow, span: Duration) -> Result<bool, Failure> {
        let job = job.clone();
        self.write(&Actor::System("jobs"), move |tx| Ok(jobs::claim(tx, &job, span)?))
    }

    /// The work is done.
    pub fn finish_job(&self, job: &JobRow) -> Result<(), Failure> {
        let id = job.id.clone();
        self.write(&Actor::System("jobs"), move |tx| Ok(jobs::finish(tx, &id)?))
    }

    /// The work failed; it is tried again after `wait`. `why`: what somebody may have to repair.
    pub fn postpone_job(&self, job: &JobRow, wait: Duration, why: Option<String>) -> Result<(), Failure> {
        let id = job.id.clone();
        self.write(&Actor::System("jobs"), move |tx| {
            let run_at = tx.now().plus(wait);
            Ok(jobs::postpone(tx, &id, run_at, why.as_deref())?)
        })
    }

    /// A new key for an incident's placeholders, wrapped.
    pub(super) fn fresh_incident_key(&self) -> Result<String, Failure> {
        Ok(self.vault.wrap(INCIDENT_KEY_PURPOSE, Signer::fresh_seed()?.as_slice())?)
    }

    /// The redactor of an incident: its key, its known values, its site's own domains.
    pub(super) fn redactor(&self, incident: &IncidentRow, site: &SiteRow) -> Result<Redactor, Failure> {
        let redactor = self.redactor_with_key(&incident.secret_key, site)?;
        Ok(redactor.with_known(&self.known_values(incident)?))
    }

    /// The same with other rules than those in force.
    pub(super) fn redactor_by(
        &self,
        rules: Arc<Rules>,
        incident: &IncidentRow,
        site: &SiteRow,
    ) -> Result<Redactor, Failure> {
        let redactor = Redactor::new(rules, self.incident_key(&incident.secret_key)?);
        Ok(redactor.with_own_domains(&own_domains(site)).with_known(&self.known_values(incident)?))
    }

    /// The redactor of an incident that is being filed.
    pub(super) fn redactor_with_key(&self, wrapped_key: &str, site: &SiteRow) -> Result<Redactor, Failure> {
        let key = self.incident_key(wrapped_key)?;
        Ok(Redactor::new(self.rules(), key).with_own_domains(&own_domains(site)))
    }

    /// The key of an incident's placeholders.
    pub(super) fn incident_key(&self, wrapped_key: &str) -> Result<PlaceholderKey, Failure> {
        Ok(PlaceholderKey::from_bytes(self.vault.unwrap(INCIDENT_KEY_PURPOSE, wrapped_key)?.as_key()?))
    }

    /// The values that an incident's texts and evidence revealed so far.
    pub(super) fn known_values(&self, incident: &IncidentRow) -> Result<KnownValues, Failure> {
        let Some(wrapped) = &incident.known_values else { return Ok(KnownValues::new()) };
        let plain = self.vault.unwrap(KNOWN_VALUES_PURPOSE, wrapped)?;
        KnownValues::from_plain_bytes(plain.expose()).map_err(|_| Failure::Broken("known values are damaged".into()))
    }

    /// Known values as they are stored; nothing when there are none.
    pub(super) fn wrap_known(&self, known: &KnownValues) -> Result<Option<String>, Failure> {
        if known.is_empty() {
            return Ok(None);
        }
        Ok(Some(self.vault.wrap(KNOWN_VALUES_PURPOSE, &known.to_plain_bytes())?))
    }
}

/// The hosts of a site's own addresses: an e-mail there is marked as the site's.
fn own_domains(site: &SiteRow) -> Vec<String> {
    [Some(&site.production_url), site.staging_url.as_ref()]
        .into_iter()
        .flatten()
        .filter_map(|address| url::Url::parse(address).ok()?.host_str().map(str::to_owned))
        .collect()
}

impl Once {
    fn request_hash(&self) -> Result<&String, Failure> {
        self.request_hash.get().ok_or_else(|| Failure::Broken("the body of a request was not hashed".into()))
    }

    fn check(&self, connection: &mut Connection, vault: &Vault) -> Result<(), Failure> {
        match idempotency::find(connection, &self.key_hash)? {
            None => Ok(()),
            Some(first) if first.request_hash != *self.request_hash()? => Err(match self.of_form {
                true => Failure::field("", SENT_BEFORE),
                false => Failure::KeyReused,
            }),
            Some(first) => Err(Failure::Repeated {
                status: u16::try_from(first.status).unwrap_or(200),
                location: first.location,
                answer: String::from_utf8_lossy(vault.unwrap(ANSWER_PURPOSE, &first.answer)?.expose()).into_owned(),
            }),
        }
    }

    /// The answer is kept encrypted: that of a new token holds the token.
    fn keep(&self, tx: &mut Tx, vault: &Vault, answer: &impl Answer) -> Result<(), Failure> {
        let expires_at = tx.now().plus(Duration::hours(ANSWERS_KEPT_HOURS));
        let body = serde_json::to_vec(answer).map_err(|e| Failure::Broken(e.to_string()))?;
        idempotency::keep(
            tx,
            &FirstAnswer {
                key_hash: self.key_hash.clone(),
                request_hash: self.request_hash()?.clone(),
                status: i32::from(self.status),
                location: answer.location(),
                answer: vault.wrap(ANSWER_PURPOSE, &body)?,
                expires_at,
            },
        )?;
        Ok(())
    }
}
