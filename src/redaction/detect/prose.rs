//! Passwords in sentences: `the password is Squ1rrel-92`, `logged in with password: Squ1rrel-92`.

use super::super::classes::{BLANK, run_end};
use super::{Finder, Sink};

/// What may stand between the word and the password.
const LINKS: &[&[u8]] = &[b" is", b" was", b" ist", b" lautet", b" set to", b" changed to", b" reset to", b" would be"];

/// Shortest and longest password in a sentence, in bytes.
const SHORTEST: usize = 8;
const LONGEST: usize = 64;

/// `end` is where the word (password, passphrase) ends.
pub(super) fn password_at(end: usize, sink: &mut Sink<'_>) {
    let text = sink.text;
    let mut at = end;
    let link =
        LINKS.iter().find(|link| text[at..].get(..link.len()).is_some_and(|here| here.eq_ignore_ascii_case(link)));
    at += link.map_or(0, |link| link.len());
    at += usize::from(text.get(at) == Some(&b':'));
    let start = run_end(text, at, &BLANK, 2);
    if start == at {
        return;
    }
    let start = start + usize::from(matches!(text.get(start), Some(b'"' | b'\'' | b'`')));
    let limit = text.len().min(start + LONGEST + 1);
    let mut stop = start;
    while stop < limit && !ends(text, stop) {
        stop += 1;
    }
    while stop > start && matches!(text[stop - 1], b'.' | b'?' | b':' | b'\\') {
        stop -= 1;
    }
    if (SHORTEST..=LONGEST).contains(&(stop - start)) {
        sink.push_for(Finder::ProsePassword, start, stop, "");
    }
}

fn ends(text: &[u8], at: usize) -> bool {
    match text[at] {
        b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b'`' | b',' | b';' | b'<' | b'>' | b'=' | b'(' | b')' => true,
        b'[' | b']' | b'{' | b'}' => true,
        // The entity of a quote.
        b'&' => text.get(at + 1) == Some(&b'#'),
        b'\\' => matches!(text.get(at + 1), Some(b'n' | b'r' | b't' | b'"' | b'\'' | b'\\')),
        _ => false,
    }
}
