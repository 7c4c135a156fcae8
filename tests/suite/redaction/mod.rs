//! The redaction engine from outside.

mod properties;
mod types;
