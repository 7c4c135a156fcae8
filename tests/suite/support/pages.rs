//! What holds for every page, looked at in each one that a test meets.

/// Complains of a page that breaks a promise.
#[track_caller]
pub fn hold(html: &str) {
    let complaints = [errors_are_named(html), moments_are_marked(html)].concat();
    assert!(complaints.is_empty(), "{}\n\n{}", complaints.join("\n"), summary(html));
}

fn summary(html: &str) -> &str {
    let list = html.split_once("id=\"error-summary\"").map_or("", |(_, rest)| rest);
    list.split_once("</div>").map_or(list, |(list, _)| list)
}

/// Every entry of a list of errors names its question, leads to its field, and the field says the same of itself.
fn errors_are_named(html: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    for entry in summary(html).split("<li").skip(1) {
        let entry = entry.split("</li>").next().unwrap_or_default();
        let Some((_, link)) = entry.split_once("<a href=\"#") else {
            // What a form does not ask cannot be led to.
            let field = entry.split_once("data-error-of=\"").and_then(|(_, rest)| rest.split('"').next());
            if is_asked(html, field.unwrap_or_default()) {
                complaints.push(format!("leads nowhere: {entry}"));
            }
            continue;
        };
        let id = link.split('"').next().unwrap_or_default();
        if !entry.contains("<strong>") || entry.contains("<strong></strong>") {
            complaints.push(format!("names no question: {entry}"));
        }
        let words = entry.split_once("</strong> ").map_or(entry, |(_, words)| words).trim_end_matches("</a>");
        if !describes(html, id, words) {
            complaints.push(format!("is not said by the field #{id} itself: {words}"));
        }
    }
    complaints
}

/// Does the page have a visible field of this name?
fn is_asked(html: &str, field: &str) -> bool {
    let mark = format!(" name=\"{field}\"");
    let visible = |(at, _): (usize, &str)| {
        let tag = &html[html[..at].rfind('<').unwrap_or(0)..];
        !tag.split('>').next().unwrap_or_default().contains("type=\"hidden\"")
    };
    !field.is_empty() && html.match_indices(&mark).any(visible)
}

/// Is the element, or the group in which it stands, described by `words`?
fn describes(html: &str, id: &str, words: &str) -> bool {
    let Some(at) = html.find(&format!(" id=\"{id}\"")) else { return false };
    let own = &html[html[..at].rfind('<').unwrap_or(0)..];
    let group = html[..at].rfind("<fieldset").map_or("", |group| &html[group..]);
    [own, group].iter().any(|element| {
        let tag = element.split('>').next().unwrap_or_default();
        let ids = tag.split_once("aria-describedby=\"").map_or("", |(_, rest)| rest.split('"').next().unwrap_or(""));
        ids.split_whitespace().any(|id| {
            let said = html.split_once(&format!(" id=\"{id}\"")).map_or("", |(_, rest)| rest);
            said.split("</p>").next().is_some_and(|said| said.contains(words))
        })
    })
}

/// Whatever reads like a moment stands in a `<time>`, which says it in a second zone too. Words that people or programs
/// wrote are theirs: those stand in these elements.
fn moments_are_marked(html: &str) -> Vec<String> {
    const THEIRS: &[&str] = &["time", "pre", "textarea", "code", "q", "option", "title", "script", "svg"];
    let mut complaints = Vec::new();
    let mut rest = html;
    while let Some((text, after)) = rest.split_once('<') {
        if let Some(at) = (0..text.len().saturating_sub(15)).find(|at| is_moment(&text.as_bytes()[*at..*at + 16])) {
            complaints
                .push(format!("prints a moment in one zone only: {}", text[at..].chars().take(40).collect::<String>()));
        }
        let tag: String = after.chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
        let theirs = THEIRS.contains(&tag.as_str())
            || after.split('>').next().is_some_and(|tag| tag.contains("entry-text") || tag.contains("\"log\""));
        let end = format!("</{tag}>");
        rest = match after.find(&end).filter(|_| theirs) {
            Some(at) => &after[at..],
            None => after.split_once('>').map_or("", |(_, rest)| rest),
        };
    }
    complaints
}

/// `2026-11-21 10:02`, or with a T.
fn is_moment(text: &[u8]) -> bool {
    let form = b"0000-00-00 00:00";
    text.iter().zip(form).all(|(have, want)| match want {
        b'0' => have.is_ascii_digit(),
        b' ' => matches!(have, b' ' | b'T'),
        other => have == other,
    })
}
