//! Pauses: layers over automations. Nothing is overwritten; a pause is released, never deleted.

use super::record::record;
use super::schema::{incidents, pauses};
use super::{Connection, Error, Json};
use crate::domain::gate::{HoldingPause, PauseTarget};
use crate::domain::ids::{DrillId, IncidentId, PauseId, SiteId};
use crate::domain::moment::Moment;
use crate::domain::switch::Fates;
use diesel::dsl;
use diesel::prelude::*;

/// One pause.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = pauses, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PauseRow {
    /// Primary key.
    pub id: PauseId,
    /// What kind of thing it covers.
    pub target_kind: PauseTarget,
    /// Which: an automation's id, a category's word, a site's id, or `all`.
    pub target: String,
    /// The site concerned, where it is one.
    pub site_id: Option<SiteId>,
    /// The incident that holds it; only a restart decision lifts such a pause.
    pub incident_id: Option<IncidentId>,
    /// Why, if it was said.
    pub reason: Option<crate::redaction::Redacted>,
    /// Who pressed: an actor's reference.
    pub set_by: String,
    /// When.
    pub set_at: Moment,
    /// Who released it.
    pub released_by: Option<String>,
    /// When it ended.
    pub released_at: Option<Moment>,
    /// Why it was released.
    pub release_reason: Option<crate::redaction::Redacted>,
    /// What becomes of work; none: the default of the rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fates: Option<Json<Fates>>,
    /// The drill that it was a part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drill_id: Option<DrillId>,
}
record!(PauseRow, pauses);

impl PauseRow {
    /// Was it pressed without a word, and is it still to be said why? What an incident holds has its reason there.
    pub fn wants_reason(&self) -> bool {
        self.reason.is_none() && self.incident_id.is_none() && self.released_at.is_none()
    }
}

/// What covers an automation.
pub struct Covers<'a> {
    /// The automation's id.
    pub automation: &'a str,
    /// Its category.
    pub category: &'a str,
    /// Its site's id.
    pub site: &'a str,
}

impl Covers<'_> {
    /// The targets that a pause must have one of to cover it.
    pub fn targets(&self) -> [(PauseTarget, &str); 4] {
        [
            (PauseTarget::Automation, self.automation),
            (PauseTarget::Category, self.category),
            (PauseTarget::Site, self.site),
            (PauseTarget::Everything, PauseTarget::Everything.as_str()),
        ]
    }

    /// Is it covered by a pause of this target?
    pub fn includes(&self, kind: PauseTarget, target: &str) -> bool {
        self.targets().contains(&(kind, target))
    }
}

type AimedAt = dsl::And<dsl::Eq<pauses::target_kind, PauseTarget>, dsl::Eq<pauses::target, String>>;

/// The pauses that cover an automation, holding or released.
fn covering(covers: &Covers) -> dsl::Or<dsl::Or<dsl::Or<AimedAt, AimedAt>, AimedAt>, AimedAt> {
    let [automation, category, site, everything] =
        covers.targets().map(|(kind, target)| pauses::target_kind.eq(kind).and(pauses::target.eq(target.to_owned())));
    automation.or(category).or(site).or(everything)
}

/// The pauses that hold an automation now, oldest first, each with its incident's reference.
pub fn holding_rows(connection: &mut Connection, covers: &Covers) -> Result<Vec<(PauseRow, Option<String>)>, Error> {
    Ok(pauses::table
        .left_join(incidents::table.on(pauses::incident_id.eq(incidents::id.nullable())))
        .filter(pauses::released_at.is_null())
        .filter(covering(covers))
        .order(pauses::id.asc())
        .select((PauseRow::as_select(), incidents::reference.nullable()))
        .load(connection)?)
}

/// The pause with its incident's reference, as the gate sees it.
pub fn as_holding((row, incident): (PauseRow, Option<String>)) -> HoldingPause {
    HoldingPause {
        id: row.id,
        target: row.target_kind,
        incident,
        reason: row.reason.map(|reason| reason.into_string()),
        since: row.set_at,
        fates: row.fates.map(Json::into_inner).unwrap_or_default(),
    }
}

/// The pause with this id and its incident's reference, if it holds.
pub fn holding(connection: &mut Connection, id: &str) -> Result<Option<(PauseRow, Option<String>)>, Error> {
    Ok(pauses::table
        .left_join(incidents::table.on(pauses::incident_id.eq(incidents::id.nullable())))
        .filter(pauses::id.eq(id.to_owned()).and(pauses::released_at.is_null()))
        .select((PauseRow::as_select(), incidents::reference.nullable()))
        .first(connection)
        .optional()?)
}

/// The pause with this id.
pub fn find(connection: &mut Connection, id: &PauseId) -> Result<PauseRow, Error> {
    Ok(pauses::table.find(id).select(PauseRow::as_select()).first(connection)?)
}

/// The pauses that an incident set, oldest first.
pub fn of_incident(connection: &mut Connection, incident: &IncidentId) -> Result<Vec<PauseRow>, Error> {
    Ok(pauses::table
        .filter(pauses::incident_id.eq(incident))
        .order(pauses::id.asc())
        .select(PauseRow::as_select())
        .load(connection)?)
}

/// Every pause that holds now, oldest first, with its incident's reference.
pub fn all_holding(connection: &mut Connection) -> Result<Vec<(PauseRow, Option<String>)>, Error> {
    Ok(pauses::table
        .left_join(incidents::table.on(pauses::incident_id.eq(incidents::id.nullable())))
        .filter(pauses::released_at.is_null())
        .order(pauses::id.asc())
        .select((PauseRow::as_select(), incidents::reference.nullable()))
        .load(connection)?)
}

/// The incidents that ever paused an automation: itself, its category, its site, or everything.
pub fn incidents_over(connection: &mut Connection, covers: &Covers) -> Result<Vec<IncidentId>, Error> {
    let ids: Vec<Option<IncidentId>> = pauses::table
        .filter(pauses::incident_id.is_not_null())
        .filter(covering(covers))
        .select(pauses::incident_id)
        .distinct()
        .load(connection)?;
    Ok(ids.into_iter().flatten().collect())
}

/// When a pause of an incident that held an automation was lifted last, whatever it covered besides.
pub fn last_lifted(connection: &mut Connection, covers: &Covers) -> Result<Option<Moment>, Error> {
    Ok(pauses::table
        .filter(pauses::incident_id.is_not_null().and(pauses::released_at.is_not_null()))
        .filter(covering(covers))
        .select(diesel::dsl::max(pauses::released_at))
        .first(connection)?)
}

/// The newest pauses that held an automation once and were released, newest first, with their incident's reference.
pub fn past(
    connection: &mut Connection,
    covers: &Covers,
    since: Moment,
    limit: i64,
) -> Result<Vec<(PauseRow, Option<String>)>, Error> {
    Ok(pauses::table
        .left_join(incidents::table.on(pauses::incident_id.eq(incidents::id.nullable())))
        .filter(pauses::released_at.gt(since))
        .filter(covering(covers))
        .order(pauses::id.desc())
        .limit(limit)
        .select((PauseRow::as_select(), incidents::reference.nullable()))
        .load(connection)?)
}
