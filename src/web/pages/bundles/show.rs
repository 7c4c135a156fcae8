//! A bundle that was built: what is in it, how to check it, the zip itself.

use crate::actions::sight::{self, Case};
use crate::actions::{Desk, Failure};
use crate::bundle;
use crate::domain::ids::BundleId;
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::timeline::EntryKind;
use crate::store::bundles::{self, BundleRow};
use crate::store::{Connection, audit, evidence, incidents, timeline};
use crate::vault::Shelf;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::download::{attachment, send};
use crate::web::failure::PageFailure;
use crate::web::page::Page;
use crate::web::pages::incidents::rotations::{RotationShown, rotations};
use crate::web::pages::incidents::shown::{self, BundleShown};
use crate::web::shown::{IncidentName, Names, size};
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct ShowBundle {
    bundle: Bundle,
    members: Vec<Member>,
    withheld: Vec<String>,
    outdated: Option<&'static str>,
    /// The rules of redaction that it was built with; none for those of before.
    rules: Option<String>,
    rotations: Vec<RotationShown>,
    /// Would it be sent, were it chosen? Not when the incident is over, or a value in it is to be rotated.
    may_escalate: bool,
}

#[derive(Serialize)]
struct Bundle {
    #[serde(flatten)]
    row: BundleShown,
    incident: IncidentName,
    file_name: String,
    key_id: String,
    sha256: String,
}

#[derive(Serialize)]
struct Member {
    name: String,
    size: String,
    sha256: String,
}

/// `GET /bundles/{id}`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let context = state.run(move |desk| compose(desk, &actor, &id)).await?;
    let title = format!("Bundle of {}", context.bundle.incident.reference);
    Page::new(&request, &state, &signed, &title).render("bundles/show.html", &context)
}

/// `GET /bundles/{id}/download`.
pub(in crate::web) async fn download(
    state: web::Data<State>,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let (file, size, name) = state
        .run(move |desk| {
            let (row, case) = desk.read(|connection| find(connection, &actor, &id))?;
            let file = desk.vault.read(Shelf::Bundles, &row.file)?;
            Ok((file, u64::try_from(row.size).unwrap_or_default(), file_name(&row, &case)))
        })
        .await?;
    let mut response = HttpResponse::Ok();
    response.content_type("application/zip").insert_header((CONTENT_DISPOSITION, attachment(&name)));
    Ok(send(response, file, size))
}

fn find(connection: &mut Connection, actor: &Actor, id: &str) -> Result<(BundleRow, Case), Failure> {
    let row = bundles::find(connection, &BundleId::from_text(id))?;
    let incident = incidents::find(connection, &row.incident_id)?;
    let case = sight::of_incident(connection, actor, incident, Act::ReadBundles)?;
    Ok((row, case))
}

/// `INC-2026-0001-hosting-20261121-1002.zip`: says of what, for whom and when, in plain ASCII.
fn file_name(row: &BundleRow, case: &Case) -> String {
    let built = row.built_at.utc().format("%Y%m%d-%H%M");
    format!("{}-{}-{built}.zip", case.incident.reference, row.audience)
}

fn compose(desk: &Desk, actor: &Actor, id: &str) -> Result<ShowBundle, Failure> {
    let (row, bundle, outdated, rotations, may_escalate) = desk.read(|connection| {
        let (row, case) = find(connection, actor, id)?;
        let zone = case.site.time_zone.as_str();
        let bundle = Bundle {
            row: shown::bundle(connection, &mut Names::default(), &desk.rules(), &row, zone)?,
            incident: shown::name(&case.incident),
            file_name: file_name(&row, &case),
            key_id: row.key_id.to_string(),
            sha256: row.sha256.clone(),
        };
        let outdated = outdated(connection, &case, row.built_at)?;
        let id = &case.incident.id;
        let rotations = rotations(connection, &mut Names::default(), &desk.rules(), id, Some(&row.id), zone)?;
        let may_escalate =
            actor.may(Act::Escalate, &case.incident.site_id) && case.incident.status.is_open() && rotations.is_empty();
        Ok((row, bundle, outdated, rotations, may_escalate))
    })?;
    let file = desk.vault.read(Shelf::Bundles, &row.file)?;
    let inside = bundle::look_inside(file).map_err(Failure::Broken)?;
    Ok(ShowBundle {
        bundle,
        rules: Some(inside.manifest.rules).filter(|rules| !rules.is_empty()),
        rotations,
        members: inside
            .manifest
            .members
            .into_iter()
            .map(|member| Member { name: member.path, size: size(member.size), sha256: member.sha256 })
            .collect(),
        withheld: withheld(&inside.report),
        outdated,
        may_escalate,
    })
}

/// Names of the pictures that stayed out, as the report in the zip says.
fn withheld(report: &serde_json::Value) -> Vec<String> {
    let items = report["evidence"].as_array().map(Vec::as_slice).unwrap_or_default();
    items
        .iter()
        .filter(|item| item["media"] == "picture" && !item["withheld"].is_null())
        .filter_map(|item| Some(item["name"].as_str()?.to_owned()))
        .collect()
}

/// What changed since the bundle was built, if anything did.
fn outdated(connection: &mut Connection, case: &Case, built: Moment) -> Result<Option<&'static str>, Failure> {
    let id = &case.incident.id;
    let rows = evidence::of_incident(connection, id)?;
    if rows.iter().any(|row| row.added_at > built) {
        return Ok(Some("Evidence was sealed after this bundle was built."));
    }
    for row in &rows {
        if evidence::current_version(connection, row)?.is_some_and(|version| version.made_at > built) {
            return Ok(Some("More was removed from the evidence after this bundle was built."));
        }
    }
    if audit::last_of(connection, "incidents", id.as_str())?.is_some_and(|last| last.at > built) {
        return Ok(Some("Facts or status were changed after this bundle was built."));
    }
    let entries = timeline::of_incident(connection, id)?;
    let newer = entries.iter().any(|entry| entry.kind != EntryKind::System && entry.written_at > built);
    Ok(newer.then_some("The timeline has entries that this bundle does not hold."))
}
