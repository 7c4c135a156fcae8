//! Passwords in URLs and DSNs: `mysql://shop:secret@db.example/shop`.

use super::no_secret::is_no_secret;
use super::{Finder, Sink};

/// Longest user information in a URL, in bytes.
const LONGEST_USERINFO: usize = 512;

/// `start..end` is the `://` of a URL.
pub(super) fn password_at(start: usize, end: usize, sink: &mut Sink<'_>) {
    let text = sink.text;
    if start == 0 || !text[start - 1].is_ascii_alphanumeric() {
        return;
    }
    let limit = text.len().min(end + LONGEST_USERINFO);
    if sink.at_sign_after(end).is_none_or(|sign| sign >= limit) {
        return;
    }
    let mut colon = None;
    let mut at_sign = None;
    for (offset, byte) in text[end..limit].iter().enumerate() {
        let at = end + offset;
        match byte {
            // Another URL begins, which is looked at by itself.
            b':' if at_sign.is_none() && text[at..].starts_with(b"://") => return,
            b':' if colon.is_none() => colon = Some(at),
            b'@' => at_sign = Some(at),
            b'/' | b'?' | b'#' if at_sign.is_some() || colon.is_none() => break,
            b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b'<' | b'>' | b'`' | b'\\' | b'|' | b',' => break,
            _ => {}
        }
    }
    let Some(at_sign) = at_sign else {
        return;
    };
    let user = end..colon.unwrap_or(at_sign).min(at_sign);
    if is_key(&text[user.clone()]) && host_follows(text, at_sign + 1) {
        sink.push_for(Finder::UrlKey, user.start, user.end, "");
    }
    let Some(colon) = colon else {
        return;
    };
    if at_sign <= colon || !host_follows(text, at_sign + 1) {
        return;
    }
    let password = &text[colon + 1..at_sign];
    let port = password.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if port > 0 && password.get(port) == Some(&b'/') {
        return;
    }
    if &text[end..colon] == password {
        // `mysql:mysql` is the default of a container, not a secret.
        return;
    }
    if is_documentation(&text[..start], &text[end..colon], password, &text[at_sign + 1..text.len().min(at_sign + 80)]) {
        return;
    }
    if is_no_secret(password) && password != b"password" && password != b"secret" {
        return;
    }
    sink.push_for(Finder::UrlPassword, colon + 1, at_sign, "");
}

/// `https://9f8e…6c@o77.ingest.example/42`: the address to which errors are reported holds a key where others hold a name.
pub(super) fn is_key(user: &[u8]) -> bool {
    user.len() == 32 && user.iter().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte))
}

/// `mysql://user:password@localhost`, as handbooks print it: both words say nothing. On the web the host must be an
/// example too, since there people do use such words.
fn is_documentation(before: &[u8], user: &[u8], password: &[u8], host: &[u8]) -> bool {
    let users = [&b"user"[..], b"username", b"dbuser", b"db_user", b"your_user", b"myuser"];
    let passwords = [&b"password"[..], b"pass", b"passwd", b"secret", b"pwd", b"your_password"];
    if !users.contains(&user) || !passwords.contains(&password) {
        return false;
    }
    let example = [&b"example."[..], b"localhost", b"127.0.0.1", b"host"].iter().any(|name| host.starts_with(name));
    !before.ends_with(b"http") && !before.ends_with(b"https") || example
}

fn host_follows(text: &[u8], at: usize) -> bool {
    text.get(at).is_some_and(|byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'[' | b'$' | b'{' | b'_' | b'%') || *byte >= 0x80
    })
}
