//! The house rules that a program can hold: floors, sizes, names, and calls that have one place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use syn::spanned::Spanned;
use syn::visit::Visit;

/// The floors, lowest first. A module imports from lower floors only; modules on one floor do not know each other. The
/// process is a floor with three steps: what is set, what that wires together, and the command line over both.
const FLOORS: &[&[&str]] = &[
    &["redaction"],
    &["domain"],
    &["bundle", "clock", "mail", "render", "store", "vault"],
    &["actions"],
    &["jobs", "web"],
    &["config"],
    &["app"],
    &["cli"],
];

/// Crates that have a room of their own: (crate, where it may be used).
const ROOMS: &[(&str, &[&str])] = &[
    ("actix_web", &["src/web/", "src/app.rs"]),
    ("actix_multipart", &["src/web/"]),
    ("diesel", &["src/store/"]),
    ("diesel_migrations", &["src/store/"]),
    ("r2d2", &["src/store/"]),
    ("clap", &["src/cli/"]),
    ("tar", &["src/cli/"]),
    ("ureq", &["src/cli/"]),
    ("rustix", &["src/cli/", "src/jobs/"]),
    ("mimalloc", &["src/main.rs"]),
    ("figment", &["src/config.rs"]),
    ("zip", &["src/bundle/"]),
    ("lettre", &["src/mail/"]),
    ("mail_parser", &["src/mail/"]),
    ("tera", &["src/render/"]),
    ("argon2", &["src/actions/"]),
    ("chacha20poly1305", &["src/vault/"]),
    ("ed25519_dalek", &["src/vault/"]),
    ("regex", &["src/redaction/"]),
];

/// Calls with one place: (call, where it may stand, what to do instead).
const PLACES: &[(&str, &[&str], &str)] = &[
    ("Utc::now", &["src/clock.rs"], "ask the clock: desk.now()"),
    ("SystemTime::now", &["src/clock.rs"], "ask the clock: desk.now()"),
    ("Local::now", &[], "ask the clock: desk.now()"),
    ("Redacted::from_stored", &["src/store/"], "redact the text: Redactor::text"),
    ("Redacted::from_engine", &["src/redaction/"], "redact the text: Redactor::text"),
    ("RedactedFile::from_redacted_shelf", &["src/actions/build_bundle.rs"], "build bundles by the act"),
    ("ReleasedPicture::released", &["src/actions/build_bundle.rs"], "build bundles by the act"),
    ("BundleFile::off_the_shelf", &["src/actions/deliver.rs"], "escalate by the act"),
    ("todo!", &[], "build it, or leave it out"),
    ("unimplemented!", &[], "build it, or leave it out"),
    ("dbg!", &[], "use tracing"),
];

/// What stops a program; nothing that a request can reach may hold it.
const STOPS: &[&str] = &[".unwrap()", ".expect(", "panic!"];
const LINES_MAX: usize = 500;
const FUNCTION_MAX: usize = 70;
const NAMES: &[&str] = &["util", "utils", "helper", "helpers", "misc", "common", "stuff"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A file of ours.
struct File {
    /// From the root: `src/web/routes.rs`.
    path: String,
    text: String,
    syntax: syn::File,
}

impl File {
    /// The text without comments, strings and test modules; every line keeps its number.
    fn code(&self) -> String {
        let mut tests = TestModules::default();
        tests.visit_file(&self.syntax);
        without_words(&self.text)
            .lines()
            .enumerate()
            .map(|(index, line)| if tests.cover(index + 1) { "" } else { line })
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// `web` for `src/web/routes.rs`.
    fn room(&self) -> &str {
        let inside = self.path.trim_start_matches("src/");
        inside.split(['/', '.']).next().unwrap_or_default()
    }
}

fn files(folder: &str) -> Vec<File> {
    walk(&root().join(folder), "rs")
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let syntax = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            File { path: path.strip_prefix(root()).unwrap().to_string_lossy().into_owned(), text, syntax }
        })
        .collect()
}

fn walk(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(walk(&path, ending));
        } else if path.extension().is_some_and(|own| own == ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Blanks comments and the insides of strings and characters.
fn without_words(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        let skip = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with("r\"") || rest.starts_with("r#") {
            raw_string(rest)
        } else if rest.starts_with('"') {
            plain_string(rest)
        } else if rest.starts_with('\'') {
            character(rest)
        } else {
            0
        };
        if skip == 0 {
            let next = rest.chars().next().unwrap();
            out.push(next);
            at += next.len_utf8();
        } else {
            out.extend(rest[..skip].chars().filter(|c| *c == '\n'));
            out.push(' ');
            at += skip;
        }
    }
    out
}

