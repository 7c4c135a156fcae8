//! Full-text search over incidents: FTS5 on SQLite, `tsvector` on PostgreSQL.
//!
//! Each incident has one document: the distinct words of its redacted rows. It is derived, so it is outside the audit
//! chain; [`super::Tx`] writes it anew in the transaction that writes any of those rows, and nothing else has to think
//! of it. A document takes words of [`Redacted`] only, so what was removed cannot be searched for.

use super::incidents::Filter;
use super::record::Record;
use super::schema::{checks, criteria, evidence, incidents, search_documents, timeline};
use super::{Connection, Error, Json, Tx, prevention, reviews};
use crate::domain::ids::{IncidentId, PersonId, SiteId};
use crate::domain::incident::{Facts, Severity, Status};
use crate::domain::search::{Wanted, words};
use crate::redaction::Redacted;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};
use std::collections::BTreeSet;

/// Most bytes of an incident's document; distinct words beyond that are not found.
const DOCUMENT_MAX: usize = 64 * 1024;
/// Most entries of a timeline whose words go into the document, the newest; and rows of each other kind.
const ENTRIES_MAX: i64 = 2_000;
const ROWS_MAX: i64 = 500;
/// Incidents numbered in one year at most, by what a reference's number adds to its document's.
const NUMBERS_A_YEAR: i32 = 10_000_000;
/// Year of the first document numbers.
const FIRST_YEAR: i32 = 2000;

/// The distinct words of one incident.
#[derive(Debug, Default)]
pub struct Document {
    words: BTreeSet<String>,
    size: usize,
}

impl Document {
    /// The words in one text, each followed by a space but the last.
    fn body(&self) -> String {
        let mut body = String::with_capacity(self.size);
        for word in &self.words {
            if !body.is_empty() {
                body.push(' ');
            }
            body.push_str(word);
        }
        body
    }

    fn add(&mut self, text: &str) {
        for word in words(text) {
            if self.size + word.len() < DOCUMENT_MAX && !self.words.contains(&word) {
                self.size += word.len() + 1;
                self.words.insert(word);
            }
        }
    }
}

/// What has words to be found by.
pub trait Worded {
    /// Adds them.
    fn add_words(&self, document: &mut Document);
}

impl Worded for Redacted {
    fn add_words(&self, document: &mut Document) {
        document.add(self.as_str());
    }
}

impl<W: Worded> Worded for Option<W> {
    fn add_words(&self, document: &mut Document) {
        if let Some(worded) = self {
            worded.add_words(document);
        }
    }
}

impl Worded for Json<Facts<Redacted>> {
    fn add_words(&self, document: &mut Document) {
        (**self).clone().map(|text| text.add_words(document));
    }
}

/// The incidents whose words one transaction changes.
#[derive(Default)]
pub(super) struct Changed(Vec<(IncidentId, News)>);

/// What a transaction means for a document.
enum News {
    /// The incident is filed in it: these are all its words.
    Filed(Document),
    /// Rows came to it: these words are added.
    Added(Document),
    /// Rows changed, and words may be gone: it is made anew.
    Anew,
}

impl Changed {
    /// Notes a row that was written.
    pub(super) fn note<R: Record>(&mut self, row: &R, is_new: bool) {
        let Some(incident) = row.found_as() else { return };
        match self.0.iter_mut().find(|(id, _)| id == incident) {
            Some((_, News::Filed(document) | News::Added(document))) if is_new => row.add_words(document),
            Some((_, news)) => *news = News::Anew,
            None => {
                let mut document = Document::default();
                row.add_words(&mut document);
                let news = match is_new {
                    true if R::TABLE == super::incidents::IncidentRow::TABLE => News::Filed(document),
                    true => News::Added(document),
                    false => News::Anew,
                };
                self.0.push((incident.clone(), news));
            }
        }
    }

    /// Writes the documents.
    pub(super) fn write(self, connection: &mut Connection) -> Result<(), Error> {
        for (incident, news) in self.0 {
            match news {
                News::Filed(document) => insert(connection, &incident, document)?,
                News::Added(document) => extend(connection, &incident, &document)?,
                News::Anew => refresh(connection, &incident)?,
            }
        }
        Ok(())
    }
}

fn insert(connection: &mut Connection, incident: &IncidentId, mut document: Document) -> Result<(), Error> {
    let head: Head = incidents::table.find(incident).select(Head::as_select()).first(connection)?;
    document.add(&head.reference);
    diesel::insert_into(search_documents::table)
        .values((
            search_documents::number.eq(number_of(&head.reference)?),
            search_documents::incident_id.eq(incident),
            search_documents::body.eq(document.body()),
            search_documents::marks.eq(head.marks()),
        ))
        .execute(connection)?;
    Ok(())
}

