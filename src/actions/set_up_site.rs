//! The set-up of a site: what shows that it works, how it was done, a second administrator who repeated it from that record
//! alone, and the diagnostics that everybody on it can reach.

use super::register_site::refuse_secrets;
use super::review_week::said;
use super::{Answer, Desk, Failure, ask_gate, sight};
use crate::domain::gate::Verdict;
use crate::domain::ids::{DownloadId, ReadinessProofId, SetupId};
use crate::domain::incident::{clean_line, clean_text};
use crate::domain::operator::{OwnHosts, ReadinessItem, SetupRecord, proof_problems};
use crate::domain::person::{Act, Actor};
use crate::domain::problem::Reason;
use crate::store::rollouts::{self, DownloadRow, ProofRow, SetupRow};
use crate::store::sites::SiteRow;
use crate::store::{Connection, Json, Verb, automations};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// A proof or a set-up after an act.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SetUp {
    /// Its id.
    pub id: String,
    /// Slug of the site.
    pub site: String,
}

impl Answer for SetUp {
    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/sites/{}/setup", self.site))
    }
}

/// Diagnostics of a site, as they were fetched.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Diagnostics {
    /// Id of the download.
    pub id: String,
    /// SHA-256 of `text`.
    pub sha256: String,
    /// The diagnostics: JSON, redacted.
    pub text: String,
}

impl Answer for Diagnostics {}

/// Shows that a part of the set-up works. A page that loads is no evidence.
pub fn prove(
    desk: &Desk,
    actor: &Actor,
    slug: &str,
    item: ReadinessItem,
    reference: &str,
    evidence: &str,
) -> Result<SetUp, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let site = desk.read(|connection| sight::site(connection, actor, slug, Act::ManageRegistry))?;
    let (reference, evidence) = (clean_line(reference), clean_text(evidence));
    let errors = proof_problems(item, &reference, &evidence, &OwnHosts(&hosts(&site)));
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    // It has to be read later: what is a secret is refused, not hidden.
    let mut errors = Vec::new();
    refuse_secrets(
        desk,
        [("reference", reference.as_str()), ("evidence", evidence.as_str())].into_iter(),
        &mut errors,
    )?;
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    let redactor = super::pause::registry_redactor(desk)?;
    let row = |at| ProofRow {
        id: ReadinessProofId::fresh(),
        site_id: site.id.clone(),
        item,
        reference: redactor.text(&reference).text,
        evidence: redactor.text(&evidence).text,
        shown_by: person,
        shown_at: at,
    };
    let (row, slug) = (row(desk.now()), site.slug.clone());
    desk.answer(actor, move |tx| {
        let row = ProofRow { shown_at: tx.now(), ..row };
        tx.insert(Verb::Shown, &row)?;
        Ok(SetUp { id: row.id.to_string(), site: slug })
    })
}

fn hosts(site: &SiteRow) -> Vec<String> {
    let addresses = [Some(&site.production_url), site.staging_url.as_ref()].into_iter().flatten();
    addresses.filter_map(|address| url::Url::parse(address).ok()?.host_str().map(str::to_owned)).collect()
}

/// The items that nobody has shown yet.
pub fn unproven(connection: &mut Connection, site: &SiteRow) -> Result<Vec<ReadinessItem>, Failure> {
    let shown = rollouts::proofs(connection, &site.id)?;
    let open = |item: &&ReadinessItem| !shown.iter().any(|proof| proof.item == **item);
    Ok(ReadinessItem::ALL.iter().filter(open).copied().collect())
}

/// What the site's record says, or the fields that it lacks.
pub fn record_of(site: &SiteRow) -> Result<SetupRecord, Vec<&'static str>> {
    let mut lacking = Vec::new();
    let mut take = |name: &'static str, value: Option<&String>| {
        let value = value.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        if value.is_none() {
            lacking.push(name);
        }
        value.unwrap_or_default()
    };
    let versions = &site.versions;
    let record = SetupRecord {
        setup_owner: take("setup owner", site.setup_owner.as_ref()),
        production_url: take("production address", Some(&site.production_url)),
        staging_url: take("staging address", site.staging_url.as_ref()),
        sophmate: take("SophMate version", versions.sophmate.as_ref()),
        wordpress: take("WordPress version", versions.wordpress.as_ref()),
        php: take("PHP version", versions.php.as_ref()),
        theme: take("theme", versions.theme.as_ref()),
    };
    if lacking.is_empty() { Ok(record) } else { Err(lacking) }
}

/// Everything that keeps a set-up from being written down.
pub fn setup_reasons(connection: &mut Connection, site: &SiteRow) -> Result<Vec<Reason>, Failure> {
    let mut reasons = Vec::new();
    if let Err(lacking) = record_of(site) {
        let message = format!("The site's record lacks: {}.", lacking.join(", "));
        reasons.push(Reason::new("record_incomplete", message, "administrator"));
    }
    for item in unproven(connection, site)? {
        let message = format!("Nothing shows this yet: {}.", item.label());
        reasons.push(Reason::new(format!("not_shown_{item}"), message, "administrator"));
    }
    Ok(reasons)
}

