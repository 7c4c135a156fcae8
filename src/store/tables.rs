//! Every table of the audit chain, once: what compares them all, and what looks at one row of any.

use super::{Connection, Error, Record, Tx, Verb};
use super::{
    alarms, asset_reviews, assets, audit, automations, bundles, cadence, checks, criteria, differences, drills,
    escalations, evidence, hand_deliveries, incidents, keys, notices, overrides, own_rules, pauses, people, phases,
    playbook_runs, playbooks, practice_escalations, practices, prevention, procedures, replies, restarts, reviews,
    rollouts, rotations, rule_work, runs, settlements, sites, timeline, tokens, week_reviews,
};

/// A row as it stands, whatever table it is of.
#[derive(Clone, Debug)]
pub struct Present {
    /// What the chain would hold of it.
    pub digest: String,
    /// Its columns by name.
    pub columns: serde_json::Map<String, serde_json::Value>,
}

impl Present {
    fn of(row: &impl Record) -> Self {
        let columns = match serde_json::to_value(row) {
            Ok(serde_json::Value::Object(columns)) => columns,
            _ => serde_json::Map::new(),
        };
        Self { digest: row.digest(), columns }
    }
}

macro_rules! tables {
    ($($row:ty),+ $(,)?) => {
        /// Compares every table of the chain; what remains in `last` has lost its row.
        pub(super) fn compare_rows(
            connection: &mut Connection,
            mut last: audit::LastDigests,
            verification: &mut audit::Verification,
        ) -> Result<(), Error> {
            $(audit::compare::<$row>(connection, &mut last, verification)?;)+
            let mut lost: Vec<_> = last.into_keys().collect();
            lost.sort();
            for (table, key) in lost {
                verification.differs(&table, &key, format!("row {table} {key} is gone"));
            }
            Ok(())
        }

        /// The row with this key; none when it is gone, or when there is no such table in the chain.
        pub fn present(connection: &mut Connection, table: &str, key: &str) -> Result<Option<Present>, Error> {
            $(if table == <$row as Record>::TABLE {
                return Ok(<$row>::by_key(connection, key)?.map(|row| Present::of(&row)));
            })+
            Ok(None)
        }

        /// Lets the chain vouch for the row as it stands; false when it is gone.
        pub fn accept(tx: &mut Tx, verb: Verb, table: &str, key: &str) -> Result<bool, Error> {
            $(if table == <$row as Record>::TABLE {
                let row = <$row>::by_key(tx.connection(), key)?;
                row.iter().for_each(|row| tx.note(verb, row, false));
                return Ok(row.is_some());
            })+
            Ok(false)
        }
    };
}

tables!(
    procedures::ProcedureRow,
    procedures::AcknowledgementRow,
    procedures::CheckRow,
    procedures::EnrolmentRow,
    rollouts::RolloutRow,
    rollouts::WaiverRow,
    rollouts::ProofRow,
    rollouts::SetupRow,
    rollouts::DownloadRow,
    week_reviews::WeekReviewRow,
    week_reviews::WeekNoteRow,
    week_reviews::TaskRow,
    people::PersonRow,
    people::GrantRow,
    tokens::TokenRow,
    sites::SiteRow,
    automations::AutomationRow,
    pauses::PauseRow,
    incidents::IncidentRow,
    timeline::EntryRow,
    evidence::EvidenceRow,
    evidence::VersionRow,
    evidence::ReleaseRow,
    alarms::AlarmRow,
    bundles::BundleRow,
    keys::KeyRow,
    escalations::EscalationRow,
    reviews::ReviewRow,
    reviews::PointRow,
    prevention::ActionRow,
    checks::CheckRow,
    checks::ResultRow,
    criteria::CriterionRow,
    restarts::ParticipationRow,
    restarts::RequestRow,
    runs::RunRow,
    runs::RunReviewRow,
    cadence::AutomationReviewRow,
    cadence::FlagRow,
    cadence::ChangeRow,
    phases::PhaseRow,
    phases::CertificateRow,
    overrides::OverrideRow,
    drills::DrillRow,
    differences::DifferenceRow,
    settlements::SettlementRow,
    notices::NoticeRow,
    practices::PracticeRow,
    practices::PracticeRunRow,
    practices::AttestationRow,
    practices::PracticeReviewRow,
    practice_escalations::PracticeEscalationRow,
    replies::ReplyRow,
    hand_deliveries::HandDeliveryRow,
    playbooks::PlaybookRow,
    playbooks::VersionRow,
    playbooks::ExportRow,
    playbooks::LocalisationRow,
    playbooks::FirstRunRow,
    playbooks::FlagRow,
    playbook_runs::PlaybookRunRow,
    playbook_runs::StepRow,
    assets::AssetRow,
    assets::PlacementRow,
    asset_reviews::ReuseDecisionRow,
    asset_reviews::AssetChangeRow,
    asset_reviews::AssetReviewRow,
    own_rules::OwnRuleRow,
    rule_work::RerunRow,
    rotations::RotationRow,
);
