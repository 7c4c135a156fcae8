//! An automation: what can be paused, and the nine things that must be known before it may run
//! (seed "Workflow safety": "Define owner, trigger, input scope, output, approval gate, retry limit, notification
//! path, and pause rule"; rollback path from its first paragraph).

use super::problem::Reason;
use super::words::words;

words! {
    /// What kind of thing it is.
    Kind {
        Workflow = "workflow",
        Watcher = "watcher",
        Agent = "agent",
        Playbook = "playbook",
        Tool = "tool",
        Panel = "panel",
        PublishingPath = "publishing_path",
    }
}

words! {
    /// The category by which it can be switched off together with its like.
    Category {
        Commerce = "commerce",
        Content = "content",
        Support = "support",
        Marketing = "marketing",
        System = "system",
        Image = "image",
        Agent = "agent",
    }
}

words! {
    /// How far an open gate opens.
    RunScope {
        ReadOnly = "read_only",
        Narrow = "narrow",
        Normal = "normal",
    }
}

words! {
    /// Where a run takes place.
    Environment {
        Production = "production",
        Staging = "staging",
    }
}

/// What an automation touches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Touches {
    /// It writes production data.
    pub writes_data: bool,
    /// It contacts customers, or shows them something.
    pub contacts_customers: bool,
    /// It spends money.
    pub spends_money: bool,
}

words! {
    /// The nine facts of a definition.
    Field {
        Owner = "owner",
        Trigger = "trigger",
        InputScope = "input_scope",
        ExpectedOutput = "expected_output",
        ApprovalGate = "approval_gate",
        RetryLimit = "retry_limit",
        NotificationPath = "notification_path",
        PauseRule = "pause_rule",
        RollbackPath = "rollback_path",
    }
}

/// The highest retry limit that can be registered: more is a loop, not a retry.
pub const RETRY_LIMIT_MAX: i32 = 20;

/// The highest number of failures that can be allowed within a window.
pub const FAILURE_LIMIT_MAX: i32 = 1000;
/// The longest such window, minutes: a week.
pub const FAILURE_MINUTES_MAX: i32 = 10_080;

/// One reason per field that is not filled: while there is any, the gate stays closed.
pub fn missing_reasons(missing: &[Field]) -> Vec<Reason> {
    missing
        .iter()
        .map(|field| {
            Reason::new(
                format!("missing_{field}"),
                format!("The {} is not defined. Fill it in on the automation's page.", field.label()),
                "administrator",
            )
        })
        .collect()
}
