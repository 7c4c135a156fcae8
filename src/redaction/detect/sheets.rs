//! Tables of text: the header of a CSV file or of what `wp user list` prints names a key once for many lines.

use std::ops::Range;

use super::super::classes::{ALPHA, ByteClass, NAME, and, run_end, run_start};
use super::extent::{Field, Operator};

/// Longest header line, in bytes.
const LONGEST_HEADER: usize = 2 * 1024;

/// How much of the lines behind a header is read, in bytes.
const LONGEST_ROWS: usize = 256 * 1024;

/// Fewest columns of a table without lines around its cells: two words with a comma stand in any sentence.
const FEWEST: usize = 3;

/// Longest name of a column, in bytes.
const LONGEST_COLUMN: usize = 48;

/// What the name of a column is made of.
static COLUMN: ByteClass = and(NAME, b" \"'");

/// The table that was read last.
#[derive(Default)]
pub(super) struct Sheets {
    last: Option<Sheet>,
}

struct Sheet {
    header: Range<usize>,
    /// What parts its cells; 0 when the line is no header.
    mark: u8,
    /// The cells of its lines, without blanks and quotes.
    rows: Vec<Vec<Range<usize>>>,
    end: usize,
}

impl Sheets {
    /// The cells of the column named at `name_start..name_end`; `None` when the name stands in no header.
    pub(super) fn values(&mut self, text: &[u8], name_start: usize, name_end: usize) -> Option<Vec<Field>> {
        if let Some(sheet) = &self.last
            && (sheet.header.end..sheet.end).contains(&name_start)
        {
            return None;
        }
        let mark = mark_beside(text, name_start, name_end)?;
        let sheet = match &mut self.last {
            Some(sheet) if sheet.header.contains(&name_start) => sheet,
            last => last.insert(read_sheet(text, name_start, mark)),
        };
        if sheet.mark == 0 {
            return None;
        }
        let place = text[sheet.header.start..name_start].iter().filter(|byte| **byte == sheet.mark).count();
        let cells = sheet.rows.iter().filter_map(|row| row.get(place)).filter(|cell| !cell.is_empty());
        Some(
            cells
                .map(|cell| Field { start: cell.start, end: cell.end, quoted: true, operator: Operator::Tags })
                .collect(),
        )
    }
}

/// What parts the cells of the line that a name stands in, when the name is all there is between two of them.
fn mark_beside(text: &[u8], name_start: usize, name_end: usize) -> Option<u8> {
    let is_mark = |byte: u8| matches!(byte, b',' | b';' | b'\t' | b'|');
    let after = run_end(text, name_end, &COLUMN, LONGEST_COLUMN);
    let next = text.get(after).copied().unwrap_or(b'\n');
    if is_mark(next) {
        return Some(next);
    }
    if !matches!(next, b'\r' | b'\n') {
        return None;
    }
    let before = run_start(text, name_start, &COLUMN, LONGEST_COLUMN);
    text[..before].last().copied().filter(|byte| is_mark(*byte) && name_start - before < LONGEST_COLUMN)
}

fn read_sheet(text: &[u8], name_start: usize, mark: u8) -> Sheet {
    let from = name_start.saturating_sub(LONGEST_HEADER);
    // A time or a name may stand before the header on its line.
    let foreign = |byte: &u8| !COLUMN[*byte as usize] && *byte != mark;
    let start = text[from..name_start].iter().rposition(foreign).map_or(from, |other| from + other + 1);
    let start = start + text[start..name_start].iter().take_while(|byte| **byte == b' ').count();
    let limit = text.len().min(name_start + LONGEST_HEADER);
    let newline = memchr::memchr(b'\n', &text[name_start..limit]).map(|length| name_start + length);
    let end = newline.unwrap_or(limit);
    let mut sheet = Sheet { header: start..end, mark: 0, rows: Vec::new(), end };
    let Some(columns) = newline.and_then(|end| header(text, start..end, mark)) else { return sheet };
    sheet.mark = mark;
    let mut at = end + 1;
    while at < text.len().min(end + LONGEST_ROWS) {
        let line_end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |length| at + length);
        let ruler =
            text[at..line_end].iter().all(|byte| matches!(byte, b'+' | b'-' | b'|' | b':' | b'=' | b' ' | b'\r'));
        if !ruler {
            let cells = cells(text, at..line_end.min(at + LONGEST_ROWS), mark);
            if cells.len() != columns {
                break;
            }
            sheet.rows.push(cells);
        } else if mark != b'|' {
            break;
        }
        at = line_end + 1;
    }
    sheet.end = at;
    sheet
}

