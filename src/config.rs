//! The settings, read once: from `allclear.toml` beside the process and from the environment, which wins.

use crate::actions::Limits;
use crate::domain::lease;
use crate::store::Address;
use figment::Figment;
use figment::providers::{Format, Serialized, Toml};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Prefix of the settings in the environment.
const PREFIX: &str = "ALLCLEAR_";
/// Names in the environment that belong to the test suite.
const TEST_PREFIX: &str = "ALLCLEAR_TEST_";
/// Read when it is there.
const FILE: &str = "allclear.toml";

/// Where we listen when nothing else is said.
const DEFAULT_LISTEN: &str = "127.0.0.1:8080";

/// The settings as written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    data: Option<PathBuf>,
    database_url: Option<String>,
    listen: Option<String>,
    base_url: Option<String>,
    smtp_url: Option<String>,
    smtp_ca: Option<PathBuf>,
    mail_from: Option<String>,
    key_file: Option<PathBuf>,
    metrics_token: Option<String>,
    #[serde(deserialize_with = "number")]
    upload_bytes: Option<u64>,
    #[serde(deserialize_with = "number")]
    mail_in_bytes: Option<u64>,
    #[serde(deserialize_with = "number")]
    original_days: Option<i64>,
    #[serde(deserialize_with = "number")]
    lease_seconds: Option<i64>,
    #[serde(deserialize_with = "number")]
    gate_staleness_ms: Option<i64>,
    #[serde(deserialize_with = "number")]
    token_days: Option<i64>,
    #[serde(deserialize_with = "number")]
    session_hours: Option<i64>,
    #[serde(deserialize_with = "number")]
    idle_hours: Option<i64>,
    #[serde(deserialize_with = "number")]
    failure_limit: Option<i32>,
    #[serde(deserialize_with = "number")]
    failure_minutes: Option<i32>,
    #[serde(deserialize_with = "number")]
    review_days: Option<i64>,
    #[serde(deserialize_with = "number")]
    relax_runs: Option<i64>,
    #[serde(deserialize_with = "number")]
    soak_read_only_hours: Option<i64>,
    #[serde(deserialize_with = "number")]
    soak_narrow_hours: Option<i64>,
    #[serde(deserialize_with = "number")]
    phase_runs: Option<i64>,
    #[serde(deserialize_with = "number")]
    override_hours: Option<i64>,
    #[serde(deserialize_with = "number")]
    training_days: Option<i64>,
    #[serde(deserialize_with = "number")]
    integrity_minutes: Option<i64>,
    #[serde(deserialize_with = "number")]
    asset_bytes: Option<u64>,
    #[serde(deserialize_with = "number")]
    asset_pixels: Option<u64>,
    #[serde(deserialize_with = "number")]
    asset_rejected_days: Option<i64>,
    #[serde(deserialize_with = "number")]
    asset_reuse_days: Option<i64>,
    #[serde(deserialize_with = "number")]
    reason_hours: Option<i64>,
    #[serde(deserialize_with = "number")]
    drill_days: Option<i64>,
    #[serde(deserialize_with = "number")]
    bench_bytes: Option<usize>,
    #[serde(deserialize_with = "number")]
    rule_cost: Option<i64>,
    #[serde(deserialize_with = "number")]
    preview_files: Option<i64>,
    log: Option<String>,
    token: Option<String>,
    #[serde(deserialize_with = "number")]
    lease_skew_seconds: Option<i64>,
    /// What `allclear gate run` sets for the command that it guards; no settings of ours.
    lease: Option<String>,
    scope: Option<String>,
}

impl Written {
    /// Merges the file, if it is there, and the environment, which wins. An empty variable is a variable not set.
    fn read(
        file: Option<&Path>,
        environment: impl Iterator<Item = (std::ffi::OsString, std::ffi::OsString)>,
    ) -> Result<Self, String> {
        let mut set = BTreeMap::new();
        for (name, value) in environment {
            let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX) && !name.starts_with(TEST_PREFIX))
            else {
                continue;
            };
            let value = value.into_string().map_err(|_| format!("{name} is malformed: it is not UTF-8 text"))?;
            if !value.is_empty() {
                set.insert(name[PREFIX.len()..].to_lowercase(), value);
            }
        }
        // Values of the environment stay text: a token that looks like a number keeps its leading zeros.
        let figment = match file.filter(|file| file.exists()) {
            Some(file) => Figment::from(Toml::file_exact(file)),
            None => Figment::new(),
        };
        figment.merge(Serialized::globals(set)).extract().map_err(|error| explain(&error))
    }
}

