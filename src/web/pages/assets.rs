//! Generated assets: the register, bringing one in, its record, approval, reuse, and where it stands.

pub(in crate::web) mod around;
pub(in crate::web) mod bring;
mod compose;
pub(in crate::web) mod form;
pub(in crate::web) mod list;
pub(in crate::web) mod picture;
pub(in crate::web) mod show;
pub(in crate::web) mod work;

use crate::store::assets::AssetRow;

/// What an image of ours says to who does not see it: its alt text, or that it has none yet.
fn alt(row: &AssetRow) -> String {
    match &row.alt_text {
        Some(text) => text.to_string(),
        None => format!("{} (it has no alt text yet)", row.name),
    }
}
