//! UTF-16: recognised by its byte order mark or by the zero bytes of ASCII text, turned into UTF-8 for the engine and
//! back again for the output, so that nothing is lost and what comes out is still UTF-16.

/// Which of the two byte orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByteOrder {
    Little,
    Big,
}

/// The byte order when the head of a text is UTF-16.
pub(crate) fn detect(head: &[u8]) -> Option<ByteOrder> {
    match head {
        [0xff, 0xfe, 0, 0, ..] => return None,
        [0xff, 0xfe, ..] => return Some(ByteOrder::Little),
        [0xfe, 0xff, ..] => return Some(ByteOrder::Big),
        _ => {}
    }
    let sample = &head[..head.len().min(4096) & !1];
    if sample.len() < 4 {
        return None;
    }
    let pairs = sample.len() / 2;
    let readable = |byte: u8| (b' '..127).contains(&byte) || matches!(byte, b'\r' | b'\n' | b'\t');
    let little = sample.chunks_exact(2).filter(|pair| pair[1] == 0 && readable(pair[0])).count();
    let big = sample.chunks_exact(2).filter(|pair| pair[0] == 0 && readable(pair[1])).count();
    if little * 10 >= pairs * 7 {
        Some(ByteOrder::Little)
    } else if big * 10 >= pairs * 7 {
        Some(ByteOrder::Big)
    } else {
        None
    }
}
