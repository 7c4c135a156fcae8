//! Registering and changing a site.

use super::{Answer, Desk, Failure, readiness, sight};
use crate::domain::ids::SiteId;
use crate::domain::incident::{LINE_MAX, check_length, clean_line};
use crate::domain::person::{Act, Actor};
use crate::domain::problem::FieldError;
use crate::domain::site::{Versions, check_address, check_slug, check_zone};
use crate::redaction::Level;
use crate::store::sites::{self, SiteRow};
use crate::store::{Error, Json, Verb, automations};
use serde::Serialize;

/// A site as typed.
#[derive(Clone, Debug, Default)]
pub struct SiteForm {
    /// Name in addresses.
    pub slug: String,
    /// Name shown to people.
    pub name: String,
    /// Address of the live site.
    pub production_url: String,
    /// Address of the copy.
    pub staging_url: Option<String>,
    /// IANA zone.
    pub time_zone: String,
    /// Versions in use.
    pub versions: Versions<String>,
    /// Who set it up.
    pub setup_owner: Option<String>,
    /// How to reach the hosting company.
    pub hosting_contact: Option<String>,
    /// How to reach the AI provider.
    pub provider_contact: Option<String>,
}

/// A registered site.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RegisteredSite {
    /// Its id.
    pub id: String,
    /// Its slug.
    pub slug: String,
    /// Its version.
    pub version: i32,
}

impl Answer for RegisteredSite {
    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/sites/{}", self.slug))
    }
}

/// Registers a site.
pub fn create(desk: &Desk, actor: &Actor, form: SiteForm) -> Result<RegisteredSite, Failure> {
    desk.answered_before()?;
    sight::everywhere(actor, Act::ManageRegistry)?;
    let form = checked(desk, form)?;
    desk.answer(actor, move |tx| {
        let row = SiteRow { id: SiteId::fresh(), version: 1, created_at: tx.now(), ..row_of(form) };
        match tx.insert(Verb::Created, &row) {
            Err(Error::Exists) => Err(Failure::field("slug", "There is a site with this short name already.")),
            Err(error) => Err(error.into()),
            Ok(()) => Ok(answer(&row)),
        }
    })
}

/// Changes a site; its slug stays.
pub fn change(
    desk: &Desk,
    actor: &Actor,
    slug: &str,
    expected: Option<i32>,
    mut form: SiteForm,
) -> Result<RegisteredSite, Failure> {
    desk.read(|connection| sight::site(connection, actor, slug, Act::ManageRegistry))?;
    form.slug = slug.to_owned();
    let form = checked(desk, form)?;
    let (slug, actor_copy) = (slug.to_owned(), actor.clone());
    desk.answer(actor, move |tx| {
        let old = sight::site(tx.connection(), &actor_copy, &slug, Act::ManageRegistry)?;
        if expected.is_some_and(|expected| expected != old.version) {
            return Err(Failure::Stale);
        }
        let row = SiteRow { id: old.id, version: old.version + 1, created_at: old.created_at, ..row_of(form) };
        tx.update(Verb::Changed, &row)?;
        if row.versions != old.versions {
            // What was tested on the old versions says nothing about the new ones.
            let who = (actor_copy.reference(), actor_copy.name());
            let there = automations::of_site(tx.connection(), &row.id)?;
            readiness::void_where_covered(tx, &there, &who, "the versions of the site changed")?;
        }
        Ok(answer(&row))
    })
}

/// The slugs that are taken, for suggestions; read by pages.
pub fn exists(desk: &Desk, slug: &str) -> Result<bool, Failure> {
    desk.read(|connection| Ok(sites::by_slug(connection, slug)?.is_some()))
}

fn answer(row: &SiteRow) -> RegisteredSite {
    RegisteredSite { id: row.id.to_string(), slug: row.slug.clone(), version: row.version }
}

