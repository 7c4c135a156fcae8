//! The JSON API.

mod incidents;
