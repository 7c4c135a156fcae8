//! The redactor: rules, key and known values bound together for one incident.

use std::io::{self, Read, Write};
use std::ops::Range;
use std::sync::Arc;

use super::detect::{Hit, Survey, Wrap, Wrapped, detect};
use super::finding::{Finding, RedactedText, StreamSummary};
use super::known::KnownValues;
use super::known_search::KnownSearch;
use super::placeholder::PlaceholderKey;
use super::redacted::Redacted;
use super::replace::Writer;
use super::resolve::{keep_news, resolve};
use super::rules::Rules;
use super::stream;
use super::views::{self, View};

/// Removes secrets. Cheap to clone; one for each incident, since the key belongs to the incident.
#[derive(Clone)]
pub struct Redactor {
    rules: Arc<Rules>,
    key: PlaceholderKey,
    own_domains: Arc<Vec<String>>,
    known: Option<Arc<KnownSearch>>,
    private_addresses: bool,
}

/// How often a text is gone over at least until nothing more is found.
const ROUNDS: usize = 32;

/// How many bytes that may take: each round finds something more, so a short text is gone over until it is done, also when
/// each cell of a row lays bare the next one.
const BYTES_OF_ROUNDS: usize = 4 * 1024 * 1024;

/// A text as written, with what was removed from it.
struct Written {
    text: Vec<u8>,
    findings: Vec<Finding>,
    values: KnownValues,
    pieces: Vec<[usize; 4]>,
}

impl Written {
    /// The place in the input of a hit in the output.
    fn back(&self, hit: Hit) -> Hit {
        let start = self.origin(hit.start, false);
        let end = self.origin(hit.end, true).max(start + 1);
        let value = hit.wrapped.and_then(|wrapped| wrapped.value);
        let wrapped = value.map(|value| Box::new(Wrapped { value: Some(value), wrap: Wrap::None }));
        Hit { wrapped, ..Hit::plain(start, end, hit.rule, hit.note) }
    }

    fn origin(&self, at: usize, is_end: bool) -> usize {
        // The last piece that begins before `at`; bytes after it keep their distance from its end.
        let Some([input_start, input_end, _, output_end]) = self.pieces.iter().rev().find(|piece| piece[2] < at) else {
            return at;
        };
        match at.checked_sub(*output_end) {
            Some(distance) => input_end + distance,
            None if is_end => *input_end,
            None => *input_start,
        }
    }
}

/// What one pass works with.
#[derive(Clone, Copy)]
pub(crate) struct Core<'r> {
    pub(crate) rules: &'r Rules,
    pub(crate) key: &'r PlaceholderKey,
    pub(crate) own_domains: &'r [String],
    pub(crate) known: Option<&'r KnownSearch>,
    pub(crate) private_addresses: bool,
    /// Whether the rules' exceptions have their say.
    pub(crate) exceptions: bool,
}

/// A short text redacted, with what stayed because of an exception.
pub struct Explanation {
    /// The text and its findings.
    pub redacted: RedactedText,
    /// What stayed, in order.
    pub spared: Vec<Spared>,
}

/// A place that a rule would have removed and an exception keeps. Never the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spared {
    /// The exception's id.
    pub exception: String,
    /// Why it stays.
    pub why: String,
    /// The rule's id.
    pub rule: String,
    /// Byte offset in the input.
    pub offset: u64,
    /// Bytes.
    pub length: u64,
    /// Line in the input, counted from 1.
    pub line: u64,
}

impl Redactor {
    /// A redactor with these rules, whose placeholders are made with this key.
    pub fn new(rules: Arc<Rules>, key: PlaceholderKey) -> Self {
        Redactor { rules, key, own_domains: Arc::default(), known: None, private_addresses: false }
    }

    /// Domains that are the site's own: the placeholder of an e-mail address says whether its domain is one of them
    /// (`[email-own:…]`).
    pub fn with_own_domains(mut self, domains: &[String]) -> Self {
        self.own_domains = Arc::new(domains.iter().map(|domain| domain.to_ascii_lowercase()).collect());
        self
    }

