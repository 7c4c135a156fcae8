//! `GET /automations/{slug}/reviews`: reviews that are asked for, flags that must be escalated, and the approval
//! requirement; each with the form that settles it.

use super::list::AutomationName;
use crate::actions::{Desk, Failure, automation_reviews, flags, run_standing, sight};
use crate::domain::cadence::{FlagKind, Occasion};
use crate::domain::ids::{AutomationReviewId, FlagId};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::Reason;
use crate::domain::run::relaxation_reasons;
use crate::store::automations::AutomationRow;
use crate::store::cadence::{self, AutomationReviewRow, FlagRow};
use crate::store::{Connection, sites};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::page::{Page, go};
use crate::web::press::{Again, press};
use crate::web::shown::{ByAt, Names, SiteName, Time, capital, time};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct Context {
    automation: AutomationName,
    due: Vec<ReviewShown>,
    done: Vec<ReviewShown>,
    flags: Vec<FlagShown>,
    dismissed: Vec<FlagShown>,
    approval: Approval,
    can: Can,
}

#[derive(Serialize)]
struct ReviewShown {
    id: String,
    occasion: String,
    /// The run behind it.
    run: Option<String>,
    due: Time,
    overdue: bool,
    note: Option<String>,
    done: Option<ByAt>,
}

#[derive(Serialize)]
struct FlagShown {
    id: String,
    kind: String,
    meaning: &'static str,
    run: Option<String>,
    raised: Time,
    because: Option<String>,
    dismissed: Option<ByAt>,
}

#[derive(Serialize)]
struct Approval {
    relaxed: bool,
    accepted: i64,
    wanted: i64,
    reasons: Vec<Reason>,
}

#[derive(Serialize)]
struct Can {
    review: bool,
    dismiss: bool,
    relax: bool,
}

/// Reviews and flags of the past that the page names.
const PAST: usize = 20;

/// `GET /automations/{slug}/reviews`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    slug: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    render(&state, &request, &signed, slug.into_inner(), Again::default()).await
}

/// `POST /automation-reviews/{id}/completion`.
pub(in crate::web) async fn complete(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (actor, id) = (signed.actor(), id.into_inner());
    let review = AutomationReviewId::from_text(id.as_str());
    let slug = state
        .run(move |desk| {
            desk.read(|connection| {
                let row = cadence::find_review(connection, &review)?;
                Ok(sight::automation_row(connection, &actor, &row.automation_id, Act::ReadRegistry)?.slug)
            })
        })
        .await?;
    let form = id.clone();
    let again = press(&state, &request, &signed, &fields, &form, seen(&slug), move |desk, actor, fields| {
        automation_reviews::complete(desk, actor, &id, fields.text("note")).map(drop)
    })
    .await?;
    back(&state, &request, &signed, slug, again, "The review is done.").await
}

/// `POST /flags/{id}/dismissal`.
pub(in crate::web) async fn dismiss(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (actor, id) = (signed.actor(), id.into_inner());
    let flag = FlagId::from_text(id.as_str());
    let slug = state
        .run(move |desk| {
            desk.read(|connection| {
                let row = cadence::find_flag(connection, &flag)?;
                Ok(sight::automation_row(connection, &actor, &row.automation_id, Act::ReadRegistry)?.slug)
            })
        })
        .await?;
    let form = id.clone();
    let again = press(&state, &request, &signed, &fields, &form, seen(&slug), move |desk, actor, fields| {
        flags::dismiss(desk, actor, &id, fields.text("reason")).map(drop)
    })
    .await?;
    back(&state, &request, &signed, slug, again, "The flag is dismissed, with your reason.").await
}

/// `POST /automations/{slug}/approval-relaxation`.
pub(in crate::web) async fn relax(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    slug: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (slug, automation) = (slug.clone(), slug.into_inner());
    let again = press(&state, &request, &signed, &fields, "approval", seen(&automation), move |desk, actor, fields| {
        run_standing::set_relaxed(desk, actor, &slug, fields.text("relaxed") != "no").map(drop)
    })
    .await?;
    back(&state, &request, &signed, automation, again, "The approval requirement is changed.").await
}

/// Whoever sees the automation learns what is wrong with a form on this page.
fn seen(slug: &str) -> impl FnOnce(&mut Connection, &Actor) -> Result<AutomationRow, Failure> + Send + 'static {
    let slug = slug.to_owned();
    move |connection, actor| sight::automation(connection, actor, &slug, Act::ReadRegistry)
}

