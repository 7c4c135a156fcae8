//! Rows by what they belong to, so that what one automation rests on is found without looking at the others.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// Rows under the key of their owner, in the order of their ids.
pub(super) struct Shelf<K, R> {
    rows: HashMap<K, BTreeMap<String, R>>,
    owners: HashMap<String, K>,
}

impl<K, R> Default for Shelf<K, R> {
    fn default() -> Self {
        Self { rows: HashMap::new(), owners: HashMap::new() }
    }
}

impl<K: Clone + Eq + Hash, R> Shelf<K, R> {
    /// Puts a row in the place of its earlier self.
    pub(super) fn put(&mut self, id: &str, owner: K, row: R) {
        self.take(id);
        self.owners.insert(id.to_owned(), owner.clone());
        self.rows.entry(owner).or_default().insert(id.to_owned(), row);
    }

    /// Takes a row out; returns whose it was.
    pub(super) fn take(&mut self, id: &str) -> Option<K> {
        let owner = self.owners.remove(id)?;
        if let Some(rows) = self.rows.get_mut(&owner) {
            rows.remove(id);
            if rows.is_empty() {
                self.rows.remove(&owner);
            }
        }
        Some(owner)
    }

    /// The rows of one owner, oldest first.
    pub(super) fn of<'a>(&'a self, owner: &K) -> impl DoubleEndedIterator<Item = &'a R> + use<'a, K, R> {
        self.rows.get(owner).into_iter().flat_map(BTreeMap::values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_stands_under_its_present_owner_only() {
        let mut shelf = Shelf::default();
        shelf.put("1", "a", "first");
        shelf.put("2", "a", "second");
        shelf.put("1", "b", "moved");
        assert_eq!(shelf.of(&"a").collect::<Vec<_>>(), [&"second"]);
        assert_eq!(shelf.of(&"b").collect::<Vec<_>>(), [&"moved"]);
        assert_eq!((shelf.take("1"), shelf.take("1")), (Some("b"), None));
        assert_eq!(shelf.of(&"b").count(), 0);
    }
}
