//! The rules, without I/O and without a clock: facts and a moment go in, an answer comes out.
//!
//! Everything here can be read and tested without a database, a browser or a server. A rule that decides
//! something for people stands here once; pages, API, jobs and command line call it.

pub(crate) mod words;

pub mod asset;
pub mod audit_chain;
pub mod automation;
pub mod bundle;
pub mod by_hand;
pub mod cadence;
pub mod configuration;
pub mod escalation;
pub mod evidence;
pub mod gate;
pub mod ids;
pub mod incident;
pub mod lease;
pub mod moment;
pub mod operator;
pub mod own_rule;
pub mod person;
pub mod phase;
pub mod picture_file;
pub mod playbook;
pub mod playbook_file;
pub mod playbook_words;
pub mod practice;
pub mod problem;
pub mod procedure;
pub mod reply;
pub mod review;
pub mod run;
pub mod search;
pub mod site;
pub mod statement;
pub mod switch;
pub mod timeline;
