//! A small model, checked exhaustively: several people press in every order, and after each press the running store and
//! a few lines of pure rules must say the same. No order opens a gate that the rules close.
//!
//! A press that is refused changes nothing, which is checked where it is first met; so only orders of presses that are
//! accepted have to be walked, and every order with refused ones in between is one of them. Walked are all orders of
//! three, and from each state that five presses can lead to every further press.

use crate::story::{PROOF, Story, file, whole_review};
use allclear::actions::pause::{self, Switch};
use allclear::actions::write_review::{self, ReviewForm};
use allclear::actions::{Failure, ask_gate, checks, restart};
use allclear::domain::automation::RunScope;
use allclear::domain::person::{Actor, Role};
use allclear::domain::review::{ChangeKind, Decision, Outcome, RequestState};
use allclear::store::{Address, audit, automations, incidents, pauses, restarts};
use std::collections::HashSet;

/// Presses in one order. `ALLCLEAR_TEST_ORDERS` asks for longer ones.
const LENGTH: usize = 3;
/// Walks over one incident.
const FRESH_AFTER: usize = 20;
/// Presses that lead to the states from which every press is tried.
const DEPTH: usize = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Press {
    AskOmar,
    AskAnna,
    ApproveAda,
    ApproveAnna,
    Decline,
    EditReview,
    Fail,
    Pass,
    Pause,
    Release,
}

use Press::*;
const PRESSES: [Press; 10] =
    [AskOmar, AskAnna, ApproveAda, ApproveAnna, Decline, EditReview, Fail, Pass, Pause, Release];

/// The rules, told again in a few lines: nothing of the program is used here.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Model {
    /// Does the incident hold the automation?
    held: bool,
    /// Pauses by hand.
    by_hand: u8,
    passed: bool,
    /// An open request, and whether Anna asked.
    asked: Option<bool>,
    /// Is there an approval that still stands?
    approved: bool,
}

impl Model {
    const READY: Model = Model { held: true, by_hand: 0, passed: true, asked: None, approved: false };

    /// What the press leads to; none when it is refused.
    fn after(&self, press: Press) -> Option<Model> {
        let mut next = self.clone();
        match press {
            AskOmar | AskAnna => {
                if !self.held || !self.passed || self.asked.is_some() {
                    return None;
                }
                next.asked = Some(press == AskAnna);
            }
            ApproveAda | ApproveAnna | Decline => {
                let by_anna = self.asked?;
                if press == ApproveAnna && by_anna {
                    return None;
                }
                next.asked = None;
                if press != Decline {
                    next.held = false;
                    next.approved = true;
                }
            }
            EditReview | Fail | Pass => {
                // The ground moved: what was asked or approved on it is void, and what was lifted is paused again.
                next.asked = None;
                next.held = self.held || self.approved;
                next.approved = false;
                next.passed = if press == EditReview { self.passed } else { press == Pass };
            }
            Pause => next.by_hand += 1,
            Release => next.by_hand = self.by_hand.checked_sub(1)?,
        }
        Some(next)
    }

    fn open(&self) -> bool {
        !self.held && self.by_hand == 0
    }
}

/// The running store.
struct Real {
    story: Story,
    check: String,
    people: [Actor; 4],
    edits: u32,
    _folder: Option<tempfile::TempDir>,
}

impl Real {
    fn ready() -> Self {
        // A commit waits for the disk, and what is checked here does not need one.
        let folder = tempfile::tempdir_in("/dev/shm").ok();
        let story = Story::begin_with(|config| {
            if let (Some(folder), Address::Sqlite(_)) = (&folder, &config.database) {
                config.database = Address::Sqlite(folder.path().join("allclear.db"));
            }
        });
        let anna = story.add("anna@example.org", "Anna", Role::Administrator);
        let work = story.complete();
        let app = &story.app;
        let people = [&app.admin, &app.lead, &app.owner, &anna].map(|email| app.actor(email));
        Self { check: work.check, people, edits: 0, story, _folder: folder }
    }

    /// Another automation and another incident in the same app.
    fn afresh(self, number: usize) -> Self {
        let app = self.story.app;
        let slug = app.automation(&format!("order-mails-{number}"));
        let reference = file(&app, "Mails go out twice", &slug);
        let story = Story { app, slug, reference };
        let work = story.complete();
        Self { check: work.check, story, ..self }
    }

    fn press(&mut self, press: Press) -> Result<(), Failure> {
        let [ada, lena, omar, anna] = &self.people;
        let (desk, reference) = (&self.story.app.desk, self.story.reference.as_str());
        let ask = |who| restart::ask(desk, who, reference, RunScope::Narrow, "All checks passed.").map(drop);
        let record = |outcome| checks::record(desk, omar, &self.check, outcome, PROOF).map(drop);
        let decide = |who, decision| {
            let request = self.open_request().ok_or(Failure::NotFound)?;
            restart::decide(desk, who, &request, decision, "The checks cover what went wrong.").map(drop)
        };
        match press {
            AskOmar => ask(omar),
            AskAnna => ask(anna),
            ApproveAda => decide(ada, Decision::Approved),
            ApproveAnna => decide(anna, Decision::Approved),
            Decline => decide(ada, Decision::Declined),
            Fail => record(Outcome::Fail),
            Pass => record(Outcome::Pass),
            Pause => pause::run(desk, lena, &Switch::Automation(self.story.slug.clone()), None, None).map(drop),
            Release => {
                let id = self.by_hand().ok_or(Failure::NotFound)?;
                pause::release(desk, omar, &id, "Looked at it.").map(drop)
            }
            EditReview => {
                self.edits += 1;
                write_review::run(desk, lena, reference, None, review(self.edits)).map(drop)
            }
        }
    }

