//! `docs/seeds.md` against the practices and against the tests that it names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The table: id, what makes it true, the test.
fn table() -> BTreeMap<String, (String, String)> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/seeds.md")).unwrap();
    let mut found = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [id, _, how, test] = cells.as_slice() else { panic!("{line}") };
        let id = id.trim_matches('`').to_owned();
        assert!(found.insert(id, ((*how).to_owned(), (*test).trim_matches('`').to_owned())).is_none(), "{line}");
    }
    found
}

/// Every test of the suite by its path, with the ids in the comments before it.
fn tests() -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite"), "", &mut found);
    found
}

fn walk(folder: &Path, module: &str, found: &mut BTreeMap<String, BTreeSet<String>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            walk(&path, &format!("{module}{name}::"), found);
            continue;
        }
        let module = if name == "mod" { module.to_owned() } else { format!("{module}{name}::") };
        let mut ids = BTreeSet::new();
        let mut is_test = false;
        for line in std::fs::read_to_string(&path).unwrap().lines().map(str::trim) {
            if let Some(named) = line.strip_prefix("// seed: ") {
                ids.extend(named.split_whitespace().map(str::to_owned));
            } else if line == "#[test]" {
                is_test = true;
            } else if let Some(function) = line.strip_prefix("fn ").filter(|_| is_test) {
                let function = function.split('(').next().unwrap();
                found.insert(format!("{module}{function}"), std::mem::take(&mut ids));
                is_test = false;
            }
        }
        assert!(ids.is_empty(), "{}: {ids:?} stand before no test", path.display());
    }
}

#[test]
fn every_line_of_the_seeds_stands_in_the_table_and_every_test_that_it_names_shows_it() {
    let (table, tests) = (table(), tests());
    let shipped = allclear::domain::practice::embedded().unwrap();
    let lines: BTreeSet<String> =
        shipped.iter().flat_map(|practice| &practice.lines).map(|line| line.id.clone()).collect();
    assert_eq!(table.keys().cloned().collect::<BTreeSet<_>>(), lines);
    let mut complaints = Vec::new();
    for (id, (how, test)) in &table {
        if how.is_empty() {
            complaints.push(format!("{id}: say what makes it true, or what is missing"));
        }
        match tests.get(test) {
            None => complaints.push(format!("{id}: there is no test {test}")),
            Some(ids) if !ids.contains(id) => complaints.push(format!("{id}: {test} does not carry the id")),
            Some(_) => {}
        }
    }
    for (test, ids) in &tests {
        for id in ids.iter().filter(|id| table.get(*id).is_none_or(|(_, named)| named != test)) {
            complaints.push(format!("{test} carries {id}, and the table names another test for it"));
        }
    }
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}
