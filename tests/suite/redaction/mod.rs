//! The redaction engine from outside.

mod types;