/// What an incident is marked by in the index.
#[derive(Queryable, Selectable)]
#[diesel(table_name = incidents)]
struct Head {
    reference: String,
    site_id: SiteId,
    reported_by: PersonId,
    status: Status,
    severity: Severity,
}

impl Head {
    fn marks(&self) -> String {
        let all = [
            mark("site", &self.site_id),
            mark("by", &self.reported_by),
            mark("status", &self.status),
            mark("severity", &self.severity),
        ];
        all.join(" ")
    }
}

/// One word of the marks. No word that somebody types holds its sign.
fn mark(kind: &str, value: &impl std::fmt::Display) -> String {
    format!("={kind}={value}")
}

/// Adds words to a document. A full one is made anew, because there the newest words come before older ones.
fn extend(connection: &mut Connection, incident: &IncidentId, added: &Document) -> Result<(), Error> {
    let Some(old) = body_of(connection, incident)? else { return refresh(connection, incident) };
    let mut document = Document { size: old.len(), words: old.split(' ').map(str::to_owned).collect() };
    if old.len() + added.size >= DOCUMENT_MAX {
        return refresh(connection, incident);
    }
    added.words.iter().for_each(|word| document.add(word));
    let body = document.body();
    if body != old {
        diesel::update(search_documents::table.filter(search_documents::incident_id.eq(incident)))
            .set(search_documents::body.eq(body))
            .execute(connection)?;
    }
    Ok(())
}

fn body_of(connection: &mut Connection, incident: &IncidentId) -> Result<Option<String>, Error> {
    Ok(search_documents::table
        .filter(search_documents::incident_id.eq(incident))
        .select(search_documents::body)
        .first(connection)
        .optional()?)
}

/// Makes the document of an incident anew; one that says the same is left alone.
fn refresh(connection: &mut Connection, incident: &IncidentId) -> Result<(), Error> {
    let document = gather(connection, incident)?;
    let of_incident = search_documents::table.filter(search_documents::incident_id.eq(incident));
    let old: Option<(String, String)> =
        of_incident.select((search_documents::body, search_documents::marks)).first(connection).optional()?;
    let Some(old) = old else { return insert(connection, incident, document) };
    let head: Head = incidents::table.find(incident).select(Head::as_select()).first(connection)?;
    let new = (document.body(), head.marks());
    if new != old {
        diesel::update(of_incident)
            .set((search_documents::body.eq(new.0), search_documents::marks.eq(new.1)))
            .execute(connection)?;
    }
    Ok(())
}

/// Reads the rows of an incident, what says most of it first: where there is no room for all, the oldest entries are
/// left out.
fn gather(connection: &mut Connection, id: &IncidentId) -> Result<Document, Error> {
    let mut document = Document::default();
    let incident = super::incidents::find(connection, id)?;
    document.add(&incident.reference);
    Record::add_words(&incident, &mut document);
    for name in evidence::table
        .filter(evidence::incident_id.eq(id))
        .order(evidence::id.desc())
        .limit(ROWS_MAX)
        .select((evidence::name, evidence::note))
        .load::<(Redacted, Option<Redacted>)>(connection)?
    {
        name.0.add_words(&mut document);
        name.1.add_words(&mut document);
    }
    if let Some(review) = reviews::find(connection, id)? {
        Record::add_words(&review, &mut document);
    }
    for action in prevention::of_incident(connection, id)? {
        Record::add_words(&action, &mut document);
    }
    for check in super::checks::of_incident(connection, id)? {
        Record::add_words(&check, &mut document);
    }
    add_proofs(connection, id, &mut document)?;
    let entries: Vec<Redacted> = timeline::table
        .filter(timeline::incident_id.eq(id).and(timeline::superseded_by.is_null()))
        .order((timeline::happened_at.desc(), timeline::id.desc()))
        .limit(ENTRIES_MAX)
        .select(timeline::body)
        .load(connection)?;
    entries.iter().for_each(|entry| entry.add_words(&mut document));
    Ok(document)
}

/// Results of checks, and criteria with what shows them.
fn add_proofs(connection: &mut Connection, id: &IncidentId, document: &mut Document) -> Result<(), Error> {
    use super::schema::check_results;
    let results: Vec<Redacted> = check_results::table
        .inner_join(checks::table.on(check_results::check_id.eq(checks::id)))
        .filter(checks::incident_id.eq(id))
        .order(check_results::id.desc())
        .limit(ROWS_MAX)
        .select(check_results::evidence)
        .load(connection)?;
    results.iter().for_each(|result| result.add_words(document));
    for row in criteria::table
        .filter(criteria::incident_id.eq(id))
        .limit(ROWS_MAX)
        .select(super::criteria::CriterionRow::as_select())
        .load(connection)?
    {
        Record::add_words(&row, document);
    }
    Ok(())
}