fn raw_string(rest: &str) -> usize {
    let marks = rest[1..].bytes().take_while(|byte| *byte == b'#').count();
    if rest.as_bytes().get(1 + marks) != Some(&b'"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(marks));
    let start = marks + 2;
    rest[start..].find(&end).map_or(rest.len(), |found| start + found + end.len())
}

fn plain_string(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// A character, not a lifetime.
fn character(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => rest[2..].find('\'').map_or(0, |end| {
            // The quote itself may be what is escaped.
            if end == 0 { rest[3..].find('\'').map_or(0, |end| end + 4) } else { end + 3 }
        }),
        Some(_) => chars.next().filter(|(_, c)| *c == '\'').map_or(0, |(at, _)| at + 1),
        None => 0,
    }
}

/// Lines of `#[cfg(test)]` modules.
#[derive(Default)]
struct TestModules(Vec<(usize, usize)>);

impl TestModules {
    fn cover(&self, line: usize) -> bool {
        self.0.iter().any(|(first, last)| (*first..=*last).contains(&line))
    }
}

impl<'ast> Visit<'ast> for TestModules {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let is_test = |attribute: &syn::Attribute| {
            attribute.path().is_ident("cfg")
                && attribute.parse_args::<syn::Path>().is_ok_and(|word| word.is_ident("test"))
        };
        if module.attrs.iter().any(is_test) {
            self.0.push((module.span().start().line, module.span().end().line));
        } else {
            syn::visit::visit_item_mod(self, module);
        }
    }
}

fn floor_of(room: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&room))
}

/// The rooms of this crate that a file names: in `use crate::{…}` and as `crate::room` anywhere, macros included.
fn rooms_named(file: &File) -> Vec<String> {
    let code = without_words(&file.text);
    let mut found: Vec<String> = words_after(&code, "crate::");
    let mut groups = Groups::default();
    groups.visit_file(&file.syntax);
    found.extend(groups.0);
    found.sort();
    found.dedup();
    found
}

