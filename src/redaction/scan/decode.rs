//! Views: the same bytes with one wrapping undone, each byte knowing where it came from.

use base64::Engine;

/// From bytes to decoded bytes, and where each of them stood.
type Decoder = fn(&[u8]) -> (Vec<u8>, Vec<u32>);

/// A decoded view of a member.
pub(super) struct View {
    pub(super) name: &'static str,
    pub(super) text: Vec<u8>,
    /// Where each byte of `text` stood; empty when nothing was moved.
    origins: Vec<u32>,
}

impl View {
    /// The place in the member of byte `at` of this view.
    pub(super) fn origin(&self, at: usize) -> usize {
        if self.origins.is_empty() { at } else { self.origins.get(at).map_or(0, |origin| *origin as usize) }
    }
}

/// The bytes as they are, and each decoding that changes them (applied again to what it yields, twice at most).
pub(super) fn views(bytes: &[u8]) -> Vec<View> {
    let mut views = vec![View { name: "plain", text: bytes.to_vec(), origins: Vec::new() }];
    let decoders: [(&'static str, Decoder); 6] = [
        ("json", json),
        ("url", url),
        ("html", html),
        ("quoted-printable", quoted_printable),
        ("base64", base64_runs),
        ("utf-16", without_zeros),
    ];
    for (name, decode) in decoders {
        let mut from = 0;
        for _ in 0..2 {
            let (text, map) = decode(&views[from].text);
            if text == views[from].text || text.is_empty() {
                break;
            }
            let origins = map.iter().map(|at| views[from].origin(*at as usize) as u32).collect();
            views.push(View { name, text, origins });
            from = views.len() - 1;
        }
    }
    views
}

struct Out {
    text: Vec<u8>,
    map: Vec<u32>,
}

impl Out {
    fn new(size: usize) -> Self {
        Out { text: Vec::with_capacity(size), map: Vec::with_capacity(size) }
    }

    fn push(&mut self, byte: u8, origin: usize) {
        self.text.push(byte);
        self.map.push(origin as u32);
    }

    fn push_char(&mut self, code: u32, origin: usize) {
        let mut buffer = [0; 4];
        let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        for byte in character.encode_utf8(&mut buffer).bytes() {
            self.push(byte, origin);
        }
    }

    fn done(self) -> (Vec<u8>, Vec<u32>) {
        (self.text, self.map)
    }
}

fn hex(text: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(text).ok()?;
    text.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(text, 16).ok())?
}

fn json(bytes: &[u8]) -> (Vec<u8>, Vec<u32>) {
    let mut out = Out::new(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let step = match (bytes[at], bytes.get(at + 1)) {
            (b'\\', Some(b'u')) => match bytes.get(at + 2..at + 6).and_then(hex) {
                Some(code) => {
                    out.push_char(code, at);
                    6
                }
                None => {
                    out.push(b'\\', at);
                    1
                }
            },
            (b'\\', Some(b'n')) => {
                out.push(b'\n', at);
                2
            }
            (b'\\', Some(b'r' | b't' | b'b' | b'f')) => {
                out.push(b' ', at);
                2
            }
            (b'\\', Some(next @ (b'"' | b'/' | b'\\'))) => {
                out.push(*next, at);
                2
            }
            (byte, _) => {
                out.push(byte, at);
                1
            }
        };
        at += step;
    }
    out.done()
}

fn url(bytes: &[u8]) -> (Vec<u8>, Vec<u32>) {
    let mut out = Out::new(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%'
            && let Some(code) = bytes.get(at + 1..at + 3).and_then(hex)
        {
            out.push(code as u8, at);
            at += 3;
            continue;
        }
        out.push(bytes[at], at);
        at += 1;
    }
    out.done()
}

fn html(bytes: &[u8]) -> (Vec<u8>, Vec<u32>) {
    let mut out = Out::new(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'&' {
            let window = &bytes[at..bytes.len().min(at + 12)];
            if let Some(end) = memchr::memchr(b';', window)
                && let Some(code) = entity(&window[1..end])
            {
                out.push_char(code, at);
                at += end + 1;
                continue;
            }
        }
        out.push(bytes[at], at);
        at += 1;
    }
    out.done()
}

