//! How things are shown on pages, the same on all of them: moments in both zones, choices, sizes, the gate's answer,
//! what was removed, who did it.

mod choices;
mod conflict;
mod facts;
mod lists;
mod names;

pub(in crate::web) use choices::{Choice, HintedChoice, role_choices, site_choices, sites_for, zones};
pub(in crate::web) use conflict::{Conflict, differences};
pub(in crate::web) use facts::{
    Finding, Missing, findings, missing, rule_title, rule_words, size, stored_size, versions,
};
pub(in crate::web) use lists::cut;
pub(in crate::web) use names::Names;

use crate::actions::report::BothZones;
use crate::domain::gate::Verdict;
use crate::domain::moment::Moment;
use crate::domain::problem::Reason;
use crate::store::sites::SiteRow;
use serde::Serialize;

/// A moment in UTC and at the site.
pub(in crate::web) type Time = BothZones;

/// The zone of what belongs to no site: such a moment is shown in the reader's zone, which the page knows when it is
/// rendered.
pub(in crate::web) const NO_SITE: &str = "";

/// The moment as a page shows it; `zone` is the site's, or [`NO_SITE`].
pub(in crate::web) fn time(at: Moment, zone: &str) -> Time {
    BothZones::of(at, zone)
}

/// The gate's answer.
#[derive(Clone, Debug, Serialize)]
pub(in crate::web) struct Gate {
    pub(in crate::web) open: bool,
    pub(in crate::web) scope: Option<String>,
    pub(in crate::web) reasons: Vec<Reason>,
    /// Why it opens less far than was earned.
    pub(in crate::web) narrowed_by: Vec<Reason>,
}

impl From<Verdict> for Gate {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Open(opening) => Self {
                open: true,
                scope: Some(opening.scope.to_string()),
                reasons: Vec::new(),
                narrowed_by: opening.narrowed_by,
            },
            Verdict::Closed(reasons) => Self { open: false, scope: None, reasons, narrowed_by: Vec::new() },
        }
    }
}

/// A name and what stands beside it.
#[derive(Clone, Debug, Serialize)]
pub(in crate::web) struct Labelled {
    pub(in crate::web) label: String,
    pub(in crate::web) value: String,
}

/// A fact that may be unknown.
#[derive(Clone, Debug, Serialize)]
pub(in crate::web) struct MaybeLabelled {
    pub(in crate::web) label: String,
    pub(in crate::web) value: Option<String>,
}

/// A site, as far as a link and a clock need it.
#[derive(Clone, Debug, Serialize)]
pub(in crate::web) struct SiteName {
    pub(in crate::web) slug: String,
    pub(in crate::web) name: String,
    pub(in crate::web) zone: String,
}

impl From<&SiteRow> for SiteName {
    fn from(site: &SiteRow) -> Self {
        Self { slug: site.slug.clone(), name: site.name.clone(), zone: site.time_zone.clone() }
    }
}

/// Who did something and when.
#[derive(Clone, Debug, Serialize)]
pub(in crate::web) struct ByAt {
    pub(in crate::web) by: String,
    pub(in crate::web) at: Time,
}

/// An incident as a heading names it.
#[derive(Clone, Debug, Serialize)]
pub(in crate::web) struct IncidentName {
    pub(in crate::web) reference: String,
    pub(in crate::web) title: String,
}

/// A text with a capital first letter: "support lead" reads "Support lead".
pub(in crate::web) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