    /// These values are removed wherever they stand, also in the encodings the engine sees through.
    pub fn with_known(mut self, known: &KnownValues) -> Self {
        self.known = Some(Arc::new(KnownSearch::from_known(known, &self.rules)));
        self
    }

    /// Removes loopback, private, link-local and documentation addresses too. Without this they stay: they say nothing
    /// about anybody and much about what is wrong.
    pub fn with_private_addresses(mut self, removed: bool) -> Self {
        self.private_addresses = removed;
        self
    }

    /// Redacts a short text (form fields, names). Two passes: what one place reveals is removed everywhere in the text.
    pub fn text(&self, input: &str) -> RedactedText {
        self.core().text(input)
    }

    /// As [`Redactor::text`], and says what stayed because of an exception.
    pub fn explain(&self, input: &str) -> Explanation {
        let core = self.core();
        let bytes = input.as_bytes();
        let mut spared = Vec::new();
        if !self.rules.exceptions.is_empty() {
            for hit in (Core { exceptions: false, ..core }).plan(bytes, 0..bytes.len(), None) {
                let Some(exception) = self.rules.spared_by(hit.rule, hit.value(bytes)) else { continue };
                spared.push(Spared {
                    exception: exception.id.clone(),
                    why: exception.why.clone(),
                    rule: self.rules.rules[hit.rule].info.id.clone(),
                    offset: hit.start as u64,
                    length: (hit.end - hit.start) as u64,
                    line: memchr::memchr_iter(b'\n', &bytes[..hit.start]).count() as u64 + 1,
                });
            }
        }
        Explanation { redacted: core.text(input), spared }
    }

    /// Redacts a stream in constant memory, whatever its size or the length of its lines. Values are removed from the
    /// finding on.
    ///
    /// # Errors
    /// What reading and writing return.
    pub fn stream(
        &self,
        input: &mut dyn Read,
        output: &mut dyn Write,
        findings: &mut dyn FnMut(&Finding),
    ) -> io::Result<StreamSummary> {
        stream::redact(self.core(), input, output, findings, &mut |_, _| {})
    }

    /// First of the two passes over evidence: which values does it reveal?
    ///
    /// # Errors
    /// What reading returns.
    pub fn discover(&self, input: &mut dyn Read) -> io::Result<KnownValues> {
        let mut values = KnownValues::new();
        stream::redact(self.core(), input, &mut io::sink(), &mut |_| {}, &mut |rule, value| {
            values.insert_bytes(rule, value);
        })?;
        Ok(values)
    }

    fn core(&self) -> Core<'_> {
        Core {
            rules: &self.rules,
            key: &self.key,
            own_domains: &self.own_domains,
            known: self.known.as_deref(),
            private_addresses: self.private_addresses,
            exceptions: true,
        }
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Redactor({:?}, known: {})", self.rules, self.known.is_some())
    }
}

