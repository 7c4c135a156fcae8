//! An outside event is reported: provider change, hosting incident, plugin update and the like. The three that the seed
//! names pause what they concern, open one incident that holds the pauses, and tell each owner.

use super::notify::{self, News};
use super::open_automatically::{self as opening, Draft};
use super::pause::registry_redactor;
use super::{Answer, Desk, Failure, automation_reviews, keep_practice, sight};
use crate::domain::automation::Touches;
use crate::domain::cadence::{NoticeKind, Occasion, OutsideChange};
use crate::domain::ids::{AutomationId, ChangeId, PersonId, SiteId};
use crate::domain::incident::{LINE_MAX, TEXT_MAX, check_length, clean_line, clean_text};
use crate::domain::person::{Act, Actor};
use crate::domain::practice::{PracticeOccasion, SubjectKind};
use crate::domain::problem::FieldError;
use crate::redaction::Redacted;
use crate::store::automations::{self, AutomationRow};
use crate::store::cadence::ChangeRow;
use crate::store::incidents::IncidentRow;
use crate::store::{Connection, Json, Tx, Verb, sites};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// An event as typed.
#[derive(Clone, Debug)]
pub struct NewChange {
    /// What happened.
    pub kind: OutsideChange,
    /// Slug of the site.
    pub site: String,
    /// What is known of it.
    pub note: String,
    /// Of a provider's or model's change: which provider. Then only what uses it, or names none, is concerned.
    pub provider: Option<String>,
}

/// An event on record.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ChangeAnswer {
    /// Its id.
    pub id: String,
    /// What happened.
    pub kind: OutsideChange,
    /// Reference of the incident that it opened.
    pub incident: Option<String>,
    /// Slugs of what it paused.
    pub paused: Vec<String>,
}

impl Answer for ChangeAnswer {}

/// Records an event and pauses what it concerns.
pub fn run(desk: &Desk, actor: &Actor, new: NewChange) -> Result<ChangeAnswer, Failure> {
    desk.answered_before()?;
    let provider = new.provider.as_deref().map(clean_line).filter(|name| !name.is_empty());
    let new = NewChange { note: clean_text(&new.note), site: clean_line(&new.site), provider, ..new };
    let (site, concerned) = desk.read(|connection| look_up(connection, actor, &new))?;
    let redactor = registry_redactor(desk)?;
    let named = |row: AutomationRow| (row.id, redactor.text(&row.name).text);
    let prepared = Prepared {
        note: redactor.text(&new.note).text,
        title: redactor.text(&format!("{} on {}", capital(&new.kind.label()), site.name)).text,
        draft: Draft::prepare(desk, &site)?,
        names: concerned.into_iter().map(named).collect(),
        days: desk.limits.review_days,
    };
    let actor_copy = actor.clone();
    desk.answer(actor, move |tx| {
        // Who may report, and what runs there, may have changed meanwhile.
        let (site, concerned) = look_up(tx.connection(), &actor_copy, &new)?;
        record(tx, &actor_copy, &new, prepared, site.id, concerned)
    })
}

struct Prepared {
    note: Redacted,
    title: Redacted,
    draft: Draft,
    names: HashMap<AutomationId, Redacted>,
    days: i64,
}

/// The site, and the automations that the event concerns.
fn look_up(
    connection: &mut Connection,
    actor: &Actor,
    new: &NewChange,
) -> Result<(sites::SiteRow, Vec<AutomationRow>), Failure> {
    let mut errors = Vec::new();
    check_length("note", &new.note, TEXT_MAX, &mut errors);
    if new.note.is_empty() {
        errors.push(FieldError::new("note", "Say in a sentence what changed."));
    }
    check_length("provider", new.provider.as_deref().unwrap_or_default(), LINE_MAX, &mut errors);
    let site = match sites::by_slug(connection, &new.site)? {
        Some(site) if actor.belongs_to(&site.id) => Some(site),
        _ => {
            errors.push(FieldError::new("site", "Choose the site from the list."));
            None
        }
    };
    if let Some(site) = &site
        && !actor.may(Act::ReportChange, &site.id)
    {
        return Err(sight::forbidden(Act::ReportChange));
    }
    let Some(site) = site.filter(|_| errors.is_empty()) else { return Err(Failure::Invalid(errors)) };
    let mut concerned = automations::of_site(connection, &site.id)?;
    if let Some(provider) = new.provider.as_ref().filter(|_| new.kind.asks_for_review()) {
        let same = |other: &String| other.trim().eq_ignore_ascii_case(provider);
        concerned.retain(|row| row.provider.as_ref().is_none_or(same));
    }
    Ok((site, concerned))
}

