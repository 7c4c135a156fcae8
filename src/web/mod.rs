//! The outside world by HTTP: pages and the JSON API, both calling the same actions.
//!
//! `routes.rs` is the whole surface. A page's handler reads its form into a typed value with an error per field, calls
//! one action, and shows the outcome; the API does the same with JSON.

pub mod api;
mod assets;
mod audit_export;
mod auth;
mod cookies;
mod download;
mod failure;
mod fields;
mod headers;
mod health;
mod once;
mod page;
pub mod pages;
mod press;
mod routes;
mod shown;
mod state;
mod throttle;
mod unsent;
mod upload;

pub use routes::routes;
pub use state::{DemoLogin, Settings, State};
