//! UTF-16 inside a text of single bytes: what another program has written into the same file.

use super::super::utf16::ByteOrder;

/// Shortest run that counts, in characters: less is binary data.
const SHORTEST: usize = 8;

/// Calls `take` with each run as UTF-8, where each of its bytes stood (and one more for the end), and its byte order.
pub(super) fn decode_all(text: &[u8], take: &mut dyn FnMut(Vec<u8>, Vec<u32>, ByteOrder)) {
    let mut from = 0;
    while let Some(found) = memchr::memchr(0, &text[from..]) {
        let first = from + found;
        let last = last_zero(text, first);
        if (last - first) / 2 + 1 >= SHORTEST {
            decode(text, first, last, take);
        }
        from = last + 1;
    }
}

/// The last of the zeros that stand at every other byte, with something between them.
fn last_zero(text: &[u8], first: usize) -> usize {
    let mut last = first;
    while matches!(text.get(last + 1..last + 3), Some([letter, 0]) if *letter != 0) {
        last += 2;
    }
    last
}

/// What stands between the zeros, and on either side of them: nobody can tell for sure whether the letter before the first
/// zero or the one behind the last belongs to the run, so both are read.
fn decode(text: &[u8], first: usize, last: usize, take: &mut dyn FnMut(Vec<u8>, Vec<u32>, ByteOrder)) {
    let apart = |byte: Option<&u8>| byte.is_none_or(|byte| *byte == 0 || byte.is_ascii_whitespace());
    let before = first.checked_sub(1).filter(|at| text[*at] != 0);
    let after = Some(last + 1).filter(|at| text.get(*at).is_some_and(|byte| *byte != 0));
    let order = if apart(before.map(|at| &text[at])) { ByteOrder::Big } else { ByteOrder::Little };
    let count = (last - first) / 2 + 2;
    let (mut out, mut map) = (Vec::with_capacity(count), Vec::with_capacity(count + 1));
    for at in before.into_iter().chain((first + 1..last).step_by(2)).chain(after) {
        let start = if order == ByteOrder::Big && at > first { at - 1 } else { at } as u32;
        match text[at] {
            letter if letter < 0x80 => {
                out.push(letter);
                map.push(start);
            }
            letter => {
                out.extend_from_slice(&[0xc0 | letter >> 6, 0x80 | letter & 0x3f]);
                map.extend_from_slice(&[start; 2]);
            }
        }
    }
    map.push(after.map_or(last + 1, |at| at + 1) as u32);
    take(out, map, order);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_found_in_either_order() {
        for order in [ByteOrder::Little, ByteOrder::Big] {
            let unit =
                |letter: u16| if order == ByteOrder::Little { letter.to_le_bytes() } else { letter.to_be_bytes() };
            let wide: Vec<u8> = "key = gr\u{fc}n-lantern".encode_utf16().flat_map(unit).collect();
            let text = [b"plain\n".as_slice(), &wide, b"\nplain \0 \0\0\0\0"].concat();
            let mut seen = Vec::new();
            decode_all(&text, &mut |decoded, map, order| seen.push((decoded, map, order)));
            assert_eq!(seen.len(), 1);
            let (decoded, map, read_as) = &seen[0];
            assert_eq!(*read_as, order);
            let decoded = String::from_utf8(decoded.clone()).unwrap();
            let at = decoded.find("key = gr\u{fc}n-lantern").unwrap();
            assert_eq!(map[at], 6);
            assert_eq!(map[at + "key = gr\u{fc}n-lantern".len()] as usize, 6 + wide.len());
        }
    }
}