fn record(
    tx: &mut Tx,
    actor: &Actor,
    new: &NewChange,
    prepared: Prepared,
    site: SiteId,
    concerned: Vec<AutomationRow>,
) -> Result<ChangeAnswer, Failure> {
    let Prepared { note, title, draft, names, days } = prepared;
    let named = |row: AutomationRow| {
        (names.get(&row.id).cloned().unwrap_or_else(|| Redacted::literal("an automation registered just now")), row)
    };
    let concerned: Vec<(Redacted, AutomationRow)> = concerned.into_iter().map(named).collect();
    let id = ChangeId::fresh();
    let incident = if new.kind.pauses() && !concerned.is_empty() {
        let touches = concerned.iter().fold(Touches::default(), |all, (_, row)| union(all, row.touches()));
        Some(opening::open(tx, draft, opening::severity(touches), title, note.clone())?)
    } else {
        None
    };
    let mut paused = Vec::new();
    for (named, row) in &concerned {
        if let Some(incident) = &incident {
            opening::hold(tx, row, named.clone(), incident)?;
            paused.push(row.slug.clone());
        }
        if new.kind.asks_for_review() {
            let subject = Some(id.to_string());
            automation_reviews::ask(tx, &row.id, Occasion::AfterProviderChange, subject, days)?;
        }
    }
    if let Some(incident) = &incident {
        tell_owners(tx, incident, &concerned)?;
    }
    if new.kind.asks_for_review() {
        for kind in [SubjectKind::Asset, SubjectKind::Playbook] {
            keep_practice::call_on_site(tx, &site, kind, PracticeOccasion::AfterProviderChange)?;
        }
    }
    let row = ChangeRow {
        id,
        kind: new.kind,
        site_id: site,
        note,
        reported_by: actor.reference(),
        reported_at: tx.now(),
        incident_id: incident.as_ref().map(|incident| incident.id.clone()),
        paused: Json::of(paused.clone()),
    };
    tx.insert(Verb::Recorded, &row)?;
    if row.kind == OutsideChange::HostingIncident {
        let occasion = PracticeOccasion::AfterHostingChange;
        keep_practice::call_on_site(tx, &row.site_id, SubjectKind::Site, occasion)?;
    }
    Ok(ChangeAnswer {
        id: row.id.to_string(),
        kind: row.kind,
        incident: incident.map(|incident| incident.reference),
        paused,
    })
}

/// One mail for each owner, naming what of theirs is paused.
fn tell_owners(tx: &mut Tx, incident: &IncidentRow, concerned: &[(Redacted, AutomationRow)]) -> Result<(), Failure> {
    let mut theirs: BTreeMap<PersonId, Vec<Redacted>> = BTreeMap::new();
    let mut orphans = Vec::new();
    for (named, row) in concerned {
        match notify::visible_owner(tx.connection(), row)? {
            Some(owner) => theirs.entry(owner).or_default().push(named.clone()),
            None => orphans.push(named.clone()),
        }
    }
    for (owner, names) in theirs {
        notify::tell(tx, &owner, &news(incident, &names))?;
    }
    if !orphans.is_empty() {
        notify::tell_administrators(tx, &incident.site_id, &news(incident, &orphans))?;
    }
    Ok(())
}

fn news(incident: &IncidentRow, names: &[Redacted]) -> News {
    let paused = Redacted::join(&[Redacted::literal("Paused:"), Redacted::join(names, ", ")], " ");
    let rest =
        "An incident holds it: it comes back by a restart decision, when diagnostics and records explain what changed.";
    News {
        kind: NoticeKind::Paused,
        subject: Redacted::join(&[Redacted::literal("Paused:"), incident.title.clone()], " "),
        body: Redacted::join(&[paused, Redacted::literal(rest)], "\n\n"),
        link: format!("/incidents/{}", incident.reference),
    }
}

fn union(a: Touches, b: Touches) -> Touches {
    Touches {
        writes_data: a.writes_data || b.writes_data,
        contacts_customers: a.contacts_customers || b.contacts_customers,
        spends_money: a.spends_money || b.spends_money,
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
