//! Wrappings: what programs put around a line, and how to look for a value in what comes out of it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// One wrapping: how a line is wrapped, and the line again out of it.
pub(in super::super) struct Wrapping {
    pub name: &'static str,
    pub wrap: fn(&str) -> Vec<u8>,
    pub unwrap: fn(&[u8]) -> String,
}

pub(in super::super) static WRAPPINGS: &[Wrapping] = &[
    Wrapping { name: "plain", wrap: |line| line.as_bytes().to_vec(), unwrap: lossy },
    Wrapping {
        name: "crlf",
        wrap: |line| line.replace("\r\n", "\n").replace('\n', "\r\n").into_bytes(),
        unwrap: lossy,
    },
    Wrapping { name: "json", wrap: |line| json(line, "/").into_bytes(), unwrap: from_json },
    Wrapping { name: "json-unicode", wrap: |line| json(line, "/-@=+_.&").into_bytes(), unwrap: from_json },
    Wrapping {
        name: "json-in-json",
        wrap: |line| json(&json(line, "/"), "/").into_bytes(),
        unwrap: |out| from_json(from_json(out).as_bytes()),
    },
    Wrapping { name: "url", wrap: |line| url(line.as_bytes()).into_bytes(), unwrap: from_url },
    Wrapping {
        name: "url-twice",
        wrap: |line| url(url(line.as_bytes()).as_bytes()).into_bytes(),
        unwrap: |out| from_url(from_url(out).as_bytes()),
    },
    Wrapping { name: "html", wrap: |line| html(line).into_bytes(), unwrap: from_html },
    Wrapping { name: "quoted-printable", wrap: |line| printable(line).into_bytes(), unwrap: from_printable },
    Wrapping { name: "quoted-printable-all", wrap: |line| all_printable(line).into_bytes(), unwrap: from_printable },
    Wrapping {
        name: "base64-wrapped",
        wrap: |line| {
            let encoded = STANDARD.encode(format!("[21-Nov-2026 10:15:42 UTC] wrapped over lines: {line}"));
            let lines: Vec<&str> = encoded.as_bytes().chunks(60).filter_map(|line| str::from_utf8(line).ok()).collect();
            lines.join("\r\n").into_bytes()
        },
        unwrap: |out| {
            let text = lossy(out);
            let run = text.replace("\r\n", "");
            STANDARD.decode(run.as_bytes()).map(|bytes| lossy(&bytes)).unwrap_or_default() + text.as_str()
        },
    },
    Wrapping {
        name: "utf-16-inside",
        wrap: |line| {
            let wide: Vec<u8> = line.encode_utf16().flat_map(u16::to_le_bytes).collect();
            [b"[21-Nov-2026 10:15:42 UTC] said:\n".as_slice(), &wide, b"\nand then nothing more was said\n"].concat()
        },
        unwrap: |out| lossy(&out.iter().copied().filter(|byte| *byte != 0).collect::<Vec<u8>>()),
    },
    Wrapping {
        name: "base64",
        wrap: |line| format!("payload={} end", STANDARD.encode(line)).into_bytes(),
        unwrap: |out| {
            let text = lossy(out);
            let run = text.split(['=', ' ']).nth(1).unwrap_or_default();
            let whole = &run[..run.len() / 4 * 4];
            STANDARD.decode(whole).map(|bytes| lossy(&bytes)).unwrap_or_default() + text.as_str()
        },
    },
    Wrapping { name: "utf-16-le", wrap: |line| utf16(line, false, u16::to_le_bytes), unwrap: from_utf16_le },
    Wrapping { name: "utf-16-le-bom", wrap: |line| utf16(line, true, u16::to_le_bytes), unwrap: from_utf16_le },
    Wrapping { name: "utf-16-be", wrap: |line| utf16(line, false, u16::to_be_bytes), unwrap: from_utf16_be },
    Wrapping { name: "utf-16-be-bom", wrap: |line| utf16(line, true, u16::to_be_bytes), unwrap: from_utf16_be },
    Wrapping {
        name: "invalid-utf-8",
        wrap: |line| [b"\xff\xfe\x80 caf\xe9 ".as_slice(), line.as_bytes(), b" \xc3\x28\xf0"].concat(),
        unwrap: lossy,
    },
];

