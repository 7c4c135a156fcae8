//! `allclear backup` and `allclear restore`.

use super::{Installation, run};
use crate::support::PASSWORD;
use std::path::Path;

/// A served installation with one person and one file of evidence.
fn filled() -> Installation {
    let place = Installation::new();
    place.person("ada@example.org", "administrator");
    std::fs::write(place.data.join("redacted/0199.txt"), "redacted text").unwrap();
    place
}

#[test]
fn a_backup_taken_while_serving_comes_back_whole() {
    let place = filled();
    let file = place.folder.path().join("allclear.backup");
    let backup = ["backup", file.to_str().unwrap()];
    if !place.is_sqlite() {
        place.run(&backup).refused(2, "pg_dump");
        place.run(&["restore", file.to_str().unwrap()]).refused(2, "pg_restore");
        return;
    }
    let server = place.serve();
    let said = place.run(&backup).with(0);
    assert!(said.text.contains("key file is not in it"), "{}", said.text);
    place.run(&backup).refused(2, "there already");
    drop(server);

    // Into a new place, with the old key file.
    let mut back = Installation::new();
    let restore = ["restore", file.to_str().unwrap()];
    assert!(back.run(&restore).with(0).text.contains("the audit chain holds"));
    assert_eq!(std::fs::read_to_string(back.data.join("redacted/0199.txt")).unwrap(), "redacted text");
    back.run(&restore).refused(2, "not empty");
    back.key_file.clone_from(&place.key_file);
    let server = back.serve();
    server.visitor().sign_in("ada@example.org", PASSWORD);
    back.run(&["audit", "verify"]).with(0);
}

#[test]
fn keys_in_a_backup_stay_wrapped() {
    let place = filled();
    if !place.is_sqlite() {
        place.run(&["backup", "x"]).refused(2, "pg_dump");
        return;
    }
    let file = place.folder.path().join("allclear.backup");
    place.run(&["backup", file.to_str().unwrap()]).with(0);
    let bytes = std::fs::read(&file).unwrap();
    let key = std::fs::read_to_string(&place.key_file).unwrap();
    assert!(!bytes.windows(key.trim().len()).any(|window| window == key.trim().as_bytes()));
    assert!(bytes.windows(8).any(|window| window == b"ada@exam"), "it is the database that was looked through");
}

#[test]
fn a_damaged_or_foreign_backup_leaves_nothing() {
    let place = filled();
    if !place.is_sqlite() {
        place.run(&["restore", "x"]).refused(2, "pg_restore");
        return;
    }
    let file = place.folder.path().join("allclear.backup");
    place.run(&["backup", file.to_str().unwrap()]).with(0);
    let whole = std::fs::read(&file).unwrap();

    let back = Installation::new();
    let refuse = |bytes: &[u8], code: i32| {
        std::fs::write(&file, bytes).unwrap();
        back.run(&["restore", file.to_str().unwrap()]).with(code);
        assert_untouched(&back.data);
    };
    refuse(&whole[..whole.len() / 3], 2);
    refuse(b"no backup at all", 2);
    refuse(b"", 2);
    let mut altered = whole.clone();
    let name = altered.windows(8).position(|window| window == b"Somebody").unwrap();
    altered[name] = b'N';
    refuse(&altered, 1);
    refuse(&whole_with_a_foreign_member(), 2);
    assert!(!back.folder.path().join("evil").exists());
}

/// A tar whose member wants to be written beside the data folder.
fn whole_with_a_foreign_member() -> Vec<u8> {
    let mut header = [0_u8; 512];
    let put = |header: &mut [u8; 512], at: usize, text: &[u8]| header[at..at + text.len()].copy_from_slice(text);
    put(&mut header, 0, b"../evil");
    put(&mut header, 100, b"0000600\0");
    put(&mut header, 124, b"00000000004\0");
    put(&mut header, 148, b"        ");
    put(&mut header, 156, b"0");
    put(&mut header, 257, b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    put(&mut header, 148, format!("{sum:06o}\0 ").as_bytes());
    let mut tar = header.to_vec();
    tar.extend_from_slice(b"evil");
    tar.resize(512 * 4, 0);
    tar
}

fn assert_untouched(data: &Path) {
    assert!(!data.exists(), "{} was made", data.display());
}

#[test]
fn a_backup_to_a_place_that_cannot_be_written_is_refused() {
    let place = filled();
    let command = place.command(&["backup", "/no/such/folder/allclear.backup"]);
    run(command, b"").with(2);
}
