//! Evidence: the original is sealed, people and bundles see its redacted form.

use super::words::words;

words! {
    /// What a piece of evidence is, as far as redaction is concerned.
    Media {
        /// Text: shown and bundled in its redacted form.
        Text = "text",
        /// A picture: re-encoded without metadata; withheld from bundles until a person has looked.
        Picture = "picture",
        /// Neither readable as text nor a picture: the original was not kept, only the fact that it was offered.
        Dropped = "dropped",
    }
}

/// Longest file name kept, in characters.
pub const NAME_MAX: usize = 120;

/// A file name fit for people, zip members and headers: the last path component, without control, direction and
/// reserved characters. Never empty.
pub fn safe_name(offered: &str) -> String {
    let last = offered.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last
        .chars()
        .map(|c| match c {
            ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            c => c,
        })
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .collect();
    let trimmed = clean.trim().trim_matches('.').trim();
    let short = shorten(trimmed);
    if short.is_empty() { "unnamed".to_owned() } else { short }
}

/// Zero-width and direction-changing characters: they make text read as something it is not.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// Keeps the ending: `very-long….log` says more than `very-long…`.
fn shorten(name: &str) -> String {
    let count = name.chars().count();
    if count <= NAME_MAX {
        return name.to_owned();
    }
    let ending: String = match name.rsplit_once('.') {
        Some((_, ending)) if ending.chars().count() <= 10 => format!(".{ending}"),
        _ => String::new(),
    };
    let keep = NAME_MAX - 1 - ending.chars().count();
    let head: String = name.chars().take(keep).collect();
    format!("{head}…{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_become_harmless() {
        assert_eq!(safe_name("../../etc/passwd"), "passwd");
        assert_eq!(safe_name("..\\..\\x.log"), "x.log");
        assert_eq!(safe_name("a\u{202E}gpj.exe"), "agpj.exe");
        assert_eq!(safe_name("\0\n"), "unnamed");
        assert_eq!(safe_name("..."), "unnamed");
        assert_eq!(safe_name("C:\\logs\\a:b?.txt"), "a_b_.txt");
        let long = safe_name(&format!("{}.log", "x".repeat(300)));
        assert_eq!(long.chars().count(), NAME_MAX);
        assert!(long.ends_with("….log"));
    }
}
