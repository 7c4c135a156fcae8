//! `allclear mail-in`: one message on standard input, as a mail server hands it over.

use super::{Stop, installation};
use crate::actions::{Failure, file_reply};
use std::io::Read;

/// Files an answer with its escalation. Exit 1: it answers nothing of ours, so that the mail server can say so.
pub(super) fn run() -> Result<(), Stop> {
    let most = installation::settings()?.limits.mail_in_bytes;
    let mut message = Vec::new();
    std::io::stdin()
        .take(most + 1)
        .read_to_end(&mut message)
        .map_err(|error| Stop::Cannot(format!("the message cannot be read: {error}")))?;
    if message.len() as u64 > most {
        return Err(Stop::Cannot(format!("the message is larger than {most} bytes (ALLCLEAR_MAIL_IN_BYTES)")));
    }
    let filed = file_reply::run(&installation::desk()?, &message).map_err(|failure| match failure {
        Failure::Invalid(errors) => {
            Stop::Cannot(errors.into_iter().map(|error| error.message).collect::<Vec<_>>().join(" "))
        }
        other => other.into(),
    })?;
    match filed {
        None => Err(Stop::DoesNotHold("This message answers no escalation of this installation.".to_owned())),
        Some(filed) if filed.before => {
            println!("Filed before with the escalation {} of {}", filed.escalation, filed.incident);
            Ok(())
        }
        Some(filed) => {
            let files = match filed.files {
                0 => String::new(),
                1 => ", 1 file sealed".to_owned(),
                many => format!(", {many} files sealed"),
            };
            println!("Filed with the escalation {} of {}{files}", filed.escalation, filed.incident);
            Ok(())
        }
    }
}
