//! What the words of a playbook say on the site of the incident in which it is gone through: as the version says that was
//! begun, with what the site says now.

use super::{Failure, sight};
use crate::domain::playbook_words::OnSite;
use crate::store::playbook_runs::PlaybookRunRow;
use crate::store::sites::SiteRow;
use crate::store::{Connection, playbooks};

/// What the site says about the placeholders of this run.
pub fn on_site(connection: &mut Connection, run: &PlaybookRunRow, site: &SiteRow) -> Result<OnSite, Failure> {
    let mut playbook = sight::promised(playbooks::find(connection, &run.playbook_id))?;
    playbook.version = run.version;
    let content = sight::promised(playbooks::content(connection, &playbook))?.content.into_inner();
    let fields = [
        ("hosting_contact", site.hosting_contact.clone()),
        ("provider_contact", site.provider_contact.clone()),
        ("setup_owner", site.setup_owner.clone()),
        ("production_url", Some(site.production_url.clone())),
        ("staging_url", site.staging_url.clone()),
    ];
    // Oldest first: the newest answer of a row stays.
    let answers = playbooks::localisations(connection, &playbook.id)?;
    let text = |answer: Option<crate::redaction::Redacted>| answer.map(|text| text.into_string());
    Ok(OnSite {
        fields: fields
            .into_iter()
            .filter_map(|(field, value)| Some((field, value.filter(|value| !value.trim().is_empty())?)))
            .collect(),
        rows: answers.into_iter().map(|row| (row.topic, (row.answer, text(row.changed_to)))).collect(),
        placeholders: (content.placeholders.into_iter())
            .map(|one| (one.name.into_string(), (one.topic, one.hint.into_string())))
            .collect(),
    })
}
