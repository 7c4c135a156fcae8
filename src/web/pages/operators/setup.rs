//! `/sites/{slug}/setup`: the record, what shows that it works, a second administrator's signature, and the roll-out.

use crate::actions::{Desk, Failure, roll_out, set_up_site as acts, sight};
use crate::domain::operator::{ReadinessItem, SetupRecord};
use crate::domain::person::{Act, Actor};
use crate::domain::practice::{Place, SubjectKind};
use crate::domain::problem::Reason;
use crate::store::rollouts::{self, ProofRow};
use crate::store::sites::SiteRow;
use crate::store::{Connection, practices};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::download::attachment;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::page::{Page, go};
use crate::web::pages::mistakes::mistakes;
use crate::web::press::{Again, press};
use crate::web::shown::{ByAt, Names, SiteName, Time, capital, time};
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct Context {
    site: SiteName,
    rollout: Option<Rollout>,
    days: i64,
    items: Vec<Item>,
    setups: Vec<Setup>,
    repeated: bool,
    reasons: Vec<Reason>,
    mistakes: Vec<String>,
    practice_run: Option<String>,
    fetched: bool,
    can_manage: bool,
}

#[derive(Serialize)]
struct Rollout {
    by: ByAt,
    due_at: Time,
}

#[derive(Serialize)]
struct Item {
    value: String,
    label: String,
    hint: &'static str,
    shown: Option<Proof>,
}

#[derive(Serialize)]
struct Proof {
    reference: String,
    evidence: String,
    by: ByAt,
}

#[derive(Serialize)]
struct Setup {
    id: String,
    record: SetupRecord,
    steps: String,
    by: ByAt,
    repeated: Option<String>,
    signed: Option<ByAt>,
    /// May this person sign it?
    can_sign: bool,
}

/// What each item asks for.
fn hint(item: ReadinessItem) -> &'static str {
    match item {
        ReadinessItem::OutboundHttps => "The https address that the server called, of another host than this site.",
        ReadinessItem::BackupRestored => "The backup with its day, for example nightly-2026-11-20.",
        ReadinessItem::MailRoundTrip => {
            "The subject of the mail that came back, with its day, for example round trip 2026-11-20."
        }
        ReadinessItem::SupportRoute => "The number of the support ticket that was answered.",
    }
}

/// `GET /sites/{slug}/setup`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    slug: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    render(&state, &request, &signed, slug.into_inner(), Again::default()).await
}

async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    slug: String,
    again: Again,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let context = state
        .run(move |desk| {
            desk.read(|connection| {
                let site = sight::site(connection, &actor, &slug, Act::ReadRegistry)?;
                context(connection, desk, &actor, &site)
            })
        })
        .await?;
    let title = format!("Set-up of {}", context.site.name);
    Page::new(request, state, signed, &title).again(again).render("operators/setup.html", &context)
}

fn context(connection: &mut Connection, desk: &Desk, actor: &Actor, site: &SiteRow) -> Result<Context, Failure> {
    let mut names = Names::default();
    let zone = site.time_zone.as_str();
    let days = desk.limits.training_days;
    let rollout = match rollouts::of_site(connection, &site.id)? {
        Some(row) => Some(Rollout {
            by: ByAt { by: names.actor(connection, &row.started_by)?, at: time(row.started_at, zone) },
            due_at: time(row.started_at.plus(chrono::Duration::days(days)), zone),
        }),
        None => None,
    };
    let me = actor.person().map(|person| person.id.clone());
    let can_manage = actor.may(Act::ManageRegistry, &site.id);
    let mut setups = Vec::new();
    for row in rollouts::setups(connection, &site.id)? {
        setups.push(Setup {
            id: row.id.to_string(),
            can_sign: can_manage && row.signed_at.is_none() && me.as_ref() != Some(&row.recorded_by),
            by: ByAt { by: names.person(connection, &row.recorded_by)?, at: time(row.recorded_at, zone) },
            signed: match (&row.signed_by, row.signed_at) {
                (Some(by), Some(at)) => Some(ByAt { by: names.person(connection, by)?, at: time(at, zone) }),
                _ => None,
            },
            repeated: row.repeated.map(|text| text.into_string()),
            steps: row.steps.into_string(),
            record: row.record.into_inner(),
        });
    }
    let run = practices::run_of(connection, roll_out::PRACTICE, SubjectKind::Site, site.id.as_str())?;
    let downloads = rollouts::downloads(connection, &site.id)?;
    Ok(Context {
        rollout,
        days,
        items: items(connection, site, &mut names)?,
        setups,
        repeated: acts::is_repeated(connection, site)?,
        reasons: acts::setup_reasons(connection, site)?,
        mistakes: mistakes(connection, Place::SitePage)?,
        practice_run: run.map(|run| run.id.to_string()),
        fetched: downloads.iter().any(|download| Some(&download.person_id) == me.as_ref()),
        can_manage,
        site: SiteName::from(site),
    })
}