fn words_after(code: &str, mark: &str) -> Vec<String> {
    code.match_indices(mark)
        .filter(|(at, _)| !code[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$'))
        .map(|(at, _)| code[at + mark.len()..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
        .filter(|word: &String| !word.is_empty())
        .collect()
}

/// First names in `use crate::{a, b::c}`.
#[derive(Default)]
struct Groups(Vec<String>);

impl<'ast> Visit<'ast> for Groups {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let syn::UseTree::Path(path) = &item.tree else { return };
        let (true, syn::UseTree::Group(group)) = (path.ident == "crate", &*path.tree) else { return };
        for tree in &group.items {
            match tree {
                syn::UseTree::Path(path) => self.0.push(path.ident.to_string()),
                syn::UseTree::Name(name) => self.0.push(name.ident.to_string()),
                syn::UseTree::Rename(rename) => self.0.push(rename.ident.to_string()),
                _ => {}
            }
        }
    }
}

#[track_caller]
fn none(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn imports_go_downward_only() {
    let mut complaints = Vec::new();
    for file in files("src").iter().filter(|file| !["src/lib.rs", "src/main.rs"].contains(&file.path.as_str())) {
        let Some(own) = floor_of(file.room()) else {
            complaints.push(format!("{}: give {} a floor in tests/suite/house.rs", file.path, file.room()));
            continue;
        };
        for room in rooms_named(file) {
            match floor_of(&room) {
                Some(floor) if room == file.room() || floor < own => {}
                Some(_) => complaints.push(format!("{} imports {room}, which is not below it", file.path)),
                None => complaints.push(format!("{} names crate::{room}, which is no module", file.path)),
            }
        }
    }
    none(complaints);
}

#[test]
fn the_map_lists_the_modules_in_floor_order() {
    let lib = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let listed: Vec<&str> = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let floors: Vec<_> =
        listed.iter().map(|room| floor_of(room).unwrap_or_else(|| panic!("{room} has no floor"))).collect();
    assert!(floors.is_sorted(), "{listed:?}");
    let mut rooms: Vec<String> = files("src").iter().map(|file| file.room().to_owned()).collect();
    rooms.retain(|room| !["lib", "main"].contains(&room.as_str()));
    rooms.sort();
    rooms.dedup();
    let mut listed: Vec<String> = listed.into_iter().map(str::to_owned).collect();
    listed.sort();
    assert_eq!(rooms, listed);
}

#[test]
fn files_and_functions_stay_small() {
    let mut complaints = Vec::new();
    for file in files("src").iter().chain(&files("tests")).chain(&files("benches")) {
        let lines = file.text.lines().count();
        if lines >= LINES_MAX {
            complaints.push(format!("{} has {lines} lines; stay under {LINES_MAX}", file.path));
        }
        let mut functions = Functions::default();
        functions.visit_file(&file.syntax);
        for (name, lines) in functions.0.into_iter().filter(|(_, lines)| *lines >= FUNCTION_MAX) {
            complaints.push(format!("{}: {name} has {lines} lines; stay under {FUNCTION_MAX}", file.path));
        }
    }
    none(complaints);
}

/// Functions with the lines of their bodies and signatures.
#[derive(Default)]
struct Functions(Vec<(String, usize)>);

impl Functions {
    fn note(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let lines = block.span().end().line - signature.span().start().line + 1;
        self.0.push((signature.ident.to_string(), lines));
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.note(&function.sig, &function.block);
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.note(&function.sig, &function.block);
        syn::visit::visit_impl_item_fn(self, function);
    }
}

#[test]
fn no_room_is_a_drawer_for_everything() {
    let mut complaints = Vec::new();
    for file in files("src").iter().chain(&files("tests")) {
        for part in file.path.trim_end_matches(".rs").split('/').filter(|part| NAMES.contains(part)) {
            complaints.push(format!("{}: name it after what it is about, not {part}", file.path));
        }
    }
    none(complaints);
}

#[test]
fn crates_stay_in_their_rooms_and_calls_in_their_places() {
    let mut complaints = Vec::new();
    for file in files("src") {
        let code = file.code();
        let is_in = |places: &[&str]| places.iter().any(|place| file.path.starts_with(place));
        for (name, rooms) in ROOMS.iter().filter(|(_, rooms)| !is_in(rooms)) {
            let used = |mark: String| !words_before(&code, &mark).is_empty();
            if used(format!("{name}::")) {
                complaints.push(format!("{}: {name} belongs to {}", file.path, rooms.join(", ")));
            }
        }
        for (call, _, instead) in PLACES.iter().filter(|(_, places, _)| !is_in(places)) {
            if code.contains(call) {
                complaints.push(format!("{}: no {call} here; {instead}", file.path));
            }
        }
    }
    none(complaints);
}

/// Where `mark` begins a word.
fn words_before(code: &str, mark: &str) -> Vec<usize> {
    code.match_indices(mark)
        .map(|(at, _)| at)
        .filter(|at| !code[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'))
        .collect()
}

#[test]
fn nothing_that_a_request_reaches_can_stop_the_program() {
    let mut complaints = Vec::new();
    for file in files("src") {
        let code = file.code();
        for (number, line) in code.lines().enumerate() {
            for stop in STOPS.iter().filter(|stop| line.contains(**stop)) {
                complaints.push(format!("{}:{}: {stop} stops the program; return a Failure", file.path, number + 1));
            }
        }
    }
    none(complaints);
}

#[test]
fn pages_hold_no_style_and_no_script_of_their_own() {
    let mut complaints = Vec::new();
    for path in walk(&root().join("templates"), "html") {
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        // A report travels alone, as a file: its style goes with it.
        if name.starts_with("templates/report/") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap().to_lowercase();
        for (number, line) in text.lines().enumerate() {
            for problem in inline(&without_expressions(line)) {
                complaints.push(format!("{name}:{}: {problem} belongs in assets/", number + 1));
            }
        }
    }
    none(complaints);
}

/// The line without `{{ … }}`: words of the template language are no attributes.
fn without_expressions(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        rest = after.split_once("}}").map_or("", |(_, after)| after);
    }
    out + rest
}

fn inline(line: &str) -> Vec<&'static str> {
    let script =
        line.match_indices("<script").any(|(at, _)| !line[at..].split('>').next().unwrap_or("").contains("src="));
    let handler = line.match_indices(" on").any(|(at, _)| {
        let word: String = line[at + 3..].chars().take_while(char::is_ascii_alphabetic).collect();
        !word.is_empty() && line[at + 3 + word.len()..].starts_with("=\"")
    });
    let found = BTreeMap::from([
        ("a script", script),
        ("an event handler", handler),
        ("a style sheet", line.contains("<style")),
        ("a style", line.contains(" style=")),
        ("a script address", line.contains("javascript:")),
    ]);
    found.into_iter().filter(|(_, is_there)| *is_there).map(|(what, _)| what).collect()
}

#[test]
fn the_rules_of_this_file_see_what_they_should() {
    assert_eq!(
        without_words("a \"x // y\" 'c' '\\'' b // c\nd /* e */ f").split_whitespace().collect::<String>(),
        "abdf"
    );
    assert_eq!(without_words("let s = r#\"a\"b\"#; fn f<'a>(x: &'a str)"), "let s =  ; fn f<'a>(x: &'a str)");
    assert_eq!(words_after("use crate::store::X; $crate::y; mycrate::z", "crate::"), ["store"]);
    assert_eq!(inline("<a onclick=\"x()\" style=\"y\">").len(), 2);
    assert_eq!(inline("<script src=\"/a.js\"></script>").len(), 0);
    assert_eq!(inline("<script>x()</script>").len(), 1);
    assert_eq!(without_expressions("a {{ <form once=\"\" /> }} b {{ c }}d"), "a  b d");
}
