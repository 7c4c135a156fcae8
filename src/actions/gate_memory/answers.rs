//! Answers to asks: decided once and kept while they hold, with one lease for all asks of a second.

use super::super::{Failure, sight};
use super::counts::{Asks, Counts, LastAsked};
use super::held::TokenHash;
use super::{GateMemory, lock};
use crate::domain::automation::{Environment, RunScope};
use crate::domain::gate::{self, Opening, Verdict};
use crate::domain::ids::AutomationId;
use crate::domain::lease::{ISSUER, Lease, TYPE};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::Reason;
use crate::domain::switch::Fates;
use crate::store::asks::AsksRow;
use crate::store::automations::AutomationRow;
use chrono::Duration;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, OnceLock};

/// Reasons that an answer names; of more it says how many.
pub const REASONS_MAX: usize = 100;
/// Seconds for which asks of one token share a lease.
const SHARED_SECONDS: i64 = 1;
/// Answers kept in each part of the store; beyond, those that are over go, or else all.
const KEPT_MAX: usize = 2_000;
/// Parts of the store, so that asks seldom wait for each other.
const PARTS: usize = 16;

/// The answer to "may it run now?".
#[derive(Debug)]
pub enum GateAnswer {
    /// It may.
    Open(OpenGate),
    /// It may not.
    Closed(ClosedGate),
}

/// Body of a 200.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct OpenGate {
    /// Always `open`.
    pub verdict: &'static str,
    /// How far it may go.
    pub scope: RunScope,
    /// The signed permission, checkable offline.
    pub lease: String,
    /// When the lease ends.
    pub expires_at: String,
    /// Why the scope is not as wide as what was earned; empty when it is.
    pub narrowed_by: Vec<Reason>,
}

/// What a 423 says beside its title.
#[derive(Clone, Debug, Serialize)]
pub struct ClosedGate {
    /// Always `closed`.
    pub verdict: &'static str,
    /// Every reason, up to [`REASONS_MAX`].
    pub reasons: Vec<Reason>,
    /// Reasons beyond those.
    #[serde(skip_serializing_if = "is_zero")]
    pub more_reasons: usize,
    /// What becomes of running and waiting work: the strictest of all pauses. None when no pause holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fates: Option<Fates>,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// An answer that stands until something changes, with room for its body as it goes over the wire.
pub struct Prepared {
    /// The answer.
    pub answer: GateAnswer,
    /// Its body, made by whoever first needs it.
    pub body: OnceLock<bytes::Bytes>,
    revision: u64,
    from: Moment,
    until: Moment,
    lease: Option<Signed>,
    asked: LastAsked,
}

/// A lease in use, and what it was signed for.
#[derive(Clone)]
struct Signed {
    text: String,
    scope: RunScope,
    override_until: Option<Moment>,
    at: Moment,
    expires: Moment,
}

impl Prepared {
    fn holds(&self, revision: u64, now: Moment) -> bool {
        self.revision == revision && self.from <= now && now < self.until
    }
}

type Kept = HashMap<TokenHash, HashMap<(String, Environment), Arc<Prepared>>>;

#[derive(Default)]
pub(super) struct Answers {
    parts: [Mutex<Part>; PARTS],
}

#[derive(Default)]
struct Part {
    kept: Kept,
    count: usize,
}

impl Part {
    fn keep(&mut self, token: TokenHash, key: (String, Environment), prepared: Arc<Prepared>, now: Moment) {
        if self.count >= KEPT_MAX {
            self.kept.values_mut().for_each(|of_token| of_token.retain(|_, kept| now < kept.until));
            self.kept.retain(|_, of_token| !of_token.is_empty());
            self.count = self.kept.values().map(HashMap::len).sum();
        }
        if self.count >= KEPT_MAX {
            self.kept.clear();
            self.count = 0;
        }
        if self.kept.entry(token).or_default().insert(key, prepared).is_none() {
            self.count += 1;
        }
    }
}

impl GateMemory {
    /// Does this token work now?
    pub fn knows(&self, token: &str) -> Option<Actor> {
        let hash: TokenHash = Sha256::digest(token.as_bytes()).into();
        Some(self.rows().as_ref()?.bearer(&hash, self.clock.now())?.0)
    }

