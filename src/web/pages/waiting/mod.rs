//! `/waiting`: everything that needs this person's hand, the most urgent first. Home shows its beginning and counts it
//! by the same function.

mod book;
mod kinds;
mod practices;
mod runs;
mod switches;
mod training;

use crate::actions::Failure;
use crate::domain::incident::Severity;
use crate::domain::moment::Moment;
use crate::domain::person::Actor;
use crate::store::Connection;
use crate::store::sites::SiteRow;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::page::Page;
use crate::web::shown::time;
use actix_web::{HttpRequest, HttpResponse, web};
use book::Book;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

/// Rows of one kind that are looked through; who has more to do than that sees that there is more.
const LOOKED_THROUGH: usize = 200;
/// One row more than is looked through tells whether there is more.
const ASKED_FOR: i64 = LOOKED_THROUGH as i64 + 1;

/// What kind of thing waits.
#[derive(Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Mail,
    Tell,
    Reply,
    Rotation,
    Explanation,
    Decision,
    Ask,
    Action,
    Verification,
    Check,
    Alarm,
    Review,
    Flag,
    Training,
    Practice,
    Reason,
    Drill,
    Incident,
}

/// The kinds in the order of urgency: the word in the address, and what their list is called.
const KINDS: [(Kind, &str, &str); 18] = [
    (Kind::Mail, "mail", "Mails that did not leave"),
    (Kind::Tell, "tell", "Reports to deliver by hand"),
    (Kind::Reply, "reply", "Answers to read"),
    (Kind::Rotation, "rotation", "Values to rotate"),
    (Kind::Explanation, "explanation", "Failed runs to explain"),
    (Kind::Decision, "decision", "Restarts to decide"),
    (Kind::Ask, "ask", "Restarts to ask for"),
    (Kind::Action, "action", "Your actions"),
    (Kind::Verification, "verification", "Actions to verify"),
    (Kind::Check, "check", "Checks to run"),
    (Kind::Alarm, "alarm", "Alarms that may be false"),
    (Kind::Review, "review", "Reviews of automations"),
    (Kind::Flag, "flag", "Flags to settle"),
    (Kind::Training, "training", "Procedures to learn, answers to judge, first weeks"),
    (Kind::Practice, "practice", "Practices: escalations and reviews"),
    (Kind::Reason, "reason", "Pauses without a reason"),
    (Kind::Drill, "drill", "Switches to try"),
    (Kind::Incident, "incident", "Incidents that lack a lead or facts"),
];

/// What needs this person's hand.
#[derive(Clone, Serialize)]
pub(super) struct Waiting {
    kind: Kind,
    title: String,
    text: String,
    href: String,
    since: Option<Since>,
    /// Of the incident that it belongs to.
    severity: Option<Severity>,
    /// Shown in red: something failed, or is overdue.
    urgent: bool,
}

/// A moment, put into words where it is shown: of all that waits, home shows a few rows.
#[derive(Clone)]
struct Since {
    word: &'static str,
    at: Moment,
    zone: String,
}

impl Since {
    fn of(at: Moment, zone: &str) -> Self {
        Self { word: "since", at, zone: zone.to_owned() }
    }

    /// A moment by which it is to be done.
    fn due(at: Moment, zone: &str) -> Self {
        Self { word: "due", ..Self::of(at, zone) }
    }
}

impl Serialize for Since {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shown = serializer.serialize_struct("Since", 2)?;
        shown.serialize_field("word", self.word)?;
        shown.serialize_field("at", &time(self.at, &self.zone))?;
        shown.end()
    }
}

/// Everything that waits.
#[derive(Default)]
pub(super) struct All {
    pub(super) items: Vec<Waiting>,
    /// There is more than is looked through.
    pub(super) cut: bool,
}

impl All {
    /// The rows that are looked through.
    fn cut<R>(&mut self, mut rows: Vec<R>) -> Vec<R> {
        self.cut |= rows.len() > LOOKED_THROUGH;
        rows.truncate(LOOKED_THROUGH);
        rows
    }

