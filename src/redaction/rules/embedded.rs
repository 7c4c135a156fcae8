//! The rule files of the product, embedded at compile time.

/// (file name, TOML text), in the order in which rules of equal standing are preferred.
pub(super) static FILES: &[(&str, &str)] = &[
    ("wordpress.toml", include_str!("../../../rules/wordpress.toml")),
    ("providers.toml", include_str!("../../../rules/providers.toml")),
    ("platforms.toml", include_str!("../../../rules/platforms.toml")),
    ("models.toml", include_str!("../../../rules/models.toml")),
    ("business.toml", include_str!("../../../rules/business.toml")),
    ("builds.toml", include_str!("../../../rules/builds.toml")),
    ("services.toml", include_str!("../../../rules/services.toml")),
    ("headers.toml", include_str!("../../../rules/headers.toml")),
    ("keys.toml", include_str!("../../../rules/keys.toml")),
    ("payment.toml", include_str!("../../../rules/payment.toml")),
    ("personal.toml", include_str!("../../../rules/personal.toml")),
    ("commands.toml", include_str!("../../../rules/commands.toml")),
    ("assignments.toml", include_str!("../../../rules/assignments.toml")),
];
