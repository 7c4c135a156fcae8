//! The redaction engine from outside.

mod code;
mod field;
mod field_logs;
mod hunt;
mod lines;
mod logs;
mod properties;
mod second_scan;
mod types;
