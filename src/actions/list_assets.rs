//! A page of assets, each with how it stands; the list for reuse holds only what may be used again now.

use super::asset_standing::{self, Standing};
use super::{Desk, Failure};
use crate::domain::asset::AssetState;
use crate::store::Connection;
use crate::store::assets::{self, AssetRow, Filter};

/// Rows that are read at once while looking for those that may be used again.
const BATCH: i64 = 100;

/// The assets that pass the filter, newest first, at most `limit`; `reusable`: only those that may be used again now.
pub fn page(
    desk: &Desk,
    connection: &mut Connection,
    mut filter: Filter,
    reusable: bool,
    limit: usize,
) -> Result<Vec<(AssetRow, Standing)>, Failure> {
    if !reusable {
        let rows = assets::list(connection, &filter, i64::try_from(limit).unwrap_or(i64::MAX))?;
        return rows.into_iter().map(|row| with_standing(desk, connection, row)).collect();
    }
    // Only what is approved can be; how it stands otherwise, the rule says row by row.
    if filter.state.is_some_and(|state| state != AssetState::Approved) {
        return Ok(Vec::new());
    }
    filter.state = Some(AssetState::Approved);
    let mut found: Vec<(AssetRow, Standing)> = Vec::new();
    let upward = filter.after.is_some();
    loop {
        let rows = assets::list(connection, &filter, BATCH)?;
        let is_last = i64::try_from(rows.len()).is_ok_and(|count| count < BATCH);
        if upward {
            filter.after = rows.first().map(|row| row.id.clone());
        } else {
            filter.before = rows.last().map(|row| row.id.clone());
        }
        let mut kept = Vec::new();
        for row in rows {
            let one = with_standing(desk, connection, row)?;
            if one.1.reusable() {
                kept.push(one);
            }
        }
        if upward {
            kept.append(&mut found);
            found = kept;
        } else {
            found.append(&mut kept);
        }
        if is_last || found.len() >= limit {
            break;
        }
    }
    if upward {
        // The ones just newer are asked for: they stand at the end.
        let beyond = found.len().saturating_sub(limit);
        found.drain(..beyond);
    }
    found.truncate(limit);
    Ok(found)
}

fn with_standing(desk: &Desk, connection: &mut Connection, row: AssetRow) -> Result<(AssetRow, Standing), Failure> {
    let standing = asset_standing::at_desk(desk, connection, &row)?;
    Ok((row, standing))
}
