//! One schema: what the migrations make on SQLite and on PostgreSQL, and what `src/store/schema.rs` says, are the same.

use crate::support::TestDatabase;
use allclear::store::{self, Address};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{Bool, Text};
use diesel::{RunQueryDsl, sql_query};
use std::collections::BTreeSet;

/// Table, column, type as diesel calls it, and whether it may be NULL.
type Column = (String, String, String, bool);

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    data_type: String,
    #[diesel(sql_type = Bool)]
    is_nullable: bool,
}

/// Without FTS5's own tables: they are the index of `search_documents`, as an index of PostgreSQL is there.
const OF_SQLITE: &str = "SELECT m.name AS table_name, c.name AS column_name, c.type AS data_type, \
     c.\"notnull\" = 0 AS is_nullable FROM sqlite_master m JOIN pragma_table_info(m.name) c \
     WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT GLOB 'search_index*' AND m.name <> 'search_terms'";
const OF_POSTGRES: &str = "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES' AS is_nullable \
     FROM information_schema.columns WHERE table_schema = 'public'";

fn made_on(address: &Address) -> BTreeSet<Column> {
    store::bring_up_to_date(address).unwrap();
    let rows: Vec<Row> = match address.open().unwrap() {
        store::Connection::Sqlite(mut c) => sql_query(OF_SQLITE).load(&mut c).unwrap(),
        store::Connection::Postgres(mut c) => sql_query(OF_POSTGRES).load(&mut c).unwrap(),
    };
    rows.into_iter()
        .filter(|row| row.table_name != "__diesel_schema_migrations")
        .map(|row| (row.table_name, row.column_name, in_diesel(&row.data_type), row.is_nullable))
        .collect()
}

/// The type's name in `schema.rs`.
fn in_diesel(sql: &str) -> String {
    match sql.to_ascii_lowercase().as_str() {
        "text" => "Text",
        "timestamp" | "timestamp without time zone" => "Timestamp",
        "integer" => "Integer",
        "bigint" => "BigInt",
        "boolean" => "Bool",
        other => panic!("a type that the two databases do not share: {other}"),
    }
    .to_owned()
}

/// What `schema.rs` and its parts say, read as text: the macro leaves nothing to ask.
fn written_down() -> BTreeSet<Column> {
    let read =
        |file: &str| std::fs::read_to_string(format!("{}/src/store/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let text = [
        "schema.rs",
        "schema/story.rs",
        "schema/gate.rs",
        "schema/practice.rs",
        "schema/rules.rs",
        "schema/asset.rs",
        "schema/operators.rs",
    ]
    .map(read)
    .concat();
    let mut table = String::new();
    let mut found = BTreeSet::new();
    for line in text.lines().map(str::trim) {
        if let Some((column, kind)) = line.strip_suffix(',').and_then(|line| line.split_once(" -> ")) {
            let inner = kind.strip_prefix("Nullable<").and_then(|kind| kind.strip_suffix('>'));
            found.insert((table.clone(), column.to_owned(), inner.unwrap_or(kind).to_owned(), inner.is_some()));
        } else if let Some(name) = line.strip_suffix('{').map(str::trim).filter(|line| line.ends_with(')')) {
            table = name.split_whitespace().next().unwrap_or_default().to_owned();
        }
    }
    assert!(found.len() > 100, "{} columns only: schema.rs was not read", found.len());
    found
}

#[track_caller]
fn assert_same(left: &BTreeSet<Column>, right: &BTreeSet<Column>) {
    let only_left: Vec<_> = left.difference(right).collect();
    let only_right: Vec<_> = right.difference(left).collect();
    assert!(only_left.is_empty() && only_right.is_empty(), "only here: {only_left:?}\nonly there: {only_right:?}");
}

#[test]
fn what_is_made_is_what_is_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::fresh(folder.path());
    assert_same(&made_on(&database.address), &written_down());
}

#[test]
#[ignore = "needs PostgreSQL: run ./tests/run"]
fn both_databases_get_the_same_schema() {
    let folder = tempfile::tempdir().unwrap();
    let server = std::env::var("ALLCLEAR_TEST_POSTGRES").expect("./tests/run names a server");
    let postgres = TestDatabase::on_postgres(&server);
    let sqlite = Address::Sqlite(folder.path().join("allclear.db"));
    assert_same(&made_on(&sqlite), &made_on(&postgres.address));
}

#[test]
fn the_way_back_leads_to_an_empty_database() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::fresh(folder.path());
    store::bring_up_to_date(&database.address).unwrap();
    for file in downs(&database.address) {
        database.execute(&std::fs::read_to_string(file).unwrap());
    }
    database.execute("DELETE FROM __diesel_schema_migrations");
    assert_same(&made_on(&database.address), &written_down());
}

/// The way back of every migration of this database, newest first.
fn downs(address: &Address) -> Vec<std::path::PathBuf> {
    let own = match address {
        Address::Sqlite(_) => "sqlite",
        Address::Postgres(_) => "postgres",
    };
    let root = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"));
    let mut found: Vec<_> = ["shared", own]
        .iter()
        .flat_map(|folder| std::fs::read_dir(root.join(folder)).unwrap())
        .map(|entry| entry.unwrap().path().join("down.sql"))
        .collect();
    found.sort_by_key(|path| path.parent().and_then(|folder| folder.file_name()).map(ToOwned::to_owned));
    found.reverse();
    found
}

/// What the two databases say differently is said for both: the same versions in both folders.
#[test]
fn each_database_gets_the_same_versions() {
    let versions = |folder: &str| -> Vec<std::ffi::OsString> {
        let root = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).join(folder);
        let mut names: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(versions("sqlite"), versions("postgres"));
    assert!(versions("sqlite").iter().all(|own| !versions("shared").contains(own)));
}