    /// May this automation run now? None: the token does not work. Touches neither the database nor the disk.
    pub fn ask(&self, token: &str, slug: &str, environment: Environment) -> Result<Option<Arc<Prepared>>, Failure> {
        let hash: TokenHash = Sha256::digest(token.as_bytes()).into();
        let key = (slug.to_owned(), environment);
        let (now, fresh) = (self.clock.now(), self.is_fresh());
        // One ask at a time in each part: a lease is signed once, however many ask for it at once.
        let mut part = lock(&self.answers.parts[usize::from(hash[0]) % PARTS]);
        let kept = part.kept.get(&hash).and_then(|of_token| of_token.get(&key)).cloned();
        if let Some(kept) = kept.as_ref().filter(|kept| fresh && kept.holds(self.revision.load(Ordering::Acquire), now))
        {
            self.count(kept, now);
            return Ok(Some(kept.clone()));
        }
        let made = self.decide(&hash, slug, environment, now, fresh, kept.as_deref());
        if let Ok(Some(prepared)) = &made {
            self.count(prepared, now);
            if fresh {
                part.keep(hash, key, prepared.clone(), now);
            } else {
                Counts::one(&self.counts.stale);
            }
        }
        made
    }

    /// Counts an ask that was not answered.
    pub fn count_refusal(&self) {
        Counts::one(&self.counts.refused);
    }

    fn count(&self, prepared: &Prepared, now: Moment) {
        prepared.asked.note(now);
        Counts::one(match prepared.answer {
            GateAnswer::Open(_) => &self.counts.open,
            GateAnswer::Closed(_) => &self.counts.closed,
        });
    }

    fn decide(
        &self,
        hash: &TokenHash,
        slug: &str,
        environment: Environment,
        now: Moment,
        fresh: bool,
        before: Option<&Prepared>,
    ) -> Result<Option<Arc<Prepared>>, Failure> {
        let rows = self.rows();
        let Some(held) = rows.as_ref() else {
            return Err(Failure::Unavailable("the gate's memory is not read yet".into()));
        };
        let Some((actor, token_ends)) = held.bearer(hash, now) else { return Ok(None) };
        let automation = held.by_slug(slug).ok_or(Failure::NotFound)?;
        sight::over_automation(&actor, automation, Act::AskGate)?;
        let revision = held.revision;
        let asked = self.counts.of(&automation.id);
        if !fresh {
            let closed = closed(vec![self.stale()], None);
            return Ok(Some(Arc::new(Prepared::closed(closed, revision, (now, now), asked))));
        }
        let facts = held.facts(automation, environment);
        drop(rows);
        let change = gate::next_change(&facts, now).map_or(token_ends, |change| change.min(token_ends));
        Ok(Some(Arc::new(match gate::decide(&facts, now) {
            Verdict::Closed(reasons) => {
                let fates = Fates::strictest(facts.pauses.iter().map(|pause| pause.fates));
                Prepared::closed(closed(reasons, fates), revision, (now, change), asked)
            }
            Verdict::Open(opening) => {
                let lease = self.lease(slug, environment, &opening, now, before.and_then(|b| b.lease.as_ref()));
                let until = lease.at.plus(Duration::seconds(SHARED_SECONDS)).min(change);
                let open = OpenGate {
                    verdict: "open",
                    scope: opening.scope,
                    lease: lease.text.clone(),
                    expires_at: lease.expires.rfc3339(),
                    narrowed_by: opening.narrowed_by,
                };
                let (answer, lease) = (GateAnswer::Open(open), Some(lease));
                Prepared { answer, body: OnceLock::new(), revision, from: now, until, lease, asked }
            }
        })))
    }