fn lossy(out: &[u8]) -> String {
    String::from_utf8_lossy(out).into_owned()
}

/// A JSON string with the signs in `escaped` written as escapes (`/` as PHP does).
fn json(line: &str, escaped: &str) -> String {
    let mut out = String::from("\"");
    for character in line.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '/' if escaped == "/" => out.push_str("\\/"),
            other if escaped.contains(other) || !other.is_ascii() => {
                let mut units = [0; 2];
                for unit in other.encode_utf16(&mut units) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            other => out.push(other),
        }
    }
    out + "\""
}

fn from_json(out: &[u8]) -> String {
    serde_json::from_slice(out).unwrap_or_else(|error| panic!("{error}: {}", lossy(out)))
}

fn url(line: &[u8]) -> String {
    line.iter()
        .map(|byte| match byte {
            b' ' => "+".to_owned(),
            byte if byte.is_ascii_alphanumeric() || b"-_.".contains(byte) => char::from(*byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

fn from_url(out: &[u8]) -> String {
    let mut plain = Vec::new();
    let mut rest = out;
    while let Some((first, tail)) = rest.split_first() {
        let code = tail.get(..2).and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        match (first, code) {
            (b'%', Some(byte)) => {
                plain.push(byte);
                rest = &tail[2..];
            }
            _ => {
                plain.push(if *first == b'+' { b' ' } else { *first });
                rest = tail;
            }
        }
    }
    lossy(&plain)
}

fn html(line: &str) -> String {
    line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#039;")
}

fn from_html(out: &[u8]) -> String {
    lossy(out)
        .replace("&#039;", "'")
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// Quoted-printable in lines of at most 76 characters.
fn printable(line: &str) -> String {
    let mut out = String::new();
    let mut width = 0;
    for byte in line.bytes() {
        let piece = match byte {
            b'\n' | b'\r' => char::from(byte).to_string(),
            b'=' => "=3D".to_owned(),
            byte if (b' '..127).contains(&byte) => char::from(byte).to_string(),
            byte => format!("={byte:02X}"),
        };
        if byte == b'\n' {
            width = 0;
        } else if width + piece.len() > 75 {
            out.push_str("=\n");
            width = 0;
        }
        width += piece.len();
        out.push_str(&piece);
    }
    out
}

/// Quoted-printable of which every byte is an escape.
fn all_printable(line: &str) -> String {
    let escapes: Vec<String> = line.bytes().map(|byte| format!("={byte:02X}")).collect();
    escapes.chunks(25).map(<[String]>::concat).collect::<Vec<_>>().join("=\n")
}

fn from_printable(out: &[u8]) -> String {
    let joined = lossy(out).replace("=\n", "");
    let mut plain = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = tail.get(..2).and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        match (first, code) {
            (b'=', Some(byte)) => {
                plain.push(byte);
                rest = &tail[2..];
            }
            _ => {
                plain.push(*first);
                rest = tail;
            }
        }
    }
    lossy(&plain)
}

fn utf16(line: &str, mark: bool, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let text = format!("{}[21-Nov-2026 10:15:42 UTC] {line}\n", if mark { "\u{feff}" } else { "" });
    text.encode_utf16().flat_map(bytes).collect()
}

fn from_utf16_le(out: &[u8]) -> String {
    from_utf16(out, u16::from_le_bytes)
}

fn from_utf16_be(out: &[u8]) -> String {
    from_utf16(out, u16::from_be_bytes)
}

fn from_utf16(out: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    assert_eq!(out.len() % 2, 0, "what comes out is UTF-16 still");
    let units: Vec<u16> = out.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}