/// A number, written as one or as text.
fn number<'de, T, D>(value: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de> + std::str::FromStr,
    D: Deserializer<'de>,
{
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a whole number")]
    enum Either<T> {
        Number(T),
        Text(String),
    }
    match Either::deserialize(value)? {
        Either::Number(number) => Ok(Some(number)),
        Either::Text(text) => match text.trim().parse() {
            Ok(number) => Ok(Some(number)),
            // The text itself is not repeated: it may be a secret that went to the wrong setting.
            Err(_) => Err(serde::de::Error::invalid_type(serde::de::Unexpected::Other("text"), &"a whole number")),
        },
    }
}

/// The settings of one process. Does not print: addresses may hold passwords.
#[derive(Clone)]
pub struct Config {
    /// The data folder.
    pub data: PathBuf,
    /// The database.
    pub database: Address,
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Address under which people reach it.
    pub base_url: String,
    /// The key that wraps all others.
    pub key_file: PathBuf,
    /// Address of the mail server, possibly with a password in it; none: mail is written as files.
    pub smtp_url: Option<String>,
    /// PEM file of an authority that the mail server's certificate may be signed by, besides those of the system.
    pub smtp_ca: Option<PathBuf>,
    /// Address that mail comes from.
    pub mail_from: String,
    /// Token that `/metrics` asks for.
    pub metrics_token: Option<String>,
    /// Limits.
    pub limits: Limits,
}

impl Config {
    /// Reads the settings. The error names the setting and what is wrong with it.
    pub fn read() -> Result<Self, String> {
        Self::from_written(Written::read(Some(Path::new(FILE)), std::env::vars_os())?)
    }

    /// The settings of a demo: of what is written only the address to listen on counts, everything else lies in
    /// `folder`. An address that others could reach is refused.
    pub fn for_demo(folder: &Path) -> Result<Self, String> {
        let listen = Written::read(None, std::env::vars_os())?.listen;
        let config = Self::from_written(Written { data: Some(folder.to_owned()), listen, ..Written::default() })?;
        if config.listen.ip().is_loopback() {
            Ok(config)
        } else {
            Err("ALLCLEAR_LISTEN must be an address of this machine (127.0.0.1 or ::1): the demo shows its passwords"
                .to_owned())
        }
    }

    /// What is logged, as it is set by the file or the environment.
    pub fn log() -> Result<String, String> {
        checked_log(Written::read(Some(Path::new(FILE)), std::env::vars_os())?.log)
    }

    /// The same for a demo, which reads no file.
    pub fn log_of_demo() -> Result<String, String> {
        checked_log(Written::read(None, std::env::vars_os())?.log)
    }

    /// Did somebody choose this address, or is it the default?
    pub fn listens_by_default(&self) -> bool {
        self.listen.to_string() == DEFAULT_LISTEN
    }

    fn from_written(written: Written) -> Result<Self, String> {
        let limits = limits(&written)?;
        let data = written.data.unwrap_or_else(|| PathBuf::from("data"));
        let database = match &written.database_url {
            None => Address::Sqlite(data.join("allclear.db")),
            Some(url) => Address::parse(url).map_err(|why| format!("ALLCLEAR_DATABASE_URL {why}"))?,
        };
        let listen = written.listen.unwrap_or_else(|| DEFAULT_LISTEN.to_owned());
        let listen: SocketAddr = listen
            .parse()
            .map_err(|_| "ALLCLEAR_LISTEN is not an address with a port, for example 127.0.0.1:8080".to_owned())?;
        let base_url = written.base_url.unwrap_or_else(|| format!("http://{listen}"));
        let base_url = base_url.trim_end_matches('/').to_owned();
        check_base_url(&base_url, listen)?;
        checked_log(written.log)?;
        // For other readers: the client, the guarded command.
        let _ = (written.token, written.lease_skew_seconds, written.lease, written.scope);
        Ok(Self {
            key_file: written.key_file.unwrap_or_else(default_key_file),
            data,
            database,
            listen,
            base_url,
            smtp_url: written.smtp_url,
            smtp_ca: written.smtp_ca,
            mail_from: written.mail_from.unwrap_or_else(|| "allclear@localhost.localdomain".to_owned()),
            metrics_token: written.metrics_token,
            limits,
        })
    }
}

