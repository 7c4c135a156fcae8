//! `allclear check`: is everything there that serving needs? Changes nothing.

use super::{Stop, installation};
use crate::actions::key_file_fits;
use crate::app;
use crate::config::Config;
use crate::store::{self, Error};
use crate::vault::{KeyFile, Vault};
use std::path::Path;

/// What was looked at: its name, and how it is or what is wrong.
type Look = (&'static str, Result<String, String>);

pub(super) fn run() -> Result<(), Stop> {
    let config = installation::settings()?;
    let looks: [Look; 5] = [
        ("settings", Ok(format!("good; listens on {}, reached at {}", config.listen, config.base_url))),
        ("storage", storage(&config.data)),
        ("database", database(&config)),
        ("key file", key_file(&config)),
        ("mail", mail(&config)),
    ];
    let mut failing = Vec::new();
    for (name, look) in &looks {
        match look {
            Ok(how) => println!("{name}: {how}"),
            Err(why) => {
                println!("{name}: FAILS, {why}");
                failing.push(format!("{name} ({why})"));
            }
        }
    }
    if failing.is_empty() { Ok(()) } else { Err(Stop::Cannot(format!("not in order: {}", failing.join("; ")))) }
}

/// Can the data folder be written to?
fn storage(data: &Path) -> Result<String, String> {
    if !data.exists() {
        let parent = data.ancestors().skip(1).find(|folder| folder.exists()).unwrap_or(Path::new("."));
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        return probe(parent).map(|()| format!("{} is not there yet; serving makes it", data.display()));
    }
    probe(data).map(|()| format!("{} can be written to", data.display()))
}

fn probe(folder: &Path) -> Result<(), String> {
    tempfile::tempfile_in(folder).map(drop).map_err(|e| format!("{} cannot be written to: {e}", folder.display()))
}

fn database(config: &Config) -> Result<String, String> {
    match store::look(&config.database, |_| Ok::<_, Error>(())) {
        Ok(()) => Ok(format!("{:?} answers, its schema is up to date", config.database)),
        Err(Error::Absent(place)) => Ok(format!("{place} is not there yet; serving makes it")),
        Err(Error::Outdated) if is_empty(config) => {
            Ok(format!("{:?} answers and is empty; serving fills it", config.database))
        }
        Err(error) => Err(error.to_string()),
    }
}

/// Does the mail server let us in? Nothing is sent.
fn mail(config: &Config) -> Result<String, String> {
    let mailer = app::mailer(config)?;
    if !mailer.has_server() {
        return Ok("no server is set (ALLCLEAR_SMTP_URL); mail is written to outbox/ in the data folder".to_owned());
    }
    mailer.check().map_err(|why| format!("ALLCLEAR_SMTP_URL: {why}"))?;
    Ok(format!("the server lets us in; mail comes from {}", mailer.from()))
}

/// Is there no table of ours yet?
fn is_empty(config: &Config) -> bool {
    store::is_empty(&config.database).unwrap_or(false)
}

/// Is the key there, private, and the one that the database was made with?
fn key_file(config: &Config) -> Result<String, String> {
    let path = config.key_file.display();
    if !config.key_file.exists() {
        return match store::look(&config.database, store::keys::list) {
            Ok(keys) if !keys.is_empty() => {
                Err(format!("{path} is not there, and nothing in the database opens without it"))
            }
            _ => Ok(format!("{path} is not there yet; the first start makes it")),
        };
    }
    let keys = KeyFile::load_or_create(&config.key_file, &config.data).map_err(|e| e.to_string())?;
    let scratch = tempfile::tempdir().map_err(|e| e.to_string())?;
    let vault = Vault::open(scratch.path(), keys).map_err(|e| e.to_string())?;
    match store::look(&config.database, |connection| key_file_fits(connection, &vault)) {
        Ok(false) => {
            Err(format!("{path} does not belong to this database: set ALLCLEAR_KEY_FILE to the one it was made with"))
        }
        _ => Ok(format!("{path} is private and readable")),
    }
}
