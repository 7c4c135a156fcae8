//! Two shops.

use crate::actions::register_site::{self, SiteForm};
use crate::actions::{Desk, Failure};
use crate::domain::person::Actor;
use crate::domain::site::Versions;

pub(super) const TEA_HOUSE: &str = "tea-house";
pub(super) const BIKE_WORKS: &str = "bike-works";

pub(super) fn add(desk: &Desk) -> Result<(), Failure> {
    let text = |text: &str| Some(text.to_owned());
    let tea_house = SiteForm {
        slug: TEA_HOUSE.into(),
        name: "Harbour Tea House".into(),
        production_url: "https://tea-house.example".into(),
        staging_url: text("https://staging.tea-house.example"),
        time_zone: "Europe/Berlin".into(),
        versions: Versions {
            sophmate: text("3.2.1"),
            wordpress: text("6.8.3"),
            php: text("8.3.14"),
            woocommerce: text("10.1.2"),
            theme: text("Storefront 4.6"),
        },
        setup_owner: text("Omar Lindqvist"),
        hosting_contact: text("support desk of the hosting company, contract 7-day plan"),
        provider_contact: text("status page and form of the AI provider"),
    };
    let bike_works = SiteForm {
        slug: BIKE_WORKS.into(),
        name: "Bike Works".into(),
        production_url: "https://bike-works.example".into(),
        staging_url: None,
        time_zone: "America/Chicago".into(),
        versions: Versions {
            sophmate: text("3.2.0"),
            wordpress: text("6.8.3"),
            php: text("8.2.27"),
            woocommerce: text("10.0.4"),
            theme: None,
        },
        ..SiteForm::default()
    };
    for form in [tea_house, bike_works] {
        register_site::create(desk, &Actor::System("demo"), form)?;
    }
    Ok(())
}
