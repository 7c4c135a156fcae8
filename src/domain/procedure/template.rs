//! The six procedures that the product brings as a start: TOML, embedded at compile time. Nobody is trained by them until
//! an administrator has taken one over for a role.

use super::{Procedure, ProcedureTopic, problems};
use crate::domain::person::Role;
use serde::{Deserialize, Serialize};

/// The files of the product: (file name, TOML text).
static FILES: &[(&str, &str)] = &[
    ("questions.toml", include_str!("../../../procedures/questions.toml")),
    ("support-drafts.toml", include_str!("../../../procedures/support-drafts.toml")),
    ("product-copy.toml", include_str!("../../../procedures/product-copy.toml")),
    ("theme-review.toml", include_str!("../../../procedures/theme-review.toml")),
    ("workflow-approval.toml", include_str!("../../../procedures/workflow-approval.toml")),
    ("incident-escalation.toml", include_str!("../../../procedures/incident-escalation.toml")),
];

/// A start for a procedure.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProcedureTemplate)]
pub struct Template {
    /// Its name in addresses.
    pub name: String,
    /// What it is about.
    pub topic: ProcedureTopic,
    /// The role for which it is meant.
    pub role: Role,
    /// What it says.
    pub content: Procedure<String>,
}

/// The templates of the product.
///
/// # Errors
/// When a file does not parse, or a part is missing: file and reason.
pub fn templates() -> Result<Vec<Template>, String> {
    let read = |(file, text): &(&str, &str)| {
        let template: Template = toml::from_str(text).map_err(|error| format!("{file}: {error}"))?;
        match problems(&template.content).into_iter().next() {
            Some(problem) => Err(format!("{file}: {}: {}", problem.field, problem.message)),
            None => Ok(template),
        }
    };
    FILES.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // The six of the seed, each once.
    #[test]
    fn every_topic_has_its_template() {
        let topics: Vec<ProcedureTopic> = templates().unwrap().iter().map(|template| template.topic).collect();
        assert_eq!(topics, ProcedureTopic::ALL);
    }
}
