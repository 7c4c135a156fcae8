//! `allclear migrate`.

use super::{Stop, installation};
use crate::app;
use crate::store;

pub(super) fn run() -> Result<(), Stop> {
    let config = installation::settings()?;
    app::make_data_folder(&config.data)?;
    match store::bring_up_to_date(&config.database)? {
        0 => println!("The schema is up to date"),
        1 => println!("Applied 1 migration"),
        count => println!("Applied {count} migrations"),
    }
    Ok(())
}