/// The number of an incident's document: that of `INC-2026-0001` is 260,000,001. References are given out in the order
/// of filing, and so are these.
fn number_of(reference: &str) -> Result<i32, Error> {
    let number = || {
        let (year, number) = reference.strip_prefix("INC-")?.split_once('-')?;
        let number: i32 = number.parse().ok().filter(|number| *number < NUMBERS_A_YEAR)?;
        year.parse::<i32>().ok()?.checked_sub(FIRST_YEAR)?.checked_mul(NUMBERS_A_YEAR)?.checked_add(number)
    };
    number().ok_or_else(|| Error::Corrupt(format!("{reference} is no reference that can be searched for")))
}

/// The newest incidents, older than `before`, that have no document yet because a version filed them that made none.
pub fn without_document(
    connection: &mut Connection,
    before: Option<&IncidentId>,
    limit: i64,
) -> Result<Vec<IncidentId>, Error> {
    let mut query = incidents::table
        .left_join(search_documents::table.on(search_documents::incident_id.eq(incidents::id)))
        .filter(search_documents::number.nullable().is_null())
        .order(incidents::id.desc())
        .limit(limit)
        .select(incidents::id)
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(incidents::id.lt(before));
    }
    Ok(query.load(connection)?)
}

/// Makes the document of an incident.
pub fn make_document(tx: &mut Tx, incident: &IncidentId) -> Result<(), Error> {
    refresh(tx.connection(), incident)
}

/// Where a page of what was found begins.
#[derive(Clone, Debug)]
pub(super) enum Edge {
    /// At the newest.
    Newest,
    /// With those older than this incident.
    Before(IncidentId),
    /// With those newer than it, the next one first.
    After(IncidentId),
}

#[derive(QueryableByName)]
struct Hit {
    #[diesel(sql_type = Text)]
    incident_id: IncidentId,
}

/// Incidents that hold all words wanted, in the order of the page. SQLite's index passes over most of those that the
/// filter would not let through; whoever asks applies it all the same.
pub(super) fn find(
    connection: &mut Connection,
    wanted: &Wanted,
    filter: &Filter,
    from: &Edge,
    limit: i32,
) -> Result<Vec<IncidentId>, Error> {
    let edge = match from {
        Edge::Newest => Some(i32::MAX),
        Edge::Before(id) | Edge::After(id) => search_documents::table
            .filter(search_documents::incident_id.eq(id))
            .select(search_documents::number)
            .first(connection)
            .optional()?,
    };
    let Some(edge) = edge else { return Ok(Vec::new()) };
    let (sign, order) = if matches!(from, Edge::After(_)) { (">", "ASC") } else { ("<", "DESC") };
    let hits: Vec<Hit> = match connection {
        Connection::Sqlite(c) => {
            let wanted = for_fts5(c, wanted, filter)?;
            // CROSS JOIN: the index is walked in the order of its row ids, and stops at the limit.
            diesel::sql_query(format!(
                "SELECT search_documents.incident_id FROM search_index CROSS JOIN search_documents \
             ON search_documents.number = search_index.rowid \
             WHERE search_index MATCH $1 AND search_index.rowid {sign} $2 ORDER BY search_index.rowid {order} LIMIT $3"
            ))
            .bind::<Text, _>(wanted)
            .bind::<Integer, _>(edge)
            .bind::<Integer, _>(limit)
            .load(c)?
        }
        Connection::Postgres(c) => diesel::sql_query(format!(
            "SELECT incident_id FROM search_documents \
             WHERE to_tsvector('simple', body) @@ to_tsquery('simple', $1) AND number {sign} $2 \
             ORDER BY number {order} LIMIT $3"
        ))
        .bind::<Text, _>(for_tsquery(wanted))
        .bind::<Integer, _>(edge)
        .bind::<Integer, _>(limit)
        .load(c)?,
    };
    Ok(hits.into_iter().map(|hit| hit.incident_id).collect())
}

/// Most sites that a search is narrowed to inside the index.
const SITES_MAX: usize = 50;
/// Longest beginning that SQLite's index keeps, in characters; the migration says the same.
const KEPT_BEGINNING: usize = 5;
/// Most words that a longer beginning stands for one by one. The index walks each from the newest on, where it would
/// read all that a beginning finds before it gives the first.
const TERMS_MAX: usize = 32;

