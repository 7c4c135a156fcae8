//! UTF-16: recognised by its byte order mark or by the zero bytes of ASCII text, turned into UTF-8 for the engine and
//! back again for the output, so that nothing is lost and what comes out is still UTF-16.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// Which of the two byte orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByteOrder {
    Little,
    Big,
}

/// How much of a text shows whether it is UTF-16, in bytes.
pub(crate) const HEAD: usize = 4096;

/// The byte order when the head of a text is UTF-16.
pub(crate) fn detect(head: &[u8]) -> Option<ByteOrder> {
    match head {
        [0xff, 0xfe, 0, 0, ..] => return None,
        [0xff, 0xfe, rest @ ..] if !is_plain(rest) => return Some(ByteOrder::Little),
        [0xfe, 0xff, rest @ ..] if !is_plain(rest) => return Some(ByteOrder::Big),
        _ => {}
    }
    let sample = &head[..head.len().min(HEAD) & !1];
    if sample.len() < 4 {
        return None;
    }
    let readable = |byte: u8| (b' '..127).contains(&byte) || matches!(byte, b'\r' | b'\n' | b'\t');
    let share = |sample: &[u8], low: usize, tenths: usize| {
        let fits = sample.chunks_exact(2).filter(|pair| pair[1 - low] == 0 && readable(pair[low])).count();
        fits * 10 >= sample.len() / 2 * tenths
    };
    // A few lines of single bytes before it are another file with UTF-16 inside, perhaps at odd places.
    let beginning = &sample[..sample.len().min(BEGINNING)];
    [(ByteOrder::Little, 0), (ByteOrder::Big, 1)]
        .into_iter()
        .find(|(_, low)| share(sample, *low, 7) && share(beginning, *low, 5))
        .map(|(order, _)| order)
}

/// How much of the head must look like it too, in bytes.
const BEGINNING: usize = 16;

/// Bytes of ordinary text behind two stray bytes that only look like a mark.
fn is_plain(rest: &[u8]) -> bool {
    let readable =
        rest.iter().filter(|byte| (b' '..127).contains(*byte) || matches!(byte, b'\r' | b'\n' | b'\t')).count();
    rest.len() >= 4 && !rest.contains(&0) && readable * 10 >= rest.len() * 8
}

/// How many bytes a piece of UTF-8 takes in UTF-16: two for each character, four for those beyond the first plane.
pub(crate) fn measure(piece: &[u8]) -> u64 {
    piece
        .iter()
        .map(|byte| match byte {
            0x80..=0xbf => 0,
            0xf0..=0xff => 4,
            _ => 2,
        })
        .sum()
}

/// Hands what `input` reads to `take` as UTF-8 when its head is UTF-16, else as it is: for whoever shows a text.
///
/// # Errors
/// What reading the head fails with.
pub fn decoded<T>(mut input: impl Read, take: impl FnOnce(&mut dyn Read) -> T) -> io::Result<T> {
    let mut head = Vec::new();
    input.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    let order = detect(&head);
    let mut whole = io::Cursor::new(head).chain(input);
    Ok(match order {
        Some(order) => take(&mut Decoder::new(&mut whole, order, Rc::default())),
        None => take(&mut whole),
    })
}

/// Reads UTF-16 as UTF-8. Surrogates without their partner pass as three bytes each, so that nothing is lost.
pub(crate) struct Decoder<'r> {
    inner: &'r mut dyn Read,
    order: ByteOrder,
    /// Bytes read and not yet decoded: an odd byte, or the first half of a pair.
    pending: Vec<u8>,
    ready: Vec<u8>,
    given: usize,
    /// A last byte without its partner, to be written as it is.
    odd: Rc<Cell<Option<u8>>>,
}

/// How much is decoded in one go, in bytes.
const BLOCK: usize = 32 * 1024;

