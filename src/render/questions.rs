//! The list of errors on top of a form: each entry names the question that it is about and leads to its field.
//!
//! A component renders the list before the fields that it speaks of, so the words of a question (its label, the legend
//! of its group) are known only when the page is whole. They are taken from the page itself: nobody writes them twice,
//! and no form can forget them.

/// What the component `form.errors` writes in front of each entry's words; the field's name and a quote follow.
const MARK: &str = "<li data-error-of=\"";

/// Elements that are never closed.
const VOID: &[&str] = &["br", "img", "input"];

/// Classes of words that stand in a label and are no part of the question.
const BESIDE: &[&str] = &["opt", "hint", "vh"];

/// The page with every entry of the list named and linked. A page without a list stays as it is.
pub(super) fn name_the_questions(html: String) -> String {
    if !html.contains(MARK) {
        return html;
    }
    let form = Form::read(&html);
    let mut out = String::with_capacity(html.len() + 1024);
    let mut rest = html.as_str();
    while let Some(at) = rest.find(MARK) {
        out.push_str(&rest[..at]);
        let entry = &rest[at + MARK.len()..];
        let (Some(name_end), Some(end)) = (entry.find("\">"), entry.find("</li>")) else { break };
        out.push_str(&form.entry(&entry[..name_end], &entry[name_end + 2..end]));
        rest = &entry[end..];
    }
    out.push_str(rest);
    out
}

/// Something that an entry can lead to.
#[derive(Default)]
struct Target<'h> {
    id: &'h str,
    name: &'h str,
    is_invalid: bool,
    /// The legend of the group in which it stands.
    legend: Option<usize>,
    /// The words that it carries itself: in place of its label, or where it has none.
    instead: &'h str,
    own: &'h str,
}

/// The questions of a page.
#[derive(Default)]
struct Form<'h> {
    targets: Vec<Target<'h>>,
    legends: Vec<String>,
    /// `for` and words of each label.
    labels: Vec<(&'h str, String)>,
}

impl<'h> Form<'h> {
    fn read(html: &'h str) -> Self {
        let mut form = Self::default();
        // The groups that are open, innermost last; none as long as a group's legend was not read.
        let mut groups: Vec<Option<usize>> = Vec::new();
        for (tag, after) in tags(html) {
            match tag.name {
                "fieldset" => groups.push(None),
                "/fieldset" => drop(groups.pop()),
                "legend" => {
                    form.legends.push(words_until(after, "</legend>"));
                    if let Some(group) = groups.last_mut() {
                        *group = Some(form.legends.len() - 1);
                    }
                }
                "label" => {
                    let of = tag.attribute("for").unwrap_or_default();
                    form.labels.push((of, words_until(after, "</label>")));
                }
                _ => {}
            }
            let (id, name) = (tag.attribute("id").unwrap_or_default(), tag.attribute("name").unwrap_or_default());
            let is_target = !id.is_empty() && tag.attribute("type") != Some("hidden");
            if is_target {
                form.targets.push(Target {
                    id,
                    name,
                    is_invalid: tag.attribute("aria-invalid").is_some(),
                    legend: groups.last().copied().flatten(),
                    instead: tag.attribute("data-question").unwrap_or_default(),
                    own: tag.attribute("aria-label").unwrap_or_default(),
                });
            }
        }
        form
    }

    /// One entry, whole up to its closing tag. What has no field on the page is not linked.
    fn entry(&self, field: &str, words: &str) -> String {
        let Some(target) = self.target(field) else { return format!("{MARK}{field}\">{words}") };
        let question = self.question(target);
        let end = if question.ends_with(['?', '.', ':', '!']) { "" } else { ":" };
        let question = if question.is_empty() { question } else { format!("<strong>{question}{end}</strong> ") };
        format!("<li><a href=\"#{}\">{question}{words}</a>", target.id)
    }

    /// The field of this name that is marked as wrong, the element of this id, or any field of this name.
    fn target(&self, field: &str) -> Option<&Target<'h>> {
        if field.is_empty() {
            return None;
        }
        let named = || self.targets.iter().filter(|target| target.name == field);
        let of_id = || self.targets.iter().find(|target| target.id == field);
        named().find(|target| target.is_invalid).or_else(of_id).or_else(|| named().next())
    }

    fn question(&self, target: &Target) -> String {
        if !target.instead.is_empty() {
            return target.instead.to_owned();
        }
        let label = self.labels.iter().find(|(of, _)| *of == target.id).map(|(_, words)| words.as_str());
        let legend = target.legend.map(|at| self.legends[at].as_str());
        match (legend, label) {
            (Some(legend), Some(label)) => format!("{legend}, {label}"),
            (Some(words), None) | (None, Some(words)) => words.to_owned(),
            (None, None) => target.own.to_owned(),
        }
    }
}

/// An opening or closing tag; a closing one's name begins with `/`.
struct Tag<'h> {
    name: &'h str,
    attributes: &'h str,
}