/// A level, or levels for parts of the program (`info,allclear::web=debug`). A single word that is no level would be taken
/// for a part of that name, and nothing would be logged at all.
fn checked_log(log: Option<String>) -> Result<String, String> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let Some(log) = log else { return Ok("info".to_owned()) };
    let is_level = |part: &str| LEVELS.contains(&part.trim().to_lowercase().as_str());
    let fits = |part: &str| part.rsplit_once('=').map_or_else(|| is_level(part), |(_, level)| is_level(level));
    if log.split(',').all(fits) && tracing_subscriber::EnvFilter::try_new(&log).is_ok() {
        return Ok(log);
    }
    Err("ALLCLEAR_LOG is malformed: use off, error, warn, info, debug or trace, or levels for parts of the program (info,allclear::web=debug)".to_owned())
}

fn limits(written: &Written) -> Result<Limits, String> {
    let defaults = Limits::default();
    Ok(Limits {
        upload_bytes: within("UPLOAD_BYTES", written.upload_bytes, 1024, 1 << 40, defaults.upload_bytes)?,
        mail_in_bytes: within("MAIL_IN_BYTES", written.mail_in_bytes, 1024, 1 << 30, defaults.mail_in_bytes)?,
        original_days: within("ORIGINAL_DAYS", written.original_days, 1, 3650, defaults.original_days)?,
        lease_seconds: within("LEASE_SECONDS", written.lease_seconds, 5, 3600, defaults.lease_seconds)?,
        gate_staleness_ms: within(
            "GATE_STALENESS_MS",
            written.gate_staleness_ms,
            500,
            60_000,
            defaults.gate_staleness_ms,
        )?,
        token_days: within("TOKEN_DAYS", written.token_days, 1, 3650, defaults.token_days)?,
        session_hours: within("SESSION_HOURS", written.session_hours, 1, 720, defaults.session_hours)?,
        idle_hours: within("IDLE_HOURS", written.idle_hours, 0, 720, defaults.idle_hours)?,
        failure_limit: within("FAILURE_LIMIT", written.failure_limit, 1, 1000, defaults.failure_limit)?,
        failure_minutes: within("FAILURE_MINUTES", written.failure_minutes, 1, 10_080, defaults.failure_minutes)?,
        review_days: within("REVIEW_DAYS", written.review_days, 1, 365, defaults.review_days)?,
        relax_runs: within("RELAX_RUNS", written.relax_runs, 1, 1000, defaults.relax_runs)?,
        soak_read_only_hours: within(
            "SOAK_READ_ONLY_HOURS",
            written.soak_read_only_hours,
            0,
            8760,
            defaults.soak_read_only_hours,
        )?,
        soak_narrow_hours: within("SOAK_NARROW_HOURS", written.soak_narrow_hours, 0, 8760, defaults.soak_narrow_hours)?,
        phase_runs: within("PHASE_RUNS", written.phase_runs, 1, 1000, defaults.phase_runs)?,
        override_hours: within("OVERRIDE_HOURS", written.override_hours, 1, 72, defaults.override_hours)?,
        training_days: within("TRAINING_DAYS", written.training_days, 1, 365, defaults.training_days)?,
        integrity_minutes: within("INTEGRITY_MINUTES", written.integrity_minutes, 1, 1440, defaults.integrity_minutes)?,
        asset_bytes: within("ASSET_BYTES", written.asset_bytes, 1024, 256 << 20, defaults.asset_bytes)?,
        asset_pixels: within("ASSET_PIXELS", written.asset_pixels, 1024, 500_000_000, defaults.asset_pixels)?,
        asset_rejected_days: within(
            "ASSET_REJECTED_DAYS",
            written.asset_rejected_days,
            0,
            365,
            defaults.asset_rejected_days,
        )?,
        asset_reuse_days: within("ASSET_REUSE_DAYS", written.asset_reuse_days, 1, 365, defaults.asset_reuse_days)?,
        reason_hours: within("REASON_HOURS", written.reason_hours, 1, 720, defaults.reason_hours)?,
        drill_days: within("DRILL_DAYS", written.drill_days, 1, 3650, defaults.drill_days)?,
        bench_bytes: within("BENCH_BYTES", written.bench_bytes, 1024, 1 << 20, defaults.bench_bytes)?,
        rule_cost: within("RULE_COST", written.rule_cost, 2, 10_000, defaults.rule_cost)?,
        preview_files: within("PREVIEW_FILES", written.preview_files, 1, 100_000, defaults.preview_files)?,
    })
}

