//! `allclear user add`.

use super::{Stop, installation};
use crate::actions::people::{self, NewPerson};
use crate::domain::person::Role;
use std::io::{IsTerminal, Read};

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Add a person. The password is read from standard input.
    Add {
        /// Address they sign in with.
        #[arg(long)]
        email: String,
        /// Name shown to others.
        #[arg(long)]
        name: String,
        /// reporter, support_lead, owner, administrator or auditor.
        #[arg(long)]
        role: Role,
        /// Only on this site; can be given several times. Without it: on every site.
        #[arg(long = "site", value_name = "SLUG")]
        sites: Vec<String>,
    },
}

pub(super) fn run(command: Command) -> Result<(), Stop> {
    match command {
        Command::Add { email, name, role, sites } => {
            let password = read_password()?;
            let added = people::add(
                &installation::desk()?,
                &installation::OPERATOR,
                &NewPerson { email, name, role, sites, password },
            )?;
            println!("Added {} as {}", added.email, role.label());
            Ok(())
        }
    }
}

/// Longest input that is taken for a password, bytes.
const INPUT_MAX: u64 = 64 * 1024;

/// One line from standard input; a terminal does not show it.
fn read_password() -> Result<String, Stop> {
    let cannot = |error: std::io::Error| Stop::Cannot(format!("the password cannot be read: {error}"));
    let mut typed = String::new();
    if std::io::stdin().is_terminal() {
        typed = rpassword::prompt_password("Password: ").map_err(cannot)?;
    } else {
        std::io::stdin().take(INPUT_MAX).read_to_string(&mut typed).map_err(cannot)?;
    }
    let password = typed.strip_suffix('\n').unwrap_or(&typed);
    let password = password.strip_suffix('\r').unwrap_or(password);
    if password.is_empty() {
        return Err(Stop::Cannot("the password is empty: write it to standard input".to_owned()));
    }
    if password.contains(['\n', '\r']) {
        return Err(Stop::Cannot("the password must be one line on standard input".to_owned()));
    }
    Ok(password.to_owned())
}
