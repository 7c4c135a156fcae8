//! The one integration binary: the app on port 0, a database of its own for each test.
//!
//! Plain `cargo test` runs it on SQLite; `./tests/run` runs it again on PostgreSQL (`ALLCLEAR_TEST_DATABASE_URL` names
//! a server on which databases can be created) and with a browser (`ALLCLEAR_TEST_CHROMEDRIVER` names its driver).

mod account;
mod api;
mod assets;
mod audit;
mod automations;
mod browser;
mod bundle;
mod bundle_pages;
mod cli;
mod evidence;
mod evidence_pages;
mod gate;
mod house;
mod incidents;
mod jobs;
mod licences;
mod moments;
mod operators;
mod people;
mod phases;
mod practices;
mod redaction;
mod rules;
mod runs;
mod schema;
mod search;
mod secrets;
mod security;
mod sign_in;
mod sites;
mod story;
mod story_pages;
mod support;
mod switches;
mod tokens;
mod waiting;