/// A row without id, version and date, which the caller gives.
fn row_of(form: SiteForm) -> SiteRow {
    SiteRow {
        id: SiteId::from_text(""),
        slug: form.slug,
        name: form.name,
        production_url: form.production_url,
        staging_url: form.staging_url,
        time_zone: form.time_zone,
        versions: Json::of(form.versions),
        setup_owner: form.setup_owner,
        hosting_contact: form.hosting_contact,
        provider_contact: form.provider_contact,
        version: 0,
        created_at: crate::domain::moment::Moment::from_naive_utc(chrono::NaiveDateTime::default()),
    }
}

fn checked(desk: &Desk, form: SiteForm) -> Result<SiteForm, Failure> {
    let line = |text: String| clean_line(&text);
    let optional = |text: Option<String>| text.map(line).filter(|text| !text.is_empty());
    let v = form.versions;
    let form = SiteForm {
        slug: line(form.slug),
        name: line(form.name),
        production_url: line(form.production_url),
        staging_url: optional(form.staging_url),
        time_zone: line(form.time_zone),
        versions: Versions {
            sophmate: optional(v.sophmate),
            wordpress: optional(v.wordpress),
            php: optional(v.php),
            woocommerce: optional(v.woocommerce),
            theme: optional(v.theme),
        },
        setup_owner: optional(form.setup_owner),
        hosting_contact: optional(form.hosting_contact),
        provider_contact: optional(form.provider_contact),
    };
    let mut errors = Vec::new();
    check_slug("slug", &form.slug, &mut errors);
    if form.name.is_empty() {
        errors.push(FieldError::new("name", "Give the name that people use for this site."));
    }
    check_address("production_url", &form.production_url, &mut errors);
    if let Some(staging) = &form.staging_url {
        check_address("staging_url", staging, &mut errors);
    }
    check_zone("time_zone", &form.time_zone, &mut errors);
    let versions = &form.versions;
    let texts = [
        ("name", Some(&form.name)),
        ("version_sophmate", versions.sophmate.as_ref()),
        ("version_wordpress", versions.wordpress.as_ref()),
        ("version_php", versions.php.as_ref()),
        ("version_woocommerce", versions.woocommerce.as_ref()),
        ("version_theme", versions.theme.as_ref()),
        ("setup_owner", form.setup_owner.as_ref()),
        ("hosting_contact", form.hosting_contact.as_ref()),
        ("provider_contact", form.provider_contact.as_ref()),
    ];
    for (field, text) in texts.iter().filter_map(|(field, text)| Some((field, text.as_ref()?))) {
        check_length(field, text, LINE_MAX, &mut errors);
    }
    let texts = texts.into_iter().filter_map(|(field, text)| Some((field, text?.as_str())));
    refuse_secrets(desk, texts, &mut errors)?;
    if errors.is_empty() { Ok(form) } else { Err(Failure::Invalid(errors)) }
}

/// The registry is read by everybody: a credential there is refused, not hidden. Addresses of people are what some
/// fields are for, so what is only personal passes.
pub(super) fn refuse_secrets<'t>(
    desk: &Desk,
    texts: impl Iterator<Item = (&'t str, &'t str)>,
    errors: &mut Vec<FieldError>,
) -> Result<(), Failure> {
    let redactor = super::pause::registry_redactor(desk)?;
    for (field, text) in texts {
        let found = redactor.text(text).findings;
        let secret = found.iter().find(|f| f.level >= Level::Likely && !PERSONAL.contains(&f.rule.as_str()));
        if let Some(finding) = secret {
            errors.push(FieldError::new(
                field,
                format!("This holds a secret ({}). Take it out: everybody on the site can read this.", finding.rule),
            ));
        }
    }
    Ok(())
}

/// Rules for what identifies people but opens nothing.
pub(super) const PERSONAL: &[&str] =
    &["email", "email-own", "phone", "ip", "ipv6", "name", "address", "postcode", "birth-date"];
