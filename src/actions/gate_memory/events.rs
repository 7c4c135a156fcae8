//! Telling whoever listens which gates opened, closed or narrowed.
//!
//! The follower's thread compares each gate that a change may concern with what was last told of it. While nobody
//! listens, nothing is compared.

use super::super::{Failure, sight};
use super::held::{Concerned, Held};
use super::{GateMemory, lock};
use crate::domain::automation::{Environment, RunScope};
use crate::domain::gate::{self, Verdict};
use crate::domain::ids::AutomationId;
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::words::words;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast;

/// Events that wait for a slow listener; one who falls further behind is cut off, and begins anew.
const WAITING_MAX: usize = 4_096;
/// Streams open at once on this node.
pub const LISTENERS_MAX: usize = 1_000;

words! {
    /// What happened to a gate.
    EventKind {
        Opened = "opened",
        Closed = "closed",
        Narrowed = "narrowed",
    }
}

/// What is told of a gate.
#[derive(Clone, Debug, Serialize)]
pub struct GateEvent {
    /// Slug of the automation.
    pub automation: String,
    /// Where.
    pub environment: Environment,
    /// `open` or `closed`.
    pub verdict: &'static str,
    /// How far it opens; none while closed.
    pub scope: Option<RunScope>,
    /// When it was decided.
    pub at: String,
    /// What happened.
    #[serde(skip)]
    pub kind: EventKind,
    #[serde(skip)]
    id: AutomationId,
}

/// How each gate stands now, and the receiver of what comes after: nothing is lost between the two.
pub struct Listening {
    /// One event for each gate that is theirs to hear of.
    pub now: Vec<GateEvent>,
    /// What happens from now on, of all gates: [`GateMemory::may_hear`] says which are theirs.
    pub next: broadcast::Receiver<Arc<GateEvent>>,
}

pub(super) struct Events {
    /// What changed and was not told yet.
    pending: Mutex<Concerned>,
    woken: Condvar,
    told: Mutex<Told>,
}

/// What was last told; nothing while nobody listens.
#[derive(Default)]
struct Told {
    sender: Option<broadcast::Sender<Arc<GateEvent>>>,
    scopes: HashMap<(AutomationId, Environment), Option<RunScope>>,
    /// Gates that time alone will change, and when.
    due: HashMap<AutomationId, Moment>,
}

impl Events {
    pub(super) fn new() -> Self {
        Self { pending: Mutex::default(), woken: Condvar::new(), told: Mutex::default() }
    }

    /// Notes a change and wakes the thread that tells of it.
    pub(super) fn note(&self, concerned: Concerned) {
        if concerned != Concerned::None {
            lock(&self.pending).add(concerned);
            self.woken.notify_all();
        }
    }

    pub(super) fn wake(&self) {
        let _pending = lock(&self.pending);
        self.woken.notify_all();
    }

    /// Waits for a change, at most so long.
    pub(super) fn wait(&self, most: Duration) {
        let pending = lock(&self.pending);
        if *pending == Concerned::None && most > Duration::ZERO {
            drop(self.woken.wait_timeout(pending, most).unwrap_or_else(PoisonError::into_inner));
        }
    }
}

impl GateMemory {
    /// Begins to listen. `only`: of one automation. Blocks while all gates are looked at: call it on a blocking thread.
    pub fn listen(&self, actor: &Actor, only: Option<&str>) -> Result<Listening, Failure> {
        sight::somewhere(actor, Act::AskGate)?;
        if !self.is_fresh() {
            return Err(Failure::Unavailable("the gate's memory cannot be shown to be fresh".into()));
        }
        let mut told = lock(&self.events.told);
        if told.sender.as_ref().is_some_and(|sender| sender.receiver_count() >= LISTENERS_MAX) {
            let why = "Too many listen already. Ask the gate instead, or try again later.".to_owned();
            return Err(Failure::Busy { why, seconds: 60 });
        }
        let rows = self.rows();
        let held = rows.as_ref().ok_or_else(|| Failure::Unavailable("the gate's memory is not read yet".into()))?;
        let only = only.map(|slug| held.by_slug(slug).ok_or(Failure::NotFound)).transpose()?;
        if let Some(automation) = only {
            sight::over_automation(actor, automation, Act::AskGate)?;
        }
        let now = self.clock.now();
        if told.sender.is_none() {
            told.begin(held, now);
        }
        let next = match &told.sender {
            Some(sender) => sender.subscribe(),
            None => return Err(Failure::Broken("nobody tells of gates".into())),
        };
        let theirs = held
            .automations()
            .filter(|row| only.is_none_or(|only| only.id == row.id))
            .filter(|row| sight::over_automation(actor, row, Act::AskGate).is_ok());
        let now = theirs
            .flat_map(|row| Environment::ALL.iter().map(move |environment| (row, *environment)))
            .map(|(row, environment)| {
                let scope = told.scopes.get(&(row.id.clone(), environment)).copied().flatten();
                let kind = if scope.is_some() { EventKind::Opened } else { EventKind::Closed };
                GateEvent::new(row.id.clone(), &row.slug, environment, scope, kind, now)
            })
            .collect();
        Ok(Listening { now, next })
    }