/// The settings of a command that talks to a server. Does not print: it holds a token.
pub struct ClientSettings {
    /// Where the server is, without a slash at the end.
    pub base_url: String,
    /// Is that this machine? Then no proxy is asked.
    pub is_local: bool,
    /// The API token.
    pub token: String,
    /// Seconds by which the clocks may differ when a lease is checked.
    pub lease_skew_seconds: i64,
}

impl ClientSettings {
    /// Reads `ALLCLEAR_BASE_URL`, `ALLCLEAR_TOKEN` and `ALLCLEAR_LEASE_SKEW_SECONDS`.
    pub fn read() -> Result<Self, String> {
        Self::from_written(Written::read(Some(Path::new(FILE)), std::env::vars_os())?)
    }

    fn from_written(written: Written) -> Result<Self, String> {
        let token = written.token.filter(|token| !token.trim().is_empty());
        let token = token.ok_or("ALLCLEAR_TOKEN is not set: make one with allclear token add --automation SLUG")?;
        // As a header it would be another one.
        if !token.trim().bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("ALLCLEAR_TOKEN is malformed: it holds what no token holds".to_owned());
        }
        let listen = written.listen.unwrap_or_else(|| DEFAULT_LISTEN.to_owned());
        let base_url = written.base_url.unwrap_or_else(|| format!("http://{listen}"));
        let base_url = base_url.trim_end_matches('/').to_owned();
        // A token is sent: in the clear to this machine only.
        let is_local = match reach(&base_url)? {
            Reach::Local => true,
            Reach::Encrypted => false,
            Reach::Open => return Err("ALLCLEAR_BASE_URL must be https, or http on this machine".to_owned()),
        };
        let (least, most) = (0, lease::SKEW_SECONDS_MAX);
        let skew = within("LEASE_SKEW_SECONDS", written.lease_skew_seconds, least, most, lease::SKEW_SECONDS)?;
        Ok(Self { base_url, is_local, token: token.trim().to_owned(), lease_skew_seconds: skew })
    }
}

/// Who could read what is sent to an address.
enum Reach {
    /// Plain http that stays on this machine.
    Local,
    /// https.
    Encrypted,
    /// Plain http over a network.
    Open,
}

fn within<T: PartialOrd + std::fmt::Display + Copy>(
    name: &str,
    written: Option<T>,
    least: T,
    most: T,
    default: T,
) -> Result<T, String> {
    match written {
        None => Ok(default),
        Some(value) if value >= least && value <= most => Ok(value),
        Some(value) => Err(format!("{PREFIX}{name} is {value}; use a number from {least} to {most}")),
    }
}

/// Plain http is for this machine only.
fn check_base_url(base_url: &str, listen: SocketAddr) -> Result<(), String> {
    match reach(base_url)? {
        Reach::Encrypted => Ok(()),
        Reach::Local if listen.ip().is_loopback() => Ok(()),
        Reach::Local | Reach::Open => Err("ALLCLEAR_BASE_URL must be https unless ALLCLEAR_LISTEN and it are on this machine (127.0.0.1, ::1, localhost): put a TLS proxy in front and set its address".to_owned()),
    }
}

fn reach(base_url: &str) -> Result<Reach, String> {
    let url = url::Url::parse(base_url).map_err(|_| "ALLCLEAR_BASE_URL is not an address".to_owned())?;
    let host_is_local = match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    match url.scheme() {
        "https" => Ok(Reach::Encrypted),
        "http" if host_is_local => Ok(Reach::Local),
        "http" => Ok(Reach::Open),
        _ => Err("ALLCLEAR_BASE_URL must begin with https:// or http://".to_owned()),
    }
}

fn default_key_file() -> PathBuf {
    let home = std::env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config")))
        .unwrap_or_else(|| PathBuf::from("/etc"));
    home.join("allclear").join("allclear.key")
}

