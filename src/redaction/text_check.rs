//! Is this something a person can read as text?

/// How much is looked at, in bytes.
const HEAD: usize = 64 * 1024;

/// UTF-8, UTF-16 with or without a byte order mark, or an older 8-bit text with few control bytes. Looks at the first
/// 64 KiB given. An empty file is text.
pub fn looks_like_text(head: &[u8]) -> bool {
    let head = &head[..head.len().min(HEAD)];
    if super::utf16::detect(head).is_some() {
        return true;
    }
    let nul = head.contains(&0);
    let control = head.iter().filter(|byte| matches!(byte, 0..=8 | 14..=26 | 28..=31 | 127)).count();
    let invalid = invalid_utf8(head);
    // A few stray control bytes (terminal colours are escape bytes, not counted) do not make a log binary.
    !(nul && control * 200 > head.len()) && control * 50 <= head.len() && (invalid * 3 <= head.len() || control == 0)
}

fn invalid_utf8(head: &[u8]) -> usize {
    head.utf8_chunks().map(|chunk| chunk.invalid().len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_binaries() {
        assert!(looks_like_text(b""));
        assert!(looks_like_text("Grüße, 日本語\n".as_bytes()));
        assert!(looks_like_text(b"caf\xe9 latin-1 text\n"));
        assert!(looks_like_text(b"\xff\xfeh\0i\0"));
        assert!(looks_like_text(b"\x1b[31mred\x1b[0m\n"));
        assert!(!looks_like_text(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0"));
        assert!(!looks_like_text(&[0; 64]));
    }
}