/// An administrator writes down how the site was set up.
pub fn write_down(desk: &Desk, actor: &Actor, slug: &str, steps: &str) -> Result<SetUp, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    desk.read(|connection| sight::site(connection, actor, slug, Act::ManageRegistry))?;
    let steps = said(desk, "steps", steps, "Write the steps so that somebody else can repeat them.")?;
    let (slug, actor_copy) = (slug.to_owned(), actor.clone());
    desk.answer(actor, move |tx| {
        let site = sight::site(tx.connection(), &actor_copy, &slug, Act::ManageRegistry)?;
        let reasons = setup_reasons(tx.connection(), &site)?;
        let record = match record_of(&site) {
            Ok(record) if reasons.is_empty() => record,
            _ => return Err(Failure::Refused(reasons)),
        };
        let row = SetupRow {
            id: SetupId::fresh(),
            site_id: site.id,
            record: Json::of(record),
            steps,
            recorded_by: person,
            recorded_at: tx.now(),
            repeated: None,
            signed_by: None,
            signed_at: None,
        };
        tx.insert(Verb::Recorded, &row)?;
        Ok(SetUp { id: row.id.to_string(), site: slug })
    })
}

/// The set-up with this id, for a second administrator of its site.
pub fn signs(connection: &mut Connection, actor: &Actor, id: &str) -> Result<SetupRow, Failure> {
    let row = rollouts::find_setup(connection, &SetupId::from_text(id))?;
    let site = sight::promised(crate::store::sites::find(connection, &row.site_id))?;
    sight::site(connection, actor, &site.slug, Act::ManageRegistry)?;
    if actor.person().is_some_and(|person| person.id == row.recorded_by) {
        let why = "Whoever wrote the set-up down does not sign it. A second administrator repeats it.";
        return Err(Failure::Forbidden(why.into()));
    }
    Ok(row)
}

/// A second administrator has repeated the set-up from the record and signs.
pub fn sign(desk: &Desk, actor: &Actor, id: &str, repeated: &str) -> Result<SetUp, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let id = desk.read(|connection| signs(connection, actor, id))?.id;
    let repeated =
        said(desk, "repeated", repeated, "Say in a sentence what you repeated, and what the record lacked.")?;
    desk.answer(actor, move |tx| {
        let mut row = rollouts::find_setup(tx.connection(), &id)?;
        let site = sight::promised(crate::store::sites::find(tx.connection(), &row.site_id))?;
        if row.signed_at.is_some() {
            return Err(Failure::refused(Reason::new("signed_already", "This set-up is signed already.", "nobody")));
        }
        if record_of(&site).ok().as_ref() != Some(&*row.record) {
            let message = "The site's record has changed since. Write the set-up down again.";
            return Err(Failure::refused(Reason::new("record_changed", message, "administrator")));
        }
        row.repeated = Some(repeated);
        row.signed_by = Some(person);
        row.signed_at = Some(tx.now());
        tx.update(Verb::Signed, &row)?;
        Ok(SetUp { id: row.id.to_string(), site: site.slug })
    })
}

/// Did a second administrator repeat the set-up as the record says it now?
pub fn is_repeated(connection: &mut Connection, site: &SiteRow) -> Result<bool, Failure> {
    let Ok(record) = record_of(site) else { return Ok(false) };
    Ok(rollouts::setups(connection, &site.id)?.iter().any(|row| row.signed_at.is_some() && *row.record == record))
}

#[derive(Serialize)]
struct DiagnosticsText {
    site: String,
    time: String,
    record: Option<SetupRecord>,
    hosting_contact: Option<String>,
    provider_contact: Option<String>,
    pause_the_whole_site_at: String,
    automations: Vec<AutomationDiagnosis>,
}

#[derive(Serialize)]
struct AutomationDiagnosis {
    slug: String,
    gate: &'static str,
    reasons: Vec<String>,
}

/// Fetches the diagnostics of a site; who did is on record, since each operator has to have reached them once.
pub fn fetch_diagnostics(desk: &Desk, actor: &Actor, slug: &str) -> Result<Diagnostics, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let now = desk.now();
    let (site, text) = desk.read(|connection| {
        let site = sight::site(connection, actor, slug, Act::ReadRegistry)?;
        let rows = automations::of_site(connection, &site.id)?;
        let verdicts = ask_gate::verdicts(connection, &rows, now)?;
        let text = DiagnosticsText {
            record: record_of(&site).ok(),
            time: now.rfc3339(),
            hosting_contact: site.hosting_contact.clone(),
            provider_contact: site.provider_contact.clone(),
            pause_the_whole_site_at: desk.address_of(&format!("/sites/{}", site.slug)),
            automations: rows.into_iter().zip(verdicts).map(|(row, verdict)| diagnosis(row.slug, verdict)).collect(),
            site: site.slug.clone(),
        };
        Ok((site, text))
    })?;
    let text = serde_json::to_string_pretty(&text).map_err(|error| Failure::Broken(error.to_string()))?;
    let text = super::pause::registry_redactor(desk)?.text(&text).text.into_string();
    let sha256 = hex::encode(Sha256::digest(text.as_bytes()));
    desk.answer(actor, move |tx| {
        let row = DownloadRow {
            id: DownloadId::fresh(),
            site_id: site.id,
            person_id: person,
            sha256: sha256.clone(),
            fetched_at: tx.now(),
        };
        tx.insert(Verb::Fetched, &row)?;
        Ok(Diagnostics { id: row.id.to_string(), sha256, text })
    })
}

fn diagnosis(slug: String, verdict: Verdict) -> AutomationDiagnosis {
    match verdict {
        Verdict::Open(_) => AutomationDiagnosis { slug, gate: "open", reasons: Vec::new() },
        Verdict::Closed(reasons) => AutomationDiagnosis {
            slug,
            gate: "closed",
            reasons: reasons.into_iter().map(|reason| reason.message).collect(),
        },
    }
}