    /// The lease of this second, or a new one. It never outlives the override that it rests on.
    fn lease(
        &self,
        slug: &str,
        environment: Environment,
        opening: &Opening,
        now: Moment,
        before: Option<&Signed>,
    ) -> Signed {
        let shared = before.filter(|signed| {
            let age = now.utc() - signed.at.utc();
            signed.scope == opening.scope
                && signed.override_until == opening.override_until
                && age >= Duration::zero()
                && age < Duration::seconds(SHARED_SECONDS)
        });
        if let Some(shared) = shared {
            return shared.clone();
        }
        let expires = now.plus(self.bounds.lease);
        let expires = opening.override_until.map_or(expires, |until| until.min(expires));
        let claims = Lease {
            iss: ISSUER.to_owned(),
            sub: slug.to_owned(),
            scope: opening.scope,
            environment,
            iat: now.utc().timestamp(),
            exp: expires.utc().timestamp(),
            jti: uuid::Uuid::new_v4().simple().to_string(),
        };
        Counts::one(&self.counts.signed);
        // Plain values: there is nothing in them that JSON cannot hold.
        let claims = serde_json::to_value(claims).unwrap_or_default();
        let text = self.signer.sign_token(TYPE, &claims);
        Signed { text, scope: opening.scope, override_until: opening.override_until, at: now, expires }
    }

    fn stale(&self) -> Reason {
        Reason::new(
            gate::STALE,
            "The server cannot show that what it knows is up to date, so nothing may run. Ask again in a moment; if this stays, the database does not answer.",
            "administrator of this server",
        )
    }

    /// Asks since the start.
    pub fn asks(&self) -> Asks {
        self.counts.read()
    }

    /// When last and how often this automation's gate was asked on this node, as far as it is not written down yet.
    pub fn unwritten_asks(&self, automation: &AutomationId) -> (Option<Moment>, i64) {
        self.counts.unwritten(automation)
    }

    /// Takes the asks that are to be written down.
    pub(in crate::actions) fn take_asks(&self) -> Vec<AsksRow> {
        self.counts.take()
    }

    /// Puts them back, where that failed.
    pub(in crate::actions) fn put_asks_back(&self, rows: &[AsksRow]) {
        self.counts.put_back(rows);
    }
}

impl Prepared {
    fn closed(closed: ClosedGate, revision: u64, (from, until): (Moment, Moment), asked: LastAsked) -> Self {
        let answer = GateAnswer::Closed(closed);
        Self { answer, body: OnceLock::new(), revision, from, until, lease: None, asked }
    }
}

fn closed(mut reasons: Vec<Reason>, fates: Option<Fates>) -> ClosedGate {
    let more_reasons = reasons.len().saturating_sub(REASONS_MAX);
    reasons.truncate(REASONS_MAX);
    ClosedGate { verdict: "closed", reasons, more_reasons, fates }
}

impl GateMemory {
    /// What memory says of a gate now, whoever asks; none: there is no such automation.
    pub fn verdict(&self, slug: &str, environment: Environment) -> Option<Verdict> {
        let rows = self.rows();
        let held = rows.as_ref()?;
        let facts = held.facts(held.by_slug(slug)?, environment);
        Some(gate::decide(&facts, self.clock.now()))
    }

    /// Those of these automations that may run now, each where it is registered to; none while memory is not fresh.
    pub fn open_among(&self, automations: &[AutomationRow]) -> Option<HashSet<AutomationId>> {
        if !self.is_fresh() {
            return None;
        }
        let (rows, now) = (self.rows(), self.clock.now());
        let held = rows.as_ref()?;
        let open = |row: &&AutomationRow| gate::decide(&held.facts(row, row.environment), now).is_open();
        Some(automations.iter().filter(open).map(|row| row.id.clone()).collect())
    }

    /// The position of the audit chain that memory has reached; none before the start.
    pub fn position(&self) -> Option<i64> {
        Some(self.rows().as_ref()?.seq)
    }
}
