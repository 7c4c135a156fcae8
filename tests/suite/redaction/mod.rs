//! The redaction engine from outside.

mod field;
mod field_logs;
mod logs;
mod properties;
mod second_scan;
mod types;
