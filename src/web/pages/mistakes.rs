//! Common mistakes, said on the page where they would be made.

use crate::actions::Failure;
use crate::domain::practice::{Place, warnings};
use crate::store::{Connection, practices};

/// The common mistakes that would be made at this place, as the practices say them now. The template shows them with
/// `practice.mistakes`.
pub(in crate::web) fn mistakes(connection: &mut Connection, place: Place) -> Result<Vec<String>, Failure> {
    let newest = practices::newest(connection)?;
    let mut said: Vec<String> = Vec::new();
    for line in newest.iter().flat_map(|row| warnings(&row.definition, place)) {
        // Several practices warn of the same.
        if !said.contains(&line.text) {
            said.push(line.text.clone());
        }
    }
    Ok(said)
}
