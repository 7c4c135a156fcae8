//! The one integration binary: the app on port 0, a database of its own for each test.
//!
//! Plain `cargo test` runs it on SQLite; `./tests/run` runs it again on PostgreSQL (`ALLCLEAR_TEST_DATABASE_URL` names
//! a server on which databases can be created) and with a browser (`ALLCLEAR_TEST_CHROMEDRIVER` names its driver).

mod api;
mod bundle_pages;
mod evidence_pages;
mod incidents;
mod redaction;
mod story_pages;
mod support;
