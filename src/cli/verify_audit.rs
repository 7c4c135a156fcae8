//! `allclear verify` of an exported audit chain: does each entry follow the one before it, up to the signed head?

use super::Stop;
use super::verify::report_signature;
use crate::domain::audit_chain::{ChainEntry, ChainHead, ChainWalk, FORMAT, head_message};
use crate::vault::PublicKey;
use serde::de::DeserializeOwned;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// Longest line that is read, in bytes; real ones have some hundreds.
const LINE_MAX: u64 = 64 * 1024;
/// Problems that are named.
const NAMED: usize = 20;

/// Does the file begin like one?
pub(super) fn resembles(file: &mut File) -> bool {
    let mut head = Vec::new();
    let _ = file.take(256).read_to_end(&mut head);
    let _ = file.seek(SeekFrom::Start(0));
    head.starts_with(b"{") && String::from_utf8_lossy(&head).contains(FORMAT)
}

/// `pinned`: a key was given, so no other will do.
pub(super) fn run(path: &Path, file: File, trusted: &[PublicKey], pinned: bool) -> Result<(), Stop> {
    let name = path.display();
    let fails = |why: &str| Stop::DoesNotHold(format!("{name} does not hold: {why}"));
    let mut lines = Lines { reader: BufReader::new(file), read: 0 };
    let unreadable = |error: std::io::Error| Stop::file("read", path, &error);
    let head: ChainHead = match lines.next().map_err(unreadable)? {
        Some(Some(head)) => head,
        _ => return Err(fails("its first line is no head")),
    };
    let mut walk = ChainWalk::default();
    let mut problems: Vec<String> = Vec::new();
    while let Some(line) = lines.next::<ChainEntry>().map_err(unreadable)? {
        match line {
            Some(entry) => problems.extend(walk.take(&entry).into_iter().map(|(_, words)| words)),
            None => problems.push(format!("line {} is no entry", lines.read)),
        }
        if problems.len() > NAMED {
            problems.truncate(NAMED);
            problems.push("there is more, which is not looked at".to_owned());
            return Err(fails(&problems.join("; ")));
        }
    }
    if (head.seq, &head.hash) != (walk.seq, &walk.hash) {
        problems.push(format!("its head names entry {}, it ends at entry {}", head.seq, walk.seq));
    }
    let message = head_message(head.seq, &head.hash);
    let holds = |key: &PublicKey| key.holds(message.as_bytes(), &head.signature);
    let known = trusted.iter().any(holds);
    if !known && !PublicKey::parse(&head.public_key).is_ok_and(|key| holds(&key)) {
        problems.push("the signature of its head does not hold".to_owned());
    } else if pinned && !known {
        problems.push(format!("it is signed by another key ({}) than the one given", head.key_id));
    }
    if !problems.is_empty() {
        return Err(fails(&problems.join("; ")));
    }
    println!("Audit chain: {} entries, each follows the one before it", walk.seq);
    println!("Head: entry {}, {}", head.seq, head.hash);
    report_signature(known, &head.key_id);
    Ok(())
}

struct Lines {
    reader: BufReader<File>,
    /// How many were read.
    read: usize,
}

impl Lines {
    /// The next line that says something: none at the end; empty where it is not what was asked for.
    fn next<T: DeserializeOwned>(&mut self) -> std::io::Result<Option<Option<T>>> {
        loop {
            let mut line = Vec::new();
            if self.reader.by_ref().take(LINE_MAX).read_until(b'\n', &mut line)? == 0 {
                return Ok(None);
            }
            self.read += 1;
            if !line.trim_ascii().is_empty() {
                return Ok(Some(serde_json::from_slice(&line).ok()));
            }
        }
    }
}