/// How many columns a header names; `None` when the line is none.
fn header(text: &[u8], line: Range<usize>, mark: u8) -> Option<usize> {
    let cells = cells(text, line.clone(), mark);
    let framed = mark == b'|' && text[line.start..].trim_ascii_start().starts_with(b"|");
    let is_name = |cell: &Range<usize>| {
        cell.len() <= LONGEST_COLUMN
            && (cell.is_empty() && framed
                || ALPHA[text.get(cell.start).copied().unwrap_or(0) as usize]
                    && text[cell.clone()].iter().all(|byte| COLUMN[*byte as usize]))
            // `phone, city, email` is a sentence.
            && (matches!(mark, b'|' | b'\t') || cell.start == line.start || text[cell.start - 1] != b' ')
    };
    let enough = cells.len() >= FEWEST;
    (enough && (framed || mark != b'|') && cells.iter().all(is_name)).then_some(cells.len())
}

/// The cells of a line.
fn cells(text: &[u8], line: Range<usize>, mark: u8) -> Vec<Range<usize>> {
    let mut cells = Vec::new();
    let mut at = line.start;
    loop {
        let inner = at + usize::from(mark != b'|' && text.get(at) == Some(&b'"') && at < line.end);
        let close = if inner > at { closing_quote(text, inner, line.end) } else { inner };
        let next = text.get(close + 1).copied().unwrap_or(mark);
        let quoted = inner > at && close < line.end && (next == mark || matches!(next, b'\r' | b'\n'));
        let from = if quoted { close } else { inner };
        let stop = memchr::memchr(mark, &text[from..line.end]).map_or(line.end, |found| from + found);
        let content = if quoted { inner..close } else { trimmed(text, inner..stop) };
        cells.push(content);
        if stop >= line.end {
            return cells;
        }
        at = stop + 1;
    }
}

/// The closing quote of a cell; quotes inside are written twice.
fn closing_quote(text: &[u8], from: usize, end: usize) -> usize {
    let mut at = from;
    while let Some(found) = memchr::memchr(b'"', &text[at.min(end)..end]) {
        at += found;
        if text.get(at + 1) != Some(&b'"') {
            return at;
        }
        at += 2;
    }
    end
}

fn trimmed(text: &[u8], cell: Range<usize>) -> Range<usize> {
    let content = &text[cell.clone()];
    let start = cell.start + (content.len() - content.trim_ascii_start().len());
    start..start + content.trim_ascii().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str, name: &str) -> Option<Vec<String>> {
        let start = text.find(name)?;
        let fields = Sheets::default().values(text.as_bytes(), start, start + name.len())?;
        Some(fields.iter().map(|field| text[field.start..field.end].to_owned()).collect())
    }

    #[test]
    fn a_column_has_a_cell_in_each_line() {
        let csv = "id,First Name,phone\n1,Ann,\"0113, \"\"x\"\"\"\r\n2,Ben,7\nanother line\n3,Cid,8\n";
        assert_eq!(values(csv, "First Name").unwrap(), ["Ann", "Ben"]);
        assert_eq!(values(csv, "phone").unwrap(), ["0113, \"\"x\"\"", "7"]);
        let table = "+----+------+\n| ID | name |\n+----+------+\n| 1  | Ann  |\n+----+------+\n| 2  | Ben  |\nbye";
        assert_eq!(values(table, "name").unwrap(), ["Ann", "Ben"]);
    }

    #[test]
    fn sentences_and_calls_are_no_headers() {
        assert_eq!(values("missing: phone, city, email\na, b, c\n", "city"), None);
        assert_eq!(values("phone, city, email\na, b, c\n", "city"), None);
        assert_eq!(values("f(phone,city,email)\n1,2,3\n", "city"), None);
        assert_eq!(values("city,phone\n1,2\n", "city"), None);
    }

    #[test]
    fn something_else_may_stand_before_a_header() {
        assert_eq!(values("[10:00] id,city,phone\n1,Leeds,3\n", "city").unwrap(), ["Leeds"]);
        assert_eq!(values("\"id,city,phone\n1,Leeds,3\n\"", "city").unwrap(), ["Leeds"]);
    }
}
