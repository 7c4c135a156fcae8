//! Incidents: filed, listed, shown, changed.

pub(in crate::web) mod change;
pub(in crate::web) mod file;
pub(in crate::web) mod list;
pub(in crate::web) mod show;

use crate::domain::incident::{Extent, Impact, Pausable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The six dimensions beside the severity; what is left away is unknown.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = Impact)]
pub(super) struct ImpactBody {
    production_impact: Option<Extent>,
    customer_visibility: Option<Extent>,
    revenue_risk: Option<Extent>,
    privacy_exposure: Option<Extent>,
    data_correctness: Option<Extent>,
    can_be_paused: Option<Pausable>,
}

impl ImpactBody {
    /// These answers over earlier ones.
    fn over(self, earlier: &Impact) -> Impact {
        Impact {
            production_impact: self.production_impact.unwrap_or(earlier.production_impact),
            customer_visibility: self.customer_visibility.unwrap_or(earlier.customer_visibility),
            revenue_risk: self.revenue_risk.unwrap_or(earlier.revenue_risk),
            privacy_exposure: self.privacy_exposure.unwrap_or(earlier.privacy_exposure),
            data_correctness: self.data_correctness.unwrap_or(earlier.data_correctness),
            can_be_paused: self.can_be_paused.unwrap_or(earlier.can_be_paused),
        }
    }
}

impl From<&Impact> for ImpactBody {
    fn from(impact: &Impact) -> Self {
        Self {
            production_impact: Some(impact.production_impact),
            customer_visibility: Some(impact.customer_visibility),
            revenue_risk: Some(impact.revenue_risk),
            privacy_exposure: Some(impact.privacy_exposure),
            data_correctness: Some(impact.data_correctness),
            can_be_paused: Some(impact.can_be_paused),
        }
    }
}