/// Figment's words, with the setting's name as people wrote it.
fn explain(error: &figment::Error) -> String {
    let first = error.clone().into_iter().next();
    let Some(first) = first else { return "the settings cannot be read".to_owned() };
    let path = first.path.join(".");
    let name = match &first.kind {
        figment::error::Kind::UnknownField(field, _) => field.clone(),
        _ => path,
    };
    let kind = match &first.kind {
        figment::error::Kind::UnknownField(..) => "is not a setting of Allclear".to_owned(),
        // The value itself may be a secret; only its expected form is named.
        figment::error::Kind::InvalidType(_, expected) | figment::error::Kind::InvalidValue(_, expected) => {
            format!("is malformed: expected {expected}")
        }
        figment::error::Kind::Message(why) if why == "a whole number" => {
            "is malformed: expected a whole number".to_owned()
        }
        _ if name.is_empty() => return format!("{FILE} cannot be read: it is not valid TOML"),
        _ => "cannot be read".to_owned(),
    };
    format!("{PREFIX}{} {kind}", name.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(change: impl FnOnce(&mut Written)) -> Result<Config, String> {
        let mut written = Written::default();
        change(&mut written);
        Config::from_written(written)
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        assert!(with(|_| ()).is_ok());
        assert!(with(|w| w.listen = Some("0.0.0.0:80".into())).is_err());
        assert!(with(|w| w.base_url = Some("http://allclear.example.org".into())).is_err());
        let behind_a_proxy = with(|w| {
            w.listen = Some("0.0.0.0:8080".into());
            w.base_url = Some("https://allclear.example.org/".into());
        });
        assert_eq!(behind_a_proxy.unwrap().base_url, "https://allclear.example.org");
    }

    #[test]
    fn what_is_malformed_is_named() {
        assert!(with(|w| w.lease_seconds = Some(0)).err().unwrap().contains("ALLCLEAR_LEASE_SECONDS"));
        assert!(with(|w| w.database_url = Some("mysql://x".into())).err().unwrap().contains("ALLCLEAR_DATABASE_URL"));
    }

    fn read(environment: &[(&str, &str)]) -> Result<Written, String> {
        Written::read(None, environment.iter().map(|(name, value)| ((*name).into(), (*value).into())))
    }

    #[test]
    fn an_unknown_setting_is_named_and_other_programs_are_let_be() {
        assert!(read(&[("ALLCLEAR_NONSENSE", "1")]).unwrap_err().contains("ALLCLEAR_NONSENSE"));
        let harmless =
            [("ALLCLEAR_TEST_DATABASE_URL", "x"), ("ALLCLEAR_LOG", "debug"), ("HOME", "/"), ("ALLCLEAR_SMTP_URL", "")];
        assert_eq!(read(&harmless).unwrap().smtp_url, None);
    }

    #[test]
    fn what_is_logged_is_a_level_or_levels_of_parts() {
        for good in ["debug", "WARN", "info,allclear::web=debug", "off"] {
            assert_eq!(checked_log(Some(good.into())).as_deref(), Ok(good));
        }
        for bad in ["loud", "inof", "info,loud", "allclear=loud", "a=b=c", ","] {
            assert!(checked_log(Some(bad.into())).unwrap_err().contains("ALLCLEAR_LOG"), "{bad}");
        }
        assert!(with(|w| w.log = Some("loud".into())).err().unwrap().contains("ALLCLEAR_LOG"));
    }

    #[test]
    fn values_of_the_environment_are_read_as_what_the_setting_wants() {
        let written =
            read(&[("ALLCLEAR_METRICS_TOKEN", "0042"), ("ALLCLEAR_TOKEN_DAYS", "90"), ("ALLCLEAR_DATA", "7")]).unwrap();
        assert_eq!((written.metrics_token.as_deref(), written.token_days), (Some("0042"), Some(90)));
        let refused = read(&[("ALLCLEAR_UPLOAD_BYTES", "sk-live-hush")]).unwrap_err();
        assert!(refused.contains("ALLCLEAR_UPLOAD_BYTES is malformed") && !refused.contains("hush"), "{refused}");
    }

    #[test]
    fn the_file_is_read_and_the_environment_wins() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join(FILE);
        std::fs::write(&file, "token_days = 5\nsession_hours = 2\n").unwrap();
        let environment = [("ALLCLEAR_TOKEN_DAYS".into(), "6".into())];
        let written = Written::read(Some(&file), environment.into_iter()).unwrap();
        assert_eq!((written.token_days, written.session_hours), (Some(6), Some(2)));
        for (text, named) in
            [("nonsense = 1", "ALLCLEAR_NONSENSE"), ("token_days = \"x\"", "ALLCLEAR_TOKEN_DAYS"), ("= =", FILE)]
        {
            std::fs::write(&file, text).unwrap();
            let refused = Written::read(Some(&file), std::iter::empty()).unwrap_err();
            assert!(refused.contains(named), "{refused}");
        }
    }
}