    fn open_request(&self) -> Option<String> {
        let found = self.story.app.desk.read(|c| {
            let incident = incidents::by_reference(c, &self.story.reference)?.unwrap();
            Ok(restarts::of_incident(c, &incident.id)?)
        });
        let open = found.unwrap().into_iter().find(|request| request.state == RequestState::Open);
        open.map(|request| request.id.to_string())
    }

    fn by_hand(&self) -> Option<String> {
        let holding = self.story.app.desk.read(|c| Ok(pauses::all_holding(c)?)).unwrap();
        holding.into_iter().find(|(pause, _)| pause.incident_id.is_none()).map(|(pause, _)| pause.id.to_string())
    }

    fn is_open(&self) -> bool {
        let desk = &self.story.app.desk;
        let verdict = desk.read(|c| {
            let row = automations::by_slug(c, &self.story.slug)?.unwrap();
            ask_gate::verdict(c, &row, desk.now())
        });
        verdict.unwrap().is_open()
    }

    fn head(&self) -> i64 {
        self.story.app.desk.read(|c| Ok(audit::head(c)?.0)).unwrap()
    }

    /// Back to the beginning: everything as it was, nothing asked, nothing approved.
    fn back(&mut self, model: &Model) {
        (0..model.by_hand).for_each(|_| self.press(Release).unwrap());
        if model.asked.is_some() || !model.held || !model.passed {
            self.press(Pass).unwrap();
        }
        assert!(!self.is_open() && self.open_request().is_none());
    }
}

fn review(edit: u32) -> ReviewForm {
    let whole = whole_review();
    let text = |field: &str| whole[field].as_str().unwrap().to_owned();
    ReviewForm {
        root_cause: format!("The retry queue ignored the pause flag, as seen {edit} times."),
        detection_gaps: text("detection_gaps"),
        missing_evidence: text("missing_evidence"),
        safeguards_worked: text("safeguards_worked"),
        safeguards_failed: text("safeguards_failed"),
        change_kind: Some(ChangeKind::Runbook),
        change_link: "https://wiki.example/runbook".into(),
        change_before: "4".into(),
        change_after: "5".into(),
    }
}

/// Every order of accepted presses of this length.
fn orders(length: usize) -> Vec<Vec<Press>> {
    let mut grown: Vec<(Vec<Press>, Model)> = vec![(Vec::new(), Model::READY)];
    for _ in 0..length {
        let longer = |(order, model): &(Vec<Press>, Model)| {
            let next = PRESSES.iter().filter_map(|press| {
                let mut order = order.clone();
                order.push(*press);
                Some((order, model.after(*press)?))
            });
            next.collect::<Vec<_>>()
        };
        grown = grown.iter().flat_map(longer).collect();
    }
    grown.into_iter().map(|(order, _)| order).collect()
}

/// For each state that so many presses can lead to: a shortest way there, and from there each press that is accepted.
fn transitions(depth: usize) -> Vec<Vec<Press>> {
    let mut known: HashSet<Model> = HashSet::from([Model::READY]);
    let mut edge: Vec<(Vec<Press>, Model)> = vec![(Vec::new(), Model::READY)];
    let mut all = Vec::new();
    for _ in 0..=depth {
        let mut next_edge = Vec::new();
        for (way, model) in edge {
            for (press, next) in PRESSES.into_iter().filter_map(|press| Some((press, model.after(press)?))) {
                let mut order = way.clone();
                order.push(press);
                if next.by_hand <= 2 && known.insert(next.clone()) {
                    next_edge.push((order.clone(), next));
                }
                all.push(order);
            }
        }
        edge = next_edge;
    }
    all
}

#[test]
fn no_order_of_presses_opens_a_gate_that_the_rules_close() {
    let length = std::env::var("ALLCLEAR_TEST_ORDERS").ok().and_then(|text| text.parse().ok()).unwrap_or(LENGTH);
    let mut real = Real::ready();
    let mut met: HashSet<Model> = HashSet::new();
    let (mut walked, mut opened) = (0, 0);
    let mut all = orders(length);
    all.extend(transitions(DEPTH).into_iter().filter(|order| order.len() > length));
    for order in all {
        let mut model = Model::READY;
        for (at, press) in order.iter().enumerate() {
            // In each state that is new: whatever the rules refuse is refused, and changes nothing.
            if met.insert(model.clone()) {
                for refused in PRESSES.into_iter().filter(|press| model.after(*press).is_none()) {
                    let head = real.head();
                    assert!(real.press(refused).is_err(), "{refused:?} in {model:?}");
                    assert_eq!(real.head(), head, "{refused:?} in {model:?}");
                }
            }
            let next = model.after(*press).expect("an order of accepted presses");
            real.press(*press).unwrap_or_else(|failure| panic!("{:?}: {failure:?}", &order[..=at]));
            assert_eq!(real.is_open(), next.open(), "{:?}", &order[..=at]);
            opened += usize::from(next.open());
            model = next;
        }
        real.back(&model);
        walked += 1;
        // What an incident gathers is read again with every press: a fresh one now and then keeps every walk quick.
        if walked % FRESH_AFTER == 0 {
            real = real.afresh(walked);
        }
    }
    real.story.app.assert_audit_holds();
    assert!(walked > 100 && opened > 10 && met.len() > 8, "{walked} orders, {opened} openings, {} states", met.len());
    println!("{walked} orders, all of {length} presses among them, {} states, {opened} openings", met.len());
}