fn items(connection: &mut Connection, site: &SiteRow, names: &mut Names) -> Result<Vec<Item>, Failure> {
    let proofs = rollouts::proofs(connection, &site.id)?;
    let mut items = Vec::new();
    for item in ReadinessItem::ALL {
        let newest: Option<&ProofRow> = proofs.iter().find(|proof| proof.item == *item);
        items.push(Item {
            value: item.to_string(),
            label: label(*item),
            hint: hint(*item),
            shown: match newest {
                Some(proof) => Some(Proof {
                    reference: proof.reference.to_string(),
                    evidence: proof.evidence.to_string(),
                    by: ByAt {
                        by: names.person(connection, &proof.shown_by)?,
                        at: time(proof.shown_at, &site.time_zone),
                    },
                }),
                None => None,
            },
        });
    }
    Ok(items)
}

fn label(item: ReadinessItem) -> String {
    match item {
        ReadinessItem::OutboundHttps => "Outbound HTTPS".to_owned(),
        item => capital(&item.label()),
    }
}

type Press = fn(&Desk, &Actor, &str, &Fields) -> Result<(), Failure>;

/// What each form of the page says afterwards, and what it does.
fn form(what: &str) -> Option<(&'static str, Press)> {
    Some(match what {
        "rollout" => ("The roll-out has begun. Roles here ask for training now.", |desk, actor, slug, _| {
            roll_out::start(desk, actor, slug).map(drop)
        }),
        "readiness" => ("It stands there with your name.", |desk, actor, slug, fields| {
            let item = ReadinessItem::parse(fields.text("item"))
                .ok_or_else(|| Failure::field("item", "Choose what is shown."))?;
            acts::prove(desk, actor, slug, item, fields.text("reference"), fields.text("evidence")).map(drop)
        }),
        "setups" => ("The set-up is written down. A second administrator repeats it.", |desk, actor, slug, fields| {
            acts::write_down(desk, actor, slug, fields.text("steps")).map(drop)
        }),
        _ => return None,
    })
}

/// `POST /sites/{slug}/setup/{what}`.
pub(in crate::web) async fn submit(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    path: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (slug, what) = path.into_inner();
    let Some((said, act)) = form(&what) else { return Err(Failure::NotFound.into()) };
    let open = if what == "readiness" { fields.text("item").to_owned() } else { what };
    let (named, asked) = (slug.clone(), slug.clone());
    let seen =
        move |connection: &mut Connection, actor: &Actor| sight::site(connection, actor, &asked, Act::ManageRegistry);
    let again = press(&state, &request, &signed, &fields, &open, seen, move |desk, actor, fields| {
        act(desk, actor, &named, fields)
    });
    answer(&state, &request, &signed, slug, said, again.await?).await
}

/// `POST /sites/{slug}/setups/{id}/signature`.
pub(in crate::web) async fn sign(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    path: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (slug, id) = path.into_inner();
    let (form, asked) = (id.clone(), id.clone());
    let seen = move |connection: &mut Connection, actor: &Actor| acts::signs(connection, actor, &asked);
    let again = press(&state, &request, &signed, &fields, &form, seen, move |desk, actor, fields| {
        acts::sign(desk, actor, &id, fields.text("repeated")).map(drop)
    });
    answer(&state, &request, &signed, slug, "Signed, with your name.", again.await?).await
}

async fn answer(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    slug: String,
    said: &str,
    again: Option<Again>,
) -> Result<HttpResponse, PageFailure> {
    match again {
        None => Ok(go(state, &format!("/sites/{slug}/setup"), "success", said)),
        Some(again) => render(state, request, signed, slug, again).await,
    }
}

/// `POST /sites/{slug}/diagnostics`: the file.
pub(in crate::web) async fn diagnostics(
    state: web::Data<State>,
    signed: Signed,
    slug: web::Path<String>,
    _fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (actor, named) = (signed.actor(), slug.clone());
    let made = state.run(move |desk| acts::fetch_diagnostics(desk, &actor, &named)).await?;
    let name = attachment(&format!("diagnostics-{slug}.json"));
    Ok(HttpResponse::Ok().content_type("application/json").insert_header((CONTENT_DISPOSITION, name)).body(made.text))
}
