//! `allclear audit verify`.

use super::Installation;

#[test]
fn a_row_that_was_changed_behind_the_chain_is_named() {
    let place = Installation::new();
    place.person("ada@example.org", "administrator");
    let good = place.run(&["audit", "verify"]).with(0);
    assert!(good.text.contains("entries") && good.text.contains("head "), "{}", good.text);

    place.database.execute("UPDATE people SET name = 'Somebody Else'");
    place.run(&["audit", "verify"]).refused(1, "row people ");
    place.database.execute("UPDATE people SET name = 'Somebody'");
    place.run(&["audit", "verify"]).with(0);

    place.database.execute("UPDATE audit SET actor = 'system:nobody' WHERE seq = 2");
    place.run(&["audit", "verify"]).refused(1, "entry 2 was altered");
}

#[test]
fn an_entry_cut_off_the_end_is_noticed() {
    let place = Installation::new();
    place.person("ada@example.org", "administrator");
    place.database.execute("DELETE FROM audit WHERE seq = (SELECT MAX(seq) FROM audit)");
    place.run(&["audit", "verify"]).refused(1, "the head names entry");
}

#[test]
fn without_a_database_nothing_is_made() {
    let place = Installation::new();
    let words = if place.is_sqlite() { "there is no database" } else { "allclear migrate" };
    place.run(&["audit", "verify"]).refused(2, words);
    assert!(!place.data.exists());
}
