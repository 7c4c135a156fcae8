//! What people and automations do: one file per act, the steps in order, one transaction each.

mod desk;
mod failure;
mod intake;
mod letter_words;

pub mod ask_gate;
pub mod build_bundle;
pub mod certify;
pub mod change_incident;
pub mod check_lease;
pub mod checks;
pub mod configuration;
pub mod criteria;
pub mod deliver;
pub mod drafts;
pub mod escalate;
pub mod explain_gate;
#[cfg_attr(not(test), expect(dead_code, reason = "the report of runs calls it"))]
mod fail_soak;
pub mod gate_facts;
pub mod gate_memory;
pub mod lift_alarm;
pub mod look_at_picture;
pub mod open_incident;
pub mod open_phase;
pub mod override_gate;
pub mod pause;
pub mod people;
pub mod prevent;
pub mod read_evidence;
pub mod readiness;
pub mod register_automation;
pub mod register_site;
pub mod report;
pub mod reread_evidence;
pub mod restart;
pub mod review_points;
pub mod seal_audit_head;
pub mod seal_evidence;
pub mod search_text;
pub mod shred;
pub mod sight;
pub mod sign_in;
pub mod signing;
pub mod tidy;
pub mod tokens;
pub mod watch_integrity;
pub mod write_entry;
pub mod write_review;

pub use desk::{Answer, Desk, Limits};
pub use failure::Failure;
pub use signing::key_file_fits;
