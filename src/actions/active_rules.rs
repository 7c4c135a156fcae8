//! The rules of redaction that are in force: the product's, and the organisation's own.
//!
//! Every redactor and every second scan takes them from here. A change on this node is in force before it is answered; one
//! of another node is taken up by a thread that looks four times a second, so that no node is further behind than
//! [`LOOK_EVERY`] and the moment that it takes to compile. Evidence looks once more in the transaction that names it.

use super::heartbeat::unless_it_panics;
use super::worker::Worker;
use super::{Desk, Failure};
use crate::domain::own_rule::{OwnRule, rule_file};
use crate::redaction::{RuleError, Rules};
use crate::store::{Connection, Database, own_rules};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

/// How often the revision in the database is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// What the own rules are called in messages of the engine.
pub(super) const FILE: &str = "own rules";

/// A set of rules at one moment.
#[derive(Clone)]
pub struct RuleSet {
    /// The revision of the organisation's own rules; 0: there are none.
    pub revision: i32,
    /// The rules of the product and the organisation's.
    pub rules: Arc<Rules>,
}

impl RuleSet {
    /// Tells one set from another: a rule of the product that changed changes it, and so does one of the organisation.
    pub fn digest(&self) -> &str {
        &self.rules.fingerprint()[..12]
    }

    /// The set as reports name it: the product's version, the revision of the own rules, and what both come to.
    pub fn in_words(&self) -> String {
        let (product, digest) = (env!("CARGO_PKG_VERSION"), self.digest());
        format!("Allclear {product}, own rules revision {} ({digest})", self.revision)
    }
}

/// Holds the set that is in force.
pub struct ActiveRules {
    product: Arc<Rules>,
    current: RwLock<RuleSet>,
    compiling: Mutex<()>,
}

impl ActiveRules {
    /// Reads the organisation's rules.
    ///
    /// # Errors
    /// When the database does not answer or a rule cannot be compiled: the program does not start.
    pub(super) fn open(db: &Database, product: Arc<Rules>) -> Result<Self, Failure> {
        let current = RwLock::new(RuleSet { revision: 0, rules: product.clone() });
        let active = Self { product, current, compiling: Mutex::default() };
        active.refresh(db)?;
        Ok(active)
    }

    /// The set that is in force.
    pub fn current(&self) -> RuleSet {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The rules of the product alone.
    pub fn product(&self) -> &Arc<Rules> {
        &self.product
    }

    /// Takes up what is new in the database.
    pub(super) fn refresh(&self, db: &Database) -> Result<RuleSet, Failure> {
        let known = self.current();
        if db.read(|connection| Ok::<_, Failure>(own_rules::revision(connection)?))? == known.revision {
            return Ok(known);
        }
        let _one = self.compiling.lock().unwrap_or_else(PoisonError::into_inner);
        let (revision, rows) =
            db.read(|connection| Ok::<_, Failure>((own_rules::revision(connection)?, in_force(connection)?)))?;
        let set = match rows.as_slice() {
            [] => RuleSet { revision, rules: self.product.clone() },
            own => {
                let rules = compiled(own)?.map_err(|error| Failure::Broken(format!("a rule of redaction: {error}")))?;
                RuleSet { revision, rules: Arc::new(rules) }
            }
        };
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = set.clone();
        Ok(set)
    }
}

/// The own rules that are switched on.
pub(super) fn in_force(connection: &mut Connection) -> Result<Vec<OwnRule>, Failure> {
    let newest = own_rules::newest(connection)?;
    Ok(newest.into_iter().filter(|row| row.active).map(|row| row.definition.into_inner()).collect())
}

/// The rules of the product with these.
pub(super) fn compiled(own: &[OwnRule]) -> Result<Result<Rules, RuleError>, Failure> {
    let file = rule_file(own.iter()).map_err(Failure::Broken)?;
    Ok(Rules::embedded_with(&[(FILE, &file)]))
}

/// Starts the thread that takes up what other nodes write.
///
/// # Errors
/// When the system gives no thread.
pub fn follow(desk: Desk) -> std::io::Result<Worker> {
    Worker::start("rules", move |stop| {
        while !stop.is_told() {
            if let Err(failure) = unless_it_panics(|| desk.refresh_rules()) {
                tracing::warn!(%failure, "the organisation's rules of redaction cannot be read");
            }
            stop.rest(LOOK_EVERY);
        }
    })
}