#[derive(QueryableByName)]
struct Term {
    #[diesel(sql_type = Text)]
    term: String,
}

/// The words of the index that begin with `word`, in order; one more than [`TERMS_MAX`] when there are many. Leaps from
/// word to word: reading through the list would read every place in which each of them stands.
fn terms(connection: &mut SqliteConnection, word: &str) -> Result<Vec<String>, Error> {
    let rows: Vec<Term> = diesel::sql_query(
        "WITH RECURSIVE next (term) AS ( \
             SELECT (SELECT term FROM search_terms WHERE term >= $1 LIMIT 1) \
             UNION ALL \
             SELECT (SELECT term FROM search_terms WHERE term >= next.term || char(1) LIMIT 1) FROM next \
             WHERE next.term < $2 \
         ) SELECT term FROM next WHERE term >= $1 AND term < $2 LIMIT $3",
    )
    .bind::<Text, _>(word)
    .bind::<Text, _>(format!("{word}{}", char::MAX))
    .bind::<Integer, _>(TERMS_MAX as i32 + 1)
    .load(connection)?;
    Ok(rows.into_iter().map(|row| row.term).collect())
}

/// A word as FTS5 takes it: quoted, with a star where it may begin a longer one.
fn token(connection: &mut SqliteConnection, word: &str) -> Result<String, Error> {
    if !Wanted::may_begin(word) {
        return Ok(format!("\"{word}\""));
    }
    if word.chars().nth(KEPT_BEGINNING).is_some() {
        let terms = terms(connection, word)?;
        if (1..=TERMS_MAX).contains(&terms.len()) {
            let quoted: Vec<String> = terms.iter().map(|term| format!("\"{term}\"")).collect();
            return Ok(format!("({})", quoted.join(" OR ")));
        }
    }
    Ok(format!("\"{word}\"*"))
}

/// All words and the marks. Words hold letters and digits only, and marks ids and words of ours, so nothing has to be
/// escaped.
fn for_fts5(connection: &mut SqliteConnection, wanted: &Wanted, filter: &Filter) -> Result<String, Error> {
    let mut all = Vec::new();
    for word in wanted.words() {
        all.push(token(connection, word)?);
    }
    let any = |marks: Vec<String>| {
        let quoted: Vec<String> = marks.iter().map(|mark| format!("\"{mark}\"")).collect();
        format!("({})", quoted.join(" OR "))
    };
    if let Some(site) = &filter.site {
        all.push(any(vec![mark("site", site)]));
    }
    if let Some(status) = &filter.status {
        all.push(any(vec![mark("status", status)]));
    } else if filter.open_only {
        let open = Status::ALL.iter().filter(|status| status.is_open());
        all.push(any(open.map(|status| mark("status", status)).collect()));
    }
    if let Some(severity) = &filter.severity {
        all.push(any(vec![mark("severity", severity)]));
    }
    if let Some(sites) = filter.sites.as_ref().filter(|sites| sites.len() <= SITES_MAX) {
        let seen = sites.iter().map(|site| mark("site", site));
        let ways: Vec<String> = seen.chain(filter.or_reported_by.iter().map(|person| mark("by", person))).collect();
        // Nobody's site and nobody's own: nothing is theirs to see, which the filter says too.
        if !ways.is_empty() {
            all.push(any(ways));
        }
    }
    Ok(all.join(" AND "))
}

/// The same for `to_tsquery`.
fn for_tsquery(wanted: &Wanted) -> String {
    let token = |word: &String| format!("'{word}'{}", if Wanted::may_begin(word) { ":*" } else { "" });
    wanted.words().iter().map(token).collect::<Vec<_>>().join(" & ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_numbered_as_their_incidents_were_filed() {
        let numbers: Vec<i32> = ["INC-2026-0001", "INC-2026-0002", "INC-2026-12345", "INC-2027-0001"]
            .map(|reference| number_of(reference).unwrap())
            .to_vec();
        assert_eq!(numbers[0], 260_000_001);
        assert!(numbers.is_sorted());
        for bad in ["", "INC-", "INC-2026", "INC-2026-x", "INC-9999-0001", "INC-2026-10000000"] {
            assert!(number_of(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_document_holds_each_word_once_and_has_an_end() {
        let mut document = Document::default();
        document.add("Mails, mails and orders");
        assert_eq!(document.body(), "and mails orders");
        for n in 0..20_000 {
            document.add(&format!("word{n}"));
        }
        assert!(document.body().len() <= DOCUMENT_MAX);
    }
}
