//! Makes incidents findable that were filed before there was a search. Every other document is written by the
//! transaction that writes the rows it is made of (`store::search`).

use super::{Desk, Failure};
use crate::domain::person::Actor;
use crate::store::search;

/// Documents made in one transaction: few, so that nobody waits for them.
const STEP: i64 = 50;

/// Makes every document that is missing, beginning with the newest incidents, until `stop` says so; returns how many
/// those were.
pub fn catch_up(desk: &Desk, stop: impl Fn() -> bool) -> Result<usize, Failure> {
    let (mut made, mut last) = (0, None);
    loop {
        let missing = desk.read(|connection| Ok(search::without_document(connection, last.as_ref(), STEP)?))?;
        if missing.is_empty() || stop() {
            return Ok(made);
        }
        made += missing.len();
        last = missing.last().cloned();
        desk.write(&Actor::System("search"), move |tx| {
            for incident in &missing {
                search::make_document(tx, incident)?;
            }
            Ok(())
        })?;
    }
}
