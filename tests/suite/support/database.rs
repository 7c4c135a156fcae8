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
        Self::on_postgres(&server)
    }

    /// A fresh database on this server.
    pub fn on_postgres(server: &str) -> Self {
        let name = format!("allclear_test_{}", uuid::Uuid::new_v4().simple());
        run(server, &format!("CREATE DATABASE {name}"));
        let mut url = url::Url::parse(server).unwrap();
        url.set_path(&name);
        Self { address: Address::Postgres(url.to_string()), drop_on: Some((server.to_owned(), name)) }
    }
}

impl TestDatabase {
    /// Changes rows behind the program's back.
    pub fn execute(&self, sql: &str) {
        let mut connection = self.address.open().unwrap();
        diesel::connection::SimpleConnection::batch_execute(&mut connection, sql).expect(sql);
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