impl<'h> Tag<'h> {
    /// The attribute's value; our templates quote all of them.
    fn attribute(&self, name: &str) -> Option<&'h str> {
        let mut from = 0;
        loop {
            let at = from + self.attributes[from..].find(name)?;
            let after = self.attributes[at + name.len()..].strip_prefix("=\"");
            let begins = self.attributes[..at].ends_with(char::is_whitespace);
            if let (true, Some(value)) = (begins, after) {
                return value.split('"').next();
            }
            from = at + name.len();
        }
    }
}

/// The tags of a page, each with what follows it. What people typed cannot hold one: it is escaped.
fn tags(html: &str) -> impl Iterator<Item = (Tag<'_>, &str)> {
    let mut rest = html;
    std::iter::from_fn(move || {
        let inside = &rest[rest.find('<')? + 1..];
        let end = tag_end(inside)?;
        let (tag, after) = (&inside[..end], &inside[end + 1..]);
        rest = after;
        let name_end = tag.find(char::is_whitespace).unwrap_or(tag.len());
        Some((Tag { name: &tag[..name_end], attributes: &tag[name_end..] }, after))
    })
}

/// Where the tag ends: at the first `>` outside quotes.
fn tag_end(inside: &str) -> Option<usize> {
    let mut quoted = false;
    inside.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == b'>' && !quoted
    })
}

/// The words up to `end`, without what stands beside a question ("(optional)", hints). They stay escaped as they are.
fn words_until(html: &str, end: &str) -> String {
    let html = &html[..html.find(end).unwrap_or(0)];
    let mut words = html[..html.find('<').unwrap_or(html.len())].to_owned();
    let mut left_out = 0;
    for (tag, after) in tags(html) {
        let is_closing = tag.name.starts_with('/');
        if left_out > 0 {
            let is_whole = VOID.contains(&tag.name) || tag.attributes.ends_with('/');
            left_out = if is_closing { left_out - 1 } else { left_out + usize::from(!is_whole) };
        } else if tag.attribute("class").is_some_and(|class| class.split(' ').any(|word| BESIDE.contains(&word))) {
            left_out = 1;
        }
        if left_out == 0 {
            words.push_str(&after[..after.find('<').unwrap_or(after.len())]);
        }
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(errors: &[(&str, &str)], form: &str) -> String {
        let entries: String =
            errors.iter().map(|(field, words)| format!("<li data-error-of=\"{field}\">{words}</li>")).collect();
        name_the_questions(format!("<ul>{entries}</ul>{form}")).split("</ul>").next().unwrap().replace("<ul>", "")
    }

    #[test]
    fn an_entry_names_the_label_and_leads_to_its_field() {
        let form = "<label for=\"why\">Why &amp; how <span class=\"opt\">(optional)</span></label><input id=\"why\" name=\"why\">";
        assert_eq!(
            named(&[("why", "Write a sentence.")], form),
            "<li><a href=\"#why\"><strong>Why &amp; how:</strong> Write a sentence.</a></li>"
        );
    }

    #[test]
    fn a_group_says_its_legend_and_a_part_of_it_its_label_too() {
        let form = "<fieldset><legend>Is it down?</legend><p class=\"hint\">Look.</p>\
            <label class=\"pick\"><input type=\"radio\" name=\"down\" id=\"down\"><span>Yes</span></label></fieldset>\
            <fieldset><legend>When</legend><label for=\"at_date\">Date</label><input id=\"at_date\" name=\"at_date\"></fieldset>\
            <input id=\"last\" aria-label=\"Last\">";
        assert_eq!(
            named(&[("down", "Answer yes or no."), ("at_date", "No such day."), ("last", "Gone.")], form),
            "<li><a href=\"#down\"><strong>Is it down?</strong> Answer yes or no.</a></li>\
             <li><a href=\"#at_date\"><strong>When, Date:</strong> No such day.</a></li>\
             <li><a href=\"#last\"><strong>Last:</strong> Gone.</a></li>"
        );
    }

    #[test]
    fn of_several_fields_of_one_name_the_wrong_one_is_meant() {
        let form = "<input type=\"hidden\" name=\"reason\" id=\"x\">\
            <label for=\"reason-1\">First</label><input id=\"reason-1\" name=\"reason\">\
            <label for=\"reason-2\">Second</label><input id=\"reason-2\" name=\"reason\" aria-invalid=\"true\">";
        assert_eq!(
            named(&[("reason", "Say why.")], form),
            "<li><a href=\"#reason-2\"><strong>Second:</strong> Say why.</a></li>"
        );
    }

    #[test]
    fn what_has_no_field_here_is_said_without_a_link() {
        assert_eq!(
            named(&[("", "Too old."), ("gone", "Not here.")], "<p>a > b</p>"),
            "<li data-error-of=\"\">Too old.</li><li data-error-of=\"gone\">Not here.</li>"
        );
    }

    #[test]
    fn a_page_without_a_list_stays_as_it_is() {
        assert_eq!(name_the_questions("<p>x</p>".into()), "<p>x</p>");
    }
}
