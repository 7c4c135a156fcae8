//! The real binary, in a process of its own: exit codes, what it prints, and what remains when it is killed.

mod audit;
mod backup;
mod check;
mod crash;
mod crash_upload;
mod demo;
mod people;
mod redact;
mod serve;
mod verify;

pub use demo::demo;

use crate::support::TestDatabase;
use allclear::actions::{Desk, Limits};
use allclear::app;
use allclear::clock::Clock;
use allclear::config::Config;
use allclear::store::Address;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// An installation on disk, for processes to work on.
pub struct Installation {
    pub folder: tempfile::TempDir,
    pub data: PathBuf,
    pub key_file: PathBuf,
    pub database: TestDatabase,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub out: Vec<u8>,
    pub text: String,
    pub errors: String,
}

impl Ended {
    /// Ended with this code; when that is no success, with one line that says why.
    #[track_caller]
    pub fn with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.text, self.errors);
        if code != 0 {
            assert_eq!(self.errors.trim_end().lines().count(), 1, "{}", self.errors);
        }
        self
    }

    /// Ended with this code, and said this.
    #[track_caller]
    pub fn refused(self, code: i32, words: &str) -> Self {
        let ended = self.with(code);
        assert!(ended.errors.contains(words), "{}", ended.errors);
        ended
    }
}

/// The binary, without settings of the one who runs the tests.
pub fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_allclear"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ALLCLEAR_")) {
        command.env_remove(name);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs a command to its end with this on standard input.
pub fn run(mut command: Command, input: &[u8]) -> Ended {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // A command that refuses early reads nothing.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Ended {
        code: output.status.code().unwrap_or(-1),
        text: String::from_utf8_lossy(&output.stdout).into_owned(),
        errors: String::from_utf8_lossy(&output.stderr).into_owned(),
        out: output.stdout,
    }
}

impl Installation {
    /// A place in which nothing is yet.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let database = TestDatabase::fresh(&data);
        Self { key_file: folder.path().join("keys/allclear.key"), data, folder, database }
    }

    /// Is its database a file of its own?
    pub fn is_sqlite(&self) -> bool {
        matches!(self.database.address, Address::Sqlite(_))
    }

    /// A command on this installation.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = binary();
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("ALLCLEAR_DATA", &self.data)
            .env("ALLCLEAR_KEY_FILE", &self.key_file)
            .env("ALLCLEAR_LISTEN", "127.0.0.1:0");
        if let Address::Postgres(url) = &self.database.address {
            command.env("ALLCLEAR_DATABASE_URL", url);
        }
        command
    }

    /// Runs a command on this installation.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        run(self.command(arguments), b"")
    }

    /// Runs a command on this installation with this on standard input.
    pub fn run_with(&self, arguments: &[&str], input: &str) -> Ended {
        run(self.command(arguments), input.as_bytes())
    }

    /// The desk of this installation, in this process.
    pub fn desk(&self) -> Desk {
        let config = Config {
            data: self.data.clone(),
            database: self.database.address.clone(),
            listen: "127.0.0.1:0".parse().unwrap(),
            base_url: "http://127.0.0.1:0".into(),
            key_file: self.key_file.clone(),
            smtp_url: None,
            smtp_ca: None,
            mail_from: "allclear@example.org".into(),
            metrics_token: None,
            limits: Limits::default(),
        };
        app::open(&config, None, Clock::default()).unwrap()
    }

    /// Starts serving.
    pub fn serve(&self) -> Server {
        Server::start(self.command(&["serve"]))
    }

    /// Adds a person with this role on every site, with the cast's password; returns a token of theirs.
    pub fn person(&self, email: &str, role: &str) -> String {
        let arguments = ["user", "add", "--email", email, "--name", "Somebody", "--role", role];
        self.run_with(&arguments, crate::support::PASSWORD).with(0);
        self.run(&["token", "add", "--email", email]).with(0).text.trim().to_owned()
    }
}

/// A serving process. Killed when dropped.
pub struct Server {
    pub address: SocketAddr,
    /// What it printed until it was ready, and after.
    pub printed: std::sync::Arc<std::sync::Mutex<String>>,
    child: Child,
}

impl Server {
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let printed = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
        let (tell, told) = std::sync::mpsc::channel();
        let (keep, mut lines) = (printed.clone(), BufReader::new(child.stdout.take().unwrap()));
        std::thread::spawn(move || {
            let mut line = String::new();
            while lines.read_line(&mut line).is_ok_and(|read| read > 0) {
                if let Some(address) = line.strip_prefix("Allclear listens on ").and_then(|rest| rest.split(' ').next())
                {
                    let _ = tell.send(address.parse().unwrap());
                }
                keep.lock().unwrap().push_str(&line);
                line.clear();
            }
        });
        let address = told.recv_timeout(std::time::Duration::from_secs(60)).expect("the server's first line");
        Self { address, printed, child }
    }

    /// Waits until it has printed this.
    pub fn wait_for(&self, words: &str) -> String {
        for _ in 0..600 {
            let printed = self.printed.lock().unwrap().clone();
            if printed.contains(words) {
                return printed;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("it never printed {words:?}: {}", self.printed.lock().unwrap());
    }

    /// The niceness of the thread with this name (proc(5), field 19 of `stat`); none while there is no such thread.
    pub fn niceness(&self, thread: &str) -> Option<i64> {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let stats = threads.filter_map(|entry| std::fs::read_to_string(entry.ok()?.path().join("stat")).ok());
        let fields = |stat: String| {
            let (name, fields) = stat.split_once('(')?.1.rsplit_once(')')?;
            (name == thread).then(|| fields.split_whitespace().nth(16)?.parse().ok())?
        };
        stats.filter_map(fields).next()
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ctrl-C, and the wait for its end.
    pub fn stop(self) {
        self.end_by("-INT");
    }

    /// What a service manager sends first: the server lets connections end.
    pub fn terminate(self) {
        self.end_by("-TERM");
    }

    fn end_by(mut self, signal: &str) {
        let told = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }

    /// The API with this token.
    pub fn api(&self, token: &str) -> crate::support::Api {
        crate::support::Api::new(self.address, token)
    }

    /// A visitor's browser.
    pub fn visitor(&self) -> crate::support::Browserlike {
        crate::support::Browserlike::new(self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads all of a pipe on a thread of its own.
pub fn drain(mut pipe: impl Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        bytes
    })
}
