//! The database: one schema on SQLite or PostgreSQL, one file per noun.
//!
//! Reads take a [`Connection`]; writes take a [`Tx`], which only [`Database::write`] hands out and which writes the
//! audit chain in the same transaction. Nothing outside this folder speaks SQL.

mod columns;
mod connection;
mod database;
mod error;
mod migrate;
mod record;
mod schema;
mod tx;
mod writer;

pub mod alarms;
pub mod asset_reviews;
pub mod assets;
pub mod audit;
pub mod automations;
pub mod bundles;
pub mod cadence;
pub mod checks;
pub mod criteria;
pub mod differences;
pub mod drafts;
pub mod drills;
pub mod escalations;
pub mod evidence;
pub mod idempotency;
pub mod incidents;
pub mod jobs;
pub mod keys;
pub mod notices;
pub mod overrides;
pub mod pauses;
pub mod people;
pub mod phases;
pub mod playbook_runs;
pub mod playbooks;
pub mod practices;
pub mod prevention;
pub mod restarts;
pub mod reviews;
pub mod runs;
pub mod search;
pub mod sessions;
pub mod sites;
pub mod timeline;
pub mod tokens;

pub use columns::Json;
pub use connection::{Address, AnyConnection as Connection};
pub use database::{Database, OwnReader, bring_up_to_date, copy_sqlite, is_empty, look};
pub use error::Error;
pub use record::Record;
pub use tx::{Tx, Verb, Written};

/// Compares every table of the chain; what remains in `last` has lost its row.
fn compare_rows(
    connection: &mut Connection,
    mut last: audit::LastDigests,
    verification: &mut audit::Verification,
) -> Result<(), Error> {
    let (c, l, v) = (connection, &mut last, verification);
    audit::compare::<people::PersonRow>(c, l, v)?;
    audit::compare::<people::GrantRow>(c, l, v)?;
    audit::compare::<tokens::TokenRow>(c, l, v)?;
    audit::compare::<sites::SiteRow>(c, l, v)?;
    audit::compare::<automations::AutomationRow>(c, l, v)?;
    audit::compare::<pauses::PauseRow>(c, l, v)?;
    audit::compare::<incidents::IncidentRow>(c, l, v)?;
    audit::compare::<timeline::EntryRow>(c, l, v)?;
    audit::compare::<evidence::EvidenceRow>(c, l, v)?;
    audit::compare::<evidence::VersionRow>(c, l, v)?;
    audit::compare::<evidence::ReleaseRow>(c, l, v)?;
    audit::compare::<alarms::AlarmRow>(c, l, v)?;
    audit::compare::<bundles::BundleRow>(c, l, v)?;
    audit::compare::<keys::KeyRow>(c, l, v)?;
    audit::compare::<escalations::EscalationRow>(c, l, v)?;
    audit::compare::<reviews::ReviewRow>(c, l, v)?;
    audit::compare::<reviews::PointRow>(c, l, v)?;
    audit::compare::<prevention::ActionRow>(c, l, v)?;
    audit::compare::<checks::CheckRow>(c, l, v)?;
    audit::compare::<checks::ResultRow>(c, l, v)?;
    audit::compare::<criteria::CriterionRow>(c, l, v)?;
    audit::compare::<restarts::ParticipationRow>(c, l, v)?;
    audit::compare::<restarts::RequestRow>(c, l, v)?;
    audit::compare::<runs::RunRow>(c, l, v)?;
    audit::compare::<runs::RunReviewRow>(c, l, v)?;
    audit::compare::<cadence::AutomationReviewRow>(c, l, v)?;
    audit::compare::<cadence::FlagRow>(c, l, v)?;
    audit::compare::<cadence::ChangeRow>(c, l, v)?;
    audit::compare::<phases::PhaseRow>(c, l, v)?;
    audit::compare::<phases::CertificateRow>(c, l, v)?;
    audit::compare::<overrides::OverrideRow>(c, l, v)?;
    audit::compare::<drills::DrillRow>(c, l, v)?;
    audit::compare::<differences::DifferenceRow>(c, l, v)?;
    audit::compare::<notices::NoticeRow>(c, l, v)?;
    audit::compare::<practices::PracticeRow>(c, l, v)?;
    audit::compare::<practices::PracticeRunRow>(c, l, v)?;
    audit::compare::<practices::AttestationRow>(c, l, v)?;
    audit::compare::<practices::PracticeReviewRow>(c, l, v)?;
    audit::compare::<playbooks::PlaybookRow>(c, l, v)?;
    audit::compare::<playbooks::VersionRow>(c, l, v)?;
    audit::compare::<playbooks::ExportRow>(c, l, v)?;
    audit::compare::<playbooks::LocalisationRow>(c, l, v)?;
    audit::compare::<playbooks::FirstRunRow>(c, l, v)?;
    audit::compare::<playbooks::FlagRow>(c, l, v)?;
    audit::compare::<playbook_runs::PlaybookRunRow>(c, l, v)?;
    audit::compare::<playbook_runs::StepRow>(c, l, v)?;
    audit::compare::<assets::AssetRow>(c, l, v)?;
    audit::compare::<assets::PlacementRow>(c, l, v)?;
    audit::compare::<asset_reviews::ReuseDecisionRow>(c, l, v)?;
    audit::compare::<asset_reviews::AssetChangeRow>(c, l, v)?;
    audit::compare::<asset_reviews::AssetReviewRow>(c, l, v)?;
    let mut lost: Vec<_> = last.into_keys().collect();
    lost.sort();
    for (table, key) in lost {
        v.differs(&table, &key, format!("row {table} {key} is gone"));
    }
    Ok(())
}
