//! Background work: a loop that takes what is due, and the regular rounds.

use crate::actions::heartbeat::unless_it_panics;
use crate::actions::watch_integrity::Watch;
use crate::actions::worker::{Stop, Worker};
use crate::actions::{
    Desk, Failure, age_assets, automation_reviews, count_asks, deliver, deliver_notice, escalate_practice, flags,
    keep_practice, preview_rule, reread_evidence, rerun_rules, seal_audit_head, search_text, shred, tidy, vacancy,
    want_reason,
};
use crate::store::jobs::{self, JobRow};
use chrono::Duration;

/// How long one piece of work may take before another node takes it over.
const CLAIM_SECONDS: i64 = 600;
/// First wait after a failure; doubles up to an hour.
const FIRST_WAIT_SECONDS: i64 = 15;
const LONGEST_WAIT_SECONDS: i64 = 3600;
/// How far below the others the priority of the thread lies; 19 would be the lowest.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;
/// How often the queue is looked at.
const LOOK_EVERY: std::time::Duration = std::time::Duration::from_millis(300);
/// How often the rounds are made.
const ROUND_EVERY: std::time::Duration = std::time::Duration::from_secs(60);

/// Starts the loop on a thread of its own.
///
/// # Errors
/// When the system gives no thread.
pub fn start(desk: Desk) -> std::io::Result<Worker> {
    Worker::start("jobs", move |stop| work(&desk, stop))
}

/// Background work gives way to whoever waits for an answer: on a busy machine this thread gets about a tenth of a core
/// (nice(2); on Linux it concerns the calling thread alone).
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICENESS) {
        tracing::debug!(%error, "background work keeps its priority");
    }
}

fn work(desk: &Desk, stop: &Stop) {
    give_way();
    let mut watch = Watch::default();
    let mut last_round: Option<std::time::Instant> = None;
    // Once is enough: what is filed from now on is found from the start.
    let mut all_found = false;
    while !stop.is_told() {
        desk.background.beat();
        if last_round.is_none_or(|at| at.elapsed() >= ROUND_EVERY) {
            rounds(desk, &mut watch);
            all_found = all_found || caught_up(desk, stop);
            last_round = Some(std::time::Instant::now());
        }
        match unless_it_panics(|| run_next(desk)) {
            Ok(true) => {}
            Ok(false) => stop.rest(LOOK_EVERY),
            Err(failure) => {
                tracing::warn!(%failure, "the job queue cannot be read");
                stop.rest(LOOK_EVERY * 10);
            }
        }
    }
}

/// Does one piece of work that is due; false when there is none.
pub fn run_next(desk: &Desk) -> Result<bool, Failure> {
    run_next_by(desk, run_one)
}

/// The same; `work` knows what each kind of work is. Whatever becomes of it, also a panic, the others get their turn.
pub fn run_next_by(desk: &Desk, work: impl FnOnce(&Desk, &JobRow) -> Result<(), Failure>) -> Result<bool, Failure> {
    let now = desk.now();
    let Some(job) = desk.read(|connection| Ok(jobs::next_due(connection, now)?))? else { return Ok(false) };
    if !desk.claim_job(&job, Duration::seconds(CLAIM_SECONDS))? {
        return Ok(true);
    }
    match unless_it_panics(|| work(desk, &job)) {
        Ok(()) => desk.finish_job(&job)?,
        Err(failure) => {
            tracing::warn!(kind = %job.kind, %failure, "a job failed and will be tried again");
            let wait = (FIRST_WAIT_SECONDS << job.attempts.clamp(0, 10)).min(LONGEST_WAIT_SECONDS);
            let wait = match &failure {
                Failure::Stale => 0,
                Failure::Busy { seconds, .. } => i64::from(*seconds),
                _ => wait,
            };
            // Somebody's edit came between: nothing went wrong, and nobody has to repair anything.
            let why = (!matches!(failure, Failure::Stale)).then(|| failure.to_string());
            desk.postpone_job(&job, Duration::seconds(wait), why)?;
        }
    }
    Ok(true)
}

fn run_one(desk: &Desk, job: &JobRow) -> Result<(), Failure> {
    match job.kind.as_str() {
        reread_evidence::JOB => reread_evidence::run(desk, &job.subject).map(drop),
        preview_rule::JOB => preview_rule::run(desk, &job.subject),
        rerun_rules::JOB => rerun_rules::run(desk, &job.subject),
        deliver::JOB => deliver::run(desk, &job.subject),
        deliver_notice::JOB => deliver_notice::run(desk, &job.subject),
        kind => Err(Failure::Broken(format!("no such kind of job: {kind}"))),
    }
}

/// Are all incidents found by their words now?
fn caught_up(desk: &Desk, stop: &Stop) -> bool {
    match unless_it_panics(|| search_text::catch_up(desk, || stop.is_told())) {
        Ok(0) => true,
        Ok(made) => {
            tracing::info!(made, "incidents filed by an earlier version can be searched now");
            true
        }
        Err(failure) => {
            tracing::warn!(%failure, "not all incidents can be searched yet; this is tried again");
            false
        }
    }
}

/// A round: what it is called, and what it does.
type Round = (&'static str, fn(&Desk, &mut Watch) -> Result<(), Failure>);

const ROUNDS: [Round; 13] = [
    ("shred originals", |desk, _| shred::run(desk).map(drop)),
    ("sweep files", |desk, _| shred::sweep(desk).map(drop)),
    ("write down asks", |desk, _| count_asks::round(desk).map(drop)),
    ("forget what is over", |desk, _| tidy::run(desk)),
    ("compare rows with the audit chain", |desk, watch| watch.round(desk)),
    ("sign the audit head", |desk, _| seal_audit_head::run(desk)),
    ("call for reviews", |desk, _| keep_practice::call_round(desk)),
    ("let time pass over assets", |desk, _| age_assets::round(desk).map(drop)),
    ("escalate what practices say", |desk, _| escalate_practice::round(desk).map(drop)),
    ("notice vacancies", |desk, _| vacancy::round(desk).map(drop)),
    ("ask for reasons of pauses", |desk, _| want_reason::round(desk).map(drop)),
    ("raise flags", |desk, _| flags::round(desk).map(drop)),
    ("ask for reviews", |desk, _| automation_reviews::round(desk).map(drop)),
];

fn rounds(desk: &Desk, watch: &mut Watch) {
    for (name, round) in ROUNDS {
        desk.background.beat();
        if let Err(failure) = unless_it_panics(|| round(desk, watch)) {
            tracing::warn!(%failure, round = name, "a round failed");
        }
    }
}