impl<'r> Decoder<'r> {
    /// A reader over `inner`; `odd` receives a last byte that has no partner.
    pub(crate) fn new(inner: &'r mut dyn Read, order: ByteOrder, odd: Rc<Cell<Option<u8>>>) -> Self {
        Decoder { inner, order, pending: Vec::new(), ready: Vec::new(), given: 0, odd }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.given = 0;
        while self.ready.is_empty() {
            let kept = self.pending.len();
            self.pending.resize(kept + BLOCK, 0);
            let count = loop {
                match self.inner.read(&mut self.pending[kept..]) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    other => break other?,
                }
            };
            self.pending.truncate(kept + count);
            self.decode(count == 0);
            if count == 0 {
                break;
            }
        }
        Ok(())
    }

    fn decode(&mut self, ended: bool) {
        let mut at = 0;
        while at + 2 <= self.pending.len() {
            let unit = self.unit(at);
            if (0xd800..0xdc00).contains(&unit) {
                if at + 4 > self.pending.len() && !ended {
                    break;
                }
                let low = if at + 4 <= self.pending.len() { self.unit(at + 2) } else { 0 };
                if (0xdc00..0xe000).contains(&low) {
                    let code = 0x1_0000 + ((u32::from(unit) - 0xd800) << 10) + (u32::from(low) - 0xdc00);
                    let bytes = [0xf0 | (code >> 18) as u8, tail(code >> 12), tail(code >> 6), tail(code)];
                    self.ready.extend_from_slice(&bytes);
                    at += 4;
                    continue;
                }
            }
            let code = u32::from(unit);
            match code {
                0..=0x7f => self.ready.push(code as u8),
                0x80..=0x7ff => self.ready.extend_from_slice(&[0xc0 | (code >> 6) as u8, tail(code)]),
                _ => self.ready.extend_from_slice(&[0xe0 | (code >> 12) as u8, tail(code >> 6), tail(code)]),
            }
            at += 2;
        }
        self.pending.drain(..at);
        // The end is read more than once, and only the first time there is a byte.
        if ended && let Some(byte) = self.pending.pop() {
            self.odd.set(Some(byte));
        }
    }

    fn unit(&self, at: usize) -> u16 {
        let pair = [self.pending[at], self.pending[at + 1]];
        match self.order {
            ByteOrder::Little => u16::from_le_bytes(pair),
            ByteOrder::Big => u16::from_be_bytes(pair),
        }
    }
}

fn tail(code: u32) -> u8 {
    0x80 | (code & 0x3f) as u8
}

impl Read for Decoder<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.ready.len() {
            self.refill()?;
        }
        let count = buffer.len().min(self.ready.len() - self.given);
        buffer[..count].copy_from_slice(&self.ready[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

/// Writes UTF-8 (as [`Decoder`] gives it) as UTF-16 again.
pub(crate) fn encode(text: &[u8], order: ByteOrder) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() * 2);
    let mut unit = |unit: u32| {
        let unit = unit as u16;
        out.extend_from_slice(&match order {
            ByteOrder::Little => unit.to_le_bytes(),
            ByteOrder::Big => unit.to_be_bytes(),
        });
    };
    let mut at = 0;
    let part = |at: usize| u32::from(text.get(at).copied().unwrap_or(0x80)) & 0x3f;
    while at < text.len() {
        let lead = u32::from(text[at]);
        match lead {
            0xc0..=0xdf => {
                unit((lead & 0x1f) << 6 | part(at + 1));
                at += 2;
            }
            0xe0..=0xef => {
                unit((lead & 0xf) << 12 | part(at + 1) << 6 | part(at + 2));
                at += 3;
            }
            0xf0..=0xff => {
                let code = (lead & 7) << 18 | part(at + 1) << 12 | part(at + 2) << 6 | part(at + 3);
                let code = code.saturating_sub(0x1_0000);
                unit(0xd800 + (code >> 10));
                unit(0xdc00 + (code & 0x3ff));
                at += 4;
            }
            _ => {
                unit(lead);
                at += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_decoded_is_encoded_back_to_the_same_bytes() {
        for order in [ByteOrder::Little, ByteOrder::Big] {
            let units: Vec<u16> = "\u{feff}Grüße 😀 x".encode_utf16().chain([0xd800, 0x41, 0xdc00, 0xd83d]).collect();
            let mut bytes: Vec<u8> = units
                .iter()
                .flat_map(|unit| if order == ByteOrder::Little { unit.to_le_bytes() } else { unit.to_be_bytes() })
                .collect();
            bytes.push(b'!');
            let odd = Rc::new(Cell::new(None));
            let mut decoded = Vec::new();
            Decoder::new(&mut bytes.as_slice(), order, odd.clone()).read_to_end(&mut decoded).unwrap();
            assert_eq!(measure(&decoded) + 1, bytes.len() as u64);
            let mut back = encode(&decoded, order);
            back.extend(odd.get());
            assert_eq!(back, bytes);
        }
    }
}