fn entity(name: &[u8]) -> Option<u32> {
    Some(match name {
        b"amp" => u32::from('&'),
        b"lt" => u32::from('<'),
        b"gt" => u32::from('>'),
        b"quot" => u32::from('"'),
        b"apos" => u32::from('\''),
        b"commat" => u32::from('@'),
        b"period" => u32::from('.'),
        b"colon" => u32::from(':'),
        b"sol" => u32::from('/'),
        b"equals" => u32::from('='),
        b"lowbar" => u32::from('_'),
        b"nbsp" => u32::from(' '),
        [b'#', b'x' | b'X', digits @ ..] => hex(digits)?,
        [b'#', digits @ ..] => std::str::from_utf8(digits).ok()?.parse().ok()?,
        _ => return None,
    })
}

fn quoted_printable(bytes: &[u8]) -> (Vec<u8>, Vec<u32>) {
    let soft = memchr::memmem::find(bytes, b"=\n").is_some() || memchr::memmem::find(bytes, b"=\r\n").is_some();
    let sign = memchr::memmem::find(bytes, b"=3D").is_some() || memchr::memmem::find(bytes, b"=40").is_some();
    let row = |at: usize| bytes.get(at + 3) == Some(&b'=') && bytes.get(at + 1..at + 3).and_then(hex).is_some();
    if !soft && !sign && !memchr::memchr_iter(b'=', bytes).any(row) {
        return (Vec::new(), Vec::new());
    }
    let mut out = Out::new(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'=' {
            match bytes.get(at + 1..at + 3) {
                Some([b'\r', b'\n']) => {
                    at += 3;
                    continue;
                }
                Some([b'\n', _]) => {
                    at += 2;
                    continue;
                }
                Some(digits) => {
                    if let Some(code) = hex(digits) {
                        out.push(code as u8, at);
                        at += 3;
                        continue;
                    }
                }
                None => {}
            }
        }
        out.push(bytes[at], at);
        at += 1;
    }
    out.done()
}

/// UTF-16 of the first plane's letters is their bytes and zeros.
fn without_zeros(bytes: &[u8]) -> (Vec<u8>, Vec<u32>) {
    let mut out = Out::new(bytes.len());
    for (at, byte) in bytes.iter().enumerate().filter(|(_, byte)| **byte != 0) {
        out.push(*byte, at);
    }
    out.done()
}

/// The runs of base64 letters, each with where its letters stand; one that fills its line goes on in the next.
fn runs(bytes: &[u8]) -> Vec<Vec<usize>> {
    let in_run = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    let mut runs: Vec<Vec<usize>> = Vec::new();
    let (mut at, mut goes_on) = (0, false);
    while at < bytes.len() {
        let length = bytes[at..].iter().take_while(|byte| in_run(**byte)).count();
        if length == 0 {
            goes_on = goes_on && matches!(bytes[at], b'\r' | b'\n' | b' ');
            at += 1;
            continue;
        }
        match runs.last_mut() {
            Some(run) if goes_on => run.extend(at..at + length),
            _ => runs.push((at..at + length).collect()),
        }
        at += length;
        goes_on = length >= WRAPPED_LINE && length % 4 == 0 && matches!(bytes.get(at), Some(b'\r' | b'\n'));
    }
    runs
}

/// Shortest line of base64 that goes on in the next, in letters.
const WRAPPED_LINE: usize = 40;

/// Every base64 run that decodes to text, one after the other on lines of their own.
fn base64_runs(bytes: &[u8]) -> (Vec<u8>, Vec<u32>) {
    let mut out = Out::new(0);
    for places in runs(bytes).iter().filter(|places| places.len() >= 16) {
        let run: Vec<u8> = places
            .iter()
            .map(|place| match bytes[*place] {
                b'-' => b'+',
                b'_' => b'/',
                other => other,
            })
            .collect();
        let whole = &run[..run.len() - usize::from(run.len() % 4 == 1)];
        if let Ok(decoded) = base64::engine::general_purpose::STANDARD_NO_PAD.decode(whole) {
            let readable = decoded
                .iter()
                .filter(|byte| **byte >= b' ' && **byte < 127 || **byte >= 0x80 || **byte == b'\n')
                .count();
            if readable * 10 >= decoded.len() * 9 {
                for (place, byte) in decoded.iter().enumerate() {
                    out.push(*byte, places[place * 4 / 3]);
                }
                out.push(b'\n', places[0]);
            }
        }
    }
    out.done()
}