    /// How many mails did not leave.
    pub(super) fn failed_mails(&self) -> usize {
        self.count(Kind::Mail)
    }

    fn count(&self, kind: Kind) -> usize {
        self.items.iter().filter(|item| item.kind == kind).count()
    }
}

/// Everything that waits for this person, the most urgent first: what home counts, and what the page lists.
/// `days`: how long a switch may go untried.
pub(super) fn all(
    connection: &mut Connection,
    actor: &Actor,
    sites: &[SiteRow],
    (now, days, training_days): (Moment, i64, i64),
) -> Result<All, Failure> {
    let today = now.utc().date_naive().to_string();
    let mut book = Book::open(actor, sites);
    let mut all = All::default();
    kinds::failed_mails(connection, &mut book, &mut all)?;
    runs::failed_notices(connection, actor, &mut all)?;
    kinds::to_tell(connection, &mut book, &mut all)?;
    kinds::replies(connection, &mut book, &mut all)?;
    kinds::rotations(connection, &mut book, &mut all)?;
    kinds::decisions(connection, &mut book, &mut all)?;
    kinds::to_ask(connection, &mut book, &mut all)?;
    kinds::actions(connection, &mut book, &mut all, &today)?;
    kinds::verifications(connection, &mut book, &mut all)?;
    let open = kinds::open_incidents(connection, &mut book, &mut all)?;
    kinds::checks(connection, &book, &mut all, &open)?;
    kinds::alarms(connection, &mut book, &mut all)?;
    runs::runs(connection, actor, sites, &mut all, now)?;
    training::training(connection, actor, &mut all, now, training_days)?;
    practices::practices(connection, actor, sites, &mut all, now)?;
    switches::reasons(connection, actor, &mut all)?;
    switches::drill(connection, actor, sites, &mut all, (now, days))?;
    kinds::incidents(&book, &mut all, &open);
    // What is overdue or failed comes first, then what is worse; what belongs to no incident stands with SEV3. Beside
    // that the order of the kinds stays.
    all.items.sort_by_key(|item| (!item.urgent, item.severity.unwrap_or(Severity::Sev3)));
    Ok(all)
}

/// What the address asks for.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Query {
    kind: String,
}

#[derive(Serialize)]
struct WaitingList {
    waiting: Vec<Waiting>,
    kind: String,
    kinds: Vec<KindShown>,
    total: usize,
    cut: bool,
}

#[derive(Serialize)]
struct KindShown {
    value: &'static str,
    title: &'static str,
    count: usize,
}

/// `GET /waiting`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    query: web::Query<Query>,
) -> Result<HttpResponse, PageFailure> {
    let (actor, query) = (signed.actor(), query.into_inner());
    let context = state
        .run(move |desk| {
            let at = (desk.now(), desk.limits.drill_days, desk.limits.training_days);
            desk.read(|connection| {
                let sites = crate::store::sites::list(connection)?;
                Ok(list(all(connection, &actor, &sites, at)?, query))
            })
        })
        .await?;
    Page::new(&request, &state, &signed, "Waiting for you").render("waiting.html", &context)
}

fn list(all: All, query: Query) -> WaitingList {
    let chosen = KINDS.iter().find(|(_, word, _)| *word == query.kind).map(|(kind, ..)| *kind);
    let kinds = KINDS
        .iter()
        .map(|(kind, value, title)| KindShown { value, title, count: all.count(*kind) })
        .filter(|kind| kind.count > 0 || kind.value == query.kind)
        .collect();
    let (total, cut) = (all.items.len(), all.cut);
    let wanted = |item: &Waiting| query.kind.is_empty() || Some(item.kind) == chosen;
    WaitingList { waiting: all.items.into_iter().filter(wanted).collect(), kind: query.kind.clone(), kinds, total, cut }
}
