//! How letters leave.

use super::Letter;
use lettre::transport::smtp::SmtpTransport;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Address, Transport};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);
const NO_SERVER: &str = "ALLCLEAR_SMTP_URL is not an address of a mail server";

/// What is said in place of a server's words where no server is set.
pub const WRITTEN_TO_OUTBOX: &str = "written to the outbox, no mail server is set";

/// A letter did not leave.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The letter cannot be made; trying again does not help.
    #[error("{0}")]
    Unfit(String),
    /// The server, or the way to it, refused; the words are the server's.
    #[error("{0}")]
    Refused(String),
}

/// Sends letters. Does not print: its address may hold a password.
pub struct Mailer {
    from: Address,
    way: Way,
}

enum Way {
    Smtp(Box<SmtpTransport>),
    Outbox(PathBuf),
}

impl Mailer {
    /// Over SMTP. `url`: `smtp://`, `smtps://` or `smtp+starttls://user:password@host:port`. `ca`: a PEM file with the
    /// certificate of an authority that is trusted besides those of the system.
    pub fn smtp(url: &str, ca: Option<&Path>, from: &str) -> Result<Self, String> {
        let from = sender(from)?;
        // Lettre writes STARTTLS as a parameter of smtp://.
        let url = match url.strip_prefix("smtp+starttls://") {
            Some(rest) => format!("smtp://{rest}?tls=required"),
            None if url.starts_with("smtp://") || url.starts_with("smtps://") => url.to_owned(),
            None => return Err("ALLCLEAR_SMTP_URL must begin with smtp://, smtps:// or smtp+starttls://".into()),
        };
        let mut builder = SmtpTransport::from_url(&url).map_err(|_| NO_SERVER.to_owned())?;
        if let Some(ca) = ca {
            builder = builder.tls(trusting(&url, ca)?);
        }
        let transport = builder.timeout(Some(PATIENCE)).build();
        Ok(Self { from, way: Way::Smtp(Box::new(transport)) })
    }

    /// As `.eml` files in a folder, each named by its message id.
    pub fn outbox(folder: PathBuf, from: &str) -> Result<Self, String> {
        Ok(Self { from: sender(from)?, way: Way::Outbox(folder) })
    }

    /// The sender's address.
    pub fn from(&self) -> String {
        self.from.to_string()
    }

    /// Sends a letter; the answer is the server's word. Blocks until the server has taken it or refused.
    pub fn send(&self, letter: &Letter) -> Result<String, MailError> {
        let message = letter.message(&self.from)?;
        match &self.way {
            Way::Smtp(transport) => {
                let response = transport.send(&message).map_err(|e| MailError::Refused(server_words(&e)))?;
                let words: Vec<&str> = response.message().collect();
                Ok(format!("{} {}", response.code(), words.join(" ")))
            }
            Way::Outbox(folder) => {
                write_file(folder, &letter.message_id, &message.formatted())
                    .map_err(|e| MailError::Refused(format!("the outbox cannot be written: {e}")))?;
                Ok(WRITTEN_TO_OUTBOX.to_owned())
            }
        }
    }

    /// Is there a server, or are letters written as files?
    pub fn has_server(&self) -> bool {
        matches!(self.way, Way::Smtp(_))
    }

    /// Connects, greets, sets up TLS and signs in as for a letter, and takes leave without sending one.
    pub fn check(&self) -> Result<(), MailError> {
        match &self.way {
            Way::Smtp(transport) => match transport.test_connection() {
                Ok(true) => Ok(()),
                Ok(false) => Err(MailError::Refused("the mail server closed the connection".into())),
                Err(e) => Err(MailError::Refused(server_words(&e))),
            },
            Way::Outbox(folder) => {
                std::fs::create_dir_all(folder).map_err(|e| MailError::Refused(format!("the outbox: {e}")))
            }
        }
    }
}

fn sender(from: &str) -> Result<Address, String> {
    from.parse().map_err(|_| "ALLCLEAR_MAIL_FROM is not a mail address".to_owned())
}

/// TLS that trusts one more authority.
fn trusting(url: &str, ca: &Path) -> Result<Tls, String> {
    let unreadable = |why: String| format!("ALLCLEAR_SMTP_CA ({}) cannot be used: {why}", ca.display());
    let pem = std::fs::read(ca).map_err(|e| unreadable(e.to_string()))?;
    let certificate = Certificate::from_pem(&pem).map_err(|_| unreadable("it holds no PEM certificate".into()))?;
    let url = url::Url::parse(url).map_err(|_| NO_SERVER.to_owned())?;
    let host = url.host_str().ok_or_else(|| NO_SERVER.to_owned())?;
    let parameters = TlsParameters::builder(host.to_owned())
        .add_root_certificate(certificate)
        .build()
        .map_err(|e| unreadable(e.to_string()))?;
    match (url.scheme(), url.query_pairs().any(|(name, _)| name == "tls")) {
        ("smtps", _) => Ok(Tls::Wrapper(parameters)),
        (_, true) => Ok(Tls::Required(parameters)),
        _ => Err("ALLCLEAR_SMTP_CA needs an ALLCLEAR_SMTP_URL with TLS: smtps:// or smtp+starttls://".to_owned()),
    }
}

/// Longest words of a server that are kept, characters.
const WORDS_MAX: usize = 500;

fn server_words(error: &lettre::transport::smtp::Error) -> String {
    use std::error::Error;
    let mut words = error.to_string();
    if is_timeout(error) {
        return format!("the mail server did not answer within {} seconds", PATIENCE.as_secs());
    }
    // Over smtps a bad certificate is told as a failed connection.
    if error.is_tls() || words.contains("certificate") {
        words = format!(
            "the mail server's certificate is not trusted, or TLS failed; if it is your own authority's, set ALLCLEAR_SMTP_CA: {words}"
        );
    }
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_words = inner.to_string();
        // Some errors say their cause themselves.
        if !words.contains(&inner_words) {
            words = format!("{words}: {inner_words}");
        }
        cause = inner.source();
    }
    words.chars().map(|c| if c.is_control() { ' ' } else { c }).take(WORDS_MAX).collect()
}

/// Did it take too long? A socket with a time limit says "try again" when it is over.
fn is_timeout(error: &lettre::transport::smtp::Error) -> bool {
    use std::error::Error;
    let cause = error.source().and_then(|cause| cause.downcast_ref::<std::io::Error>());
    let over = [std::io::ErrorKind::WouldBlock, std::io::ErrorKind::TimedOut];
    error.is_timeout() || cause.is_some_and(|cause| over.contains(&cause.kind()))
}

fn write_file(folder: &Path, message_id: &str, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let name: String = message_id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.')).collect();
    let part = folder.join(format!("{name}.part"));
    let mut file = std::fs::File::create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(part, folder.join(format!("{name}.eml")))
}
