//! A site: one WordPress installation, with the versions that a report has to state.

use super::problem::FieldError;
use serde::{Deserialize, Serialize};

/// Versions in use on a site, or at the time of an incident. Each is free text as the site states it (`8.3.2`, `6.7-RC1`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, bound(deserialize = "T: Deserialize<'de>"))]
pub struct Versions<T> {
    /// The SophMate plugin.
    pub sophmate: Option<T>,
    /// WordPress itself.
    pub wordpress: Option<T>,
    /// PHP.
    pub php: Option<T>,
    /// WooCommerce.
    pub woocommerce: Option<T>,
    /// The active theme, with its version.
    pub theme: Option<T>,
}

impl<T> Default for Versions<T> {
    fn default() -> Self {
        Self { sophmate: None, wordpress: None, php: None, woocommerce: None, theme: None }
    }
}

impl<T> Versions<T> {
    /// The same versions in another form of text.
    pub fn map<U>(self, mut f: impl FnMut(T) -> U) -> Versions<U> {
        Versions {
            sophmate: self.sophmate.map(&mut f),
            wordpress: self.wordpress.map(&mut f),
            php: self.php.map(&mut f),
            woocommerce: self.woocommerce.map(&mut f),
            theme: self.theme.map(&mut f),
        }
    }
}

/// A name for addresses: lower-case letters, digits and single dashes, 2 to 60 characters.
pub fn check_slug(field: &str, slug: &str, errors: &mut Vec<FieldError>) {
    let shaped = slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !slug.starts_with('-')
        && !slug.ends_with('-')
        && !slug.contains("--");
    if slug == "new" {
        errors.push(FieldError::new(field, "The word new is taken by the page that adds one. Use another short name."));
    } else if !shaped || !(2..=60).contains(&slug.len()) {
        errors.push(FieldError::new(
            field,
            "Use 2 to 60 lower-case letters, digits and single dashes, for example shop-north.",
        ));
    }
}

/// An http or https address without a user name or password in it.
pub fn check_address(field: &str, address: &str, errors: &mut Vec<FieldError>) {
    let good = url::Url::parse(address).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some()
            && url.username().is_empty()
            && url.password().is_none()
    });
    if !good {
        errors.push(FieldError::new(
            field,
            "Give the whole address, for example https://shop.example.org, without a password in it.",
        ));
    }
}

/// A time zone of the IANA database (`Europe/Berlin`).
pub fn check_zone(field: &str, zone: &str, errors: &mut Vec<FieldError>) {
    if zone.parse::<chrono_tz::Tz>().is_err() {
        errors.push(FieldError::new(field, "Choose a zone from the list, for example Europe/Berlin or UTC."));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_fit_for_addresses() {
        for (slug, good) in
            [("shop-north", true), ("a", false), ("Shop", false), ("a--b", false), ("../x", false), ("new", false)]
        {
            let mut errors = Vec::new();
            check_slug("slug", slug, &mut errors);
            assert_eq!(errors.is_empty(), good, "{slug}");
        }
    }

    #[test]
    fn addresses_carry_no_password() {
        for (address, good) in [
            ("https://shop.example.org", true),
            ("https://me:pw@shop.example.org", false),
            ("ftp://shop.example.org", false),
            ("javascript:alert(1)", false),
            ("shop", false),
        ] {
            let mut errors = Vec::new();
            check_address("production_url", address, &mut errors);
            assert_eq!(errors.is_empty(), good, "{address}");
        }
    }
}