async fn back(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    slug: String,
    again: Option<Again>,
    said: &str,
) -> Result<HttpResponse, PageFailure> {
    match again {
        None => Ok(go(state, &format!("/automations/{slug}/reviews"), "success", said)),
        Some(again) => render(state, request, signed, slug, again).await,
    }
}

async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    slug: String,
    again: Again,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let context = state.run(move |desk| desk.read(|connection| compose(desk, connection, &actor, &slug))).await?;
    let title = format!("Reviews and flags of {}", context.automation.name);
    Page::new(request, state, signed, &title).again(again).render("automations/reviews.html", &context)
}

fn compose(desk: &Desk, connection: &mut Connection, actor: &Actor, slug: &str) -> Result<Context, Failure> {
    let automation = sight::automation(connection, actor, slug, Act::ReadRegistry)?;
    let site = sight::promised(sites::find(connection, &automation.site_id))?;
    let facts = run_standing::relaxation(connection, &automation, &desk.limits)?;
    let (mut due, mut done) = (Vec::new(), Vec::new());
    for row in cadence::reviews_of(connection, &automation.id)? {
        let list = if row.done_at.is_some() { &mut done } else { &mut due };
        if list.len() < PAST || row.done_at.is_none() {
            list.push(review_shown(connection, row, &site.time_zone, desk.now())?);
        }
    }
    let (mut open, mut dismissed) = (Vec::new(), Vec::new());
    for row in cadence::flags_of(connection, &automation.id)? {
        let list = if row.dismissed_at.is_some() { &mut dismissed } else { &mut open };
        if list.len() < PAST || row.dismissed_at.is_none() {
            list.push(flag_shown(connection, row, &site.time_zone)?);
        }
    }
    Ok(Context {
        due,
        done,
        flags: open,
        dismissed,
        approval: Approval {
            relaxed: facts.relaxed,
            accepted: facts.accepted,
            wanted: facts.wanted,
            reasons: relaxation_reasons(&facts),
        },
        can: Can {
            review: actor.may(Act::ReviewRun, &site.id),
            dismiss: actor.may(Act::DismissFlag, &site.id),
            relax: actor.may(Act::WidenScope, &site.id),
        },
        automation: AutomationName { slug: automation.slug, name: automation.name, site: SiteName::from(&site) },
    })
}

fn review_shown(
    connection: &mut Connection,
    row: AutomationReviewRow,
    zone: &str,
    now: Moment,
) -> Result<ReviewShown, Failure> {
    let done = match (&row.done_by, row.done_at) {
        (Some(by), Some(at)) => Some(ByAt { by: Names::default().person(connection, by)?, at: time(at, zone) }),
        _ => None,
    };
    Ok(ReviewShown {
        id: row.id.to_string(),
        occasion: capital(&row.occasion.label()),
        run: row.subject.filter(|_| row.occasion == Occasion::AfterFailedRun),
        due: time(row.due_at, zone),
        overdue: row.done_at.is_none() && row.due_at <= now,
        note: row.note.map(|note| note.into_string()),
        done,
    })
}

fn flag_shown(connection: &mut Connection, row: FlagRow, zone: &str) -> Result<FlagShown, Failure> {
    let dismissed = match (&row.dismissed_by, row.dismissed_at) {
        (Some(by), Some(at)) => Some(ByAt { by: Names::default().person(connection, by)?, at: time(at, zone) }),
        _ => None,
    };
    Ok(FlagShown {
        id: row.id.to_string(),
        kind: capital(&row.kind.label()),
        meaning: meaning(row.kind),
        run: row.subject,
        raised: time(row.raised_at, zone),
        because: row.dismissed_because.map(|because| because.into_string()),
        dismissed,
    })
}

/// What a flag asks of whoever looks.
pub(in crate::web::pages) fn meaning(kind: FlagKind) -> &'static str {
    match kind {
        FlagKind::WritesProductionData => {
            "It writes production data. Look whether its approval gate and rollback path fit that."
        }
        FlagKind::RepeatsFailures => "It fails again and again. Look whether the cause is known before it comes back.",
        FlagKind::CustomerFacingOutput => "Customers see what it sends. Look whether somebody approves it first.",
        FlagKind::NoVisibleOwner => "Nobody owns it. Name somebody who can pause it and explain its runs.",
    }
}
