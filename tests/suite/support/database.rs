//! A database for one test: an SQLite file, or a fresh database on the PostgreSQL server that the environment names.

use allclear::store::Address;
use std::path::Path;

/// Names the PostgreSQL server, for example `postgres://user@127.0.0.1:5433/postgres`.
const SERVER: &str = "ALLCLEAR_TEST_DATABASE_URL";

pub struct TestDatabase {
    pub address: Address,
    drop_on: Option<(String, String)>,
}

impl TestDatabase {
    pub fn fresh(data: &Path) -> Self {
        let Ok(server) = std::env::var(SERVER) else {
            return Self { address: Address::Sqlite(data.join("allclear.db")), drop_on: None };
        };
        let name = format!("allclear_test_{}", uuid::Uuid::new_v4().simple());
        run(&server, &format!("CREATE DATABASE {name}"));
        let mut url = url::Url::parse(&server).unwrap();
        url.set_path(&name);
        Self { address: Address::Postgres(url.to_string()), drop_on: Some((server, name)) }
    }

    /// Runs a statement beside the app.
    pub fn run(&self, statement: &str) {
        use diesel::Connection as _;
        use diesel::connection::SimpleConnection;
        match &self.address {
            Address::Sqlite(path) => {
                let mut connection = diesel::SqliteConnection::establish(&path.to_string_lossy()).unwrap();
                connection.batch_execute("PRAGMA busy_timeout = 10000").unwrap();
                connection.batch_execute(statement).unwrap();
            }
            Address::Postgres(url) => run(url, statement),
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.drop_on {
            run(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

fn run(server: &str, sql: &str) {
    use diesel::Connection as _;
    use diesel::connection::SimpleConnection;
    let mut connection = diesel::PgConnection::establish(server).expect("the test server for PostgreSQL");
    connection.batch_execute(sql).expect(sql);
}