impl Core<'_> {
    /// See [`Redactor::text`].
    pub(crate) fn text(&self, input: &str) -> RedactedText {
        let bytes = input.as_bytes();
        let mut revealed = KnownSearch::default();
        let mut hits = self.plan(bytes, 0..bytes.len(), Some(&mut revealed));
        let mut out = self.write(bytes, &hits);
        // A placeholder may leave words beside it that are a secret only now that they stand alone; what is written must
        // come back unchanged when it is redacted again.
        for _ in 0..ROUNDS.max(BYTES_OF_ROUNDS / bytes.len().max(1)) {
            // Where nothing was removed, nothing is written anew.
            if hits.is_empty() {
                break;
            }
            // What was joined to one value is looked for as such from now on.
            for (value, rule) in out.values.iter() {
                if let Some(rule) = self.rules.by_id.get(rule) {
                    revealed.insert(value, *rule);
                }
            }
            let more = self.plan(&out.text, 0..out.text.len(), Some(&mut revealed));
            if more.is_empty() {
                break;
            }
            hits.extend(more.into_iter().map(|hit| out.back(hit)));
            hits = self.finish(bytes, hits);
            out = self.write(bytes, &hits);
        }
        // Hits begin and end at characters, so what is left is UTF-8.
        let text =
            String::from_utf8(out.text).unwrap_or_else(|broken| String::from_utf8_lossy(broken.as_bytes()).into());
        RedactedText { text: Redacted::from_engine(text), findings: out.findings, values: out.values }
    }

    fn write(&self, input: &[u8], hits: &[Hit]) -> Written {
        let mut writer = Writer::new(*self, false).keeping_pieces();
        let mut text = Vec::with_capacity(input.len() + 64);
        let mut findings: Vec<Finding> = Vec::new();
        let mut values = KnownValues::new();
        writer.write(input, 0, input.len(), hits, &mut text, &mut |hit, finding| {
            values.insert_bytes(&finding.rule, hit.value(input));
            findings.push(finding.clone());
        });
        Written { text, findings, values, pieces: writer.into_pieces() }
    }

    /// All removals in `text`, sorted, without overlaps. Values that stand in `settled` are added to `revealed` and
    /// removed everywhere in `text`; what stands outside is seen without its surroundings and will be, or was, seen whole.
    pub(crate) fn plan(&self, text: &[u8], settled: Range<usize>, revealed: Option<&mut KnownSearch>) -> Vec<Hit> {
        let survey = Survey::of(text, &self.rules.detector);
        let views = views::of(text, &survey);
        let mut hits = detect(self.rules, text, &survey, self.private_addresses);
        for view in &views {
            let survey = Survey::of(&view.text, &self.rules.detector);
            let found = detect(self.rules, &view.text, &survey, self.private_addresses);
            hits.extend(found.into_iter().map(|hit| view.lift(text, hit)));
        }
        if let Some(known) = self.known {
            search_all(text, &views, &mut hits, &mut |text, hits| known.search(text, hits));
        }
        let spares = self.exceptions && !self.rules.exceptions.is_empty();
        if spares {
            hits.retain(|hit| self.rules.spared_by(hit.rule, hit.value(text)).is_none());
        }
        let Some(revealed) = revealed else { return self.finish(text, hits) };
        // What this part reveals is looked for together with what the stream has revealed before.
        let mut hits = resolve(self.rules, hits);
        for hit in hits.iter().filter(|hit| hit.end > settled.start && hit.start < settled.end) {
            revealed.insert(hit.value(text), hit.rule);
        }
        let mut found = Vec::new();
        search_all(text, &views, &mut found, &mut |text, hits| revealed.search(text, hits));
        // Every value is found again where it was revealed.
        keep_news(self.rules, &hits, &mut found);
        if found.is_empty() {
            return self.widened(text, hits);
        }
        hits.append(&mut found);
        self.finish(text, hits)
    }

    fn finish(&self, text: &[u8], hits: Vec<Hit>) -> Vec<Hit> {
        self.widened(text, resolve(self.rules, hits))
    }

    fn widened(&self, text: &[u8], mut hits: Vec<Hit>) -> Vec<Hit> {
        let mut done = 0;
        for hit in &mut hits {
            widen_to_characters(text, hit);
            // Between stray bytes two neighbours may both reach for the same ones.
            hit.start = hit.start.max(done);
            hit.end = hit.end.max(hit.start);
            done = hit.end;
        }
        hits.retain(|hit| hit.start < hit.end);
        hits
    }
}

/// Searches the text and all its views.
fn search_all(text: &[u8], views: &[View], hits: &mut Vec<Hit>, search: &mut dyn FnMut(&[u8], &mut Vec<Hit>)) {
    search(text, hits);
    let mut inner = Vec::new();
    for view in views {
        search(&view.text, &mut inner);
        hits.extend(inner.drain(..).map(|hit| view.lift(text, hit)));
    }
}

/// A hit never cuts a UTF-8 character in two.
fn widen_to_characters(text: &[u8], hit: &mut Hit) {
    // At most three bytes follow the first one of a character; more of them are stray.
    for _ in 0..3 {
        let inside = |at: usize| text.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
        hit.start -= usize::from(hit.start > 0 && inside(hit.start));
        hit.end += usize::from(inside(hit.end));
    }
}