    /// Streams that are open on this node.
    pub fn listeners(&self) -> usize {
        lock(&self.events.told).sender.as_ref().map_or(0, broadcast::Sender::receiver_count)
    }

    /// Is this token still one that may hear of this gate? Asked before each event: rights may be taken meanwhile.
    pub fn may_hear(&self, token: &str, event: &GateEvent) -> bool {
        let hash = Sha256::digest(token.as_bytes()).into();
        let rows = self.rows();
        let Some(held) = rows.as_ref() else { return false };
        let Some((actor, _)) = held.bearer(&hash, self.clock.now()) else { return false };
        held.automation(&event.id).is_some_and(|row| sight::over_automation(&actor, row, Act::AskGate).is_ok())
    }

    /// Ends all streams; listeners come back, and begin with how things stand then.
    pub fn end_listening(&self) {
        *lock(&self.events.told) = Told::default();
    }

    /// Tells what changed since the last time, and what time alone changed.
    pub(super) fn tell_listeners(&self) {
        let changed = std::mem::take(&mut *lock(&self.events.pending));
        let mut told = lock(&self.events.told);
        let heard = told.sender.as_ref().is_some_and(|sender| sender.receiver_count() > 0);
        if !heard || !self.is_fresh() {
            // Who hears of gates that nobody can vouch for would rely on them.
            *told = Told::default();
            return;
        }
        let now = self.clock.now();
        let rows = self.rows();
        let Some(held) = rows.as_ref() else { return };
        let mut concerned = changed;
        for (id, _) in told.due.iter().filter(|(_, due)| **due <= now) {
            concerned.add(Concerned::one(id));
        }
        let mut events = Vec::new();
        match concerned {
            Concerned::None => {}
            Concerned::All => held.automations().for_each(|row| told.look(held, &row.id, now, &mut events)),
            Concerned::Some(some) => some.iter().for_each(|id| told.look(held, id, now, &mut events)),
        }
        if let Some(sender) = &told.sender {
            // Nobody hears it any more: that is no fault.
            events.into_iter().for_each(|event| drop(sender.send(Arc::new(event))));
        }
    }
}

impl Told {
    fn begin(&mut self, held: &Held, now: Moment) {
        self.sender = Some(broadcast::Sender::new(WAITING_MAX));
        held.automations().for_each(|row| self.look(held, &row.id, now, &mut Vec::new()));
    }

    /// Compares an automation's gates with what was last told of them.
    fn look(&mut self, held: &Held, id: &AutomationId, now: Moment, events: &mut Vec<GateEvent>) {
        let Some(row) = held.automation(id) else { return };
        for environment in Environment::ALL {
            let facts = held.facts(row, *environment);
            match gate::next_change(&facts, now) {
                Some(due) => self.due.insert(id.clone(), due),
                None => self.due.remove(id),
            };
            let scope = match gate::decide(&facts, now) {
                Verdict::Open(opening) => Some(opening.scope),
                Verdict::Closed(_) => None,
            };
            let before = self.scopes.insert((id.clone(), *environment), scope).unwrap_or_default();
            let kind = match (before, scope) {
                (before, now) if before == now => continue,
                (_, None) => EventKind::Closed,
                (Some(before), Some(now)) if now < before => EventKind::Narrowed,
                (_, Some(_)) => EventKind::Opened,
            };
            events.push(GateEvent::new(id.clone(), &row.slug, *environment, scope, kind, now));
        }
    }
}

impl GateEvent {
    fn new(
        id: AutomationId,
        slug: &str,
        environment: Environment,
        scope: Option<RunScope>,
        kind: EventKind,
        now: Moment,
    ) -> Self {
        Self {
            automation: slug.to_owned(),
            environment,
            verdict: if scope.is_some() { "open" } else { "closed" },
            scope,
            at: now.rfc3339(),
            kind,
            id,
        }
    }
}
