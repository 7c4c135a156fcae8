//! `allclear token add`.

use super::{Stop, installation};
use crate::actions::tokens::{self, Holder};
use crate::domain::person::Scope;

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Make an API token and print it, once, alone on standard output.
    #[command(group(clap::ArgGroup::new("holder").required(true).args(["email", "automation"])))]
    Add {
        /// Address of the person it acts for.
        #[arg(long)]
        email: Option<String>,
        /// Slug of the automation it acts for: such a token may only ask its gate, pause itself and report its runs.
        #[arg(long, value_name = "SLUG", conflicts_with = "scopes")]
        automation: Option<String>,
        /// Limit to this; can be given several times. Without it: all of the person's role.
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<Scope>,
        /// Days that it works.
        #[arg(long)]
        days: Option<i64>,
        /// What it is for, shown in the list of tokens.
        #[arg(long, default_value = "made on the command line")]
        name: String,
    },
}

pub(super) fn run(command: Command) -> Result<(), Stop> {
    match command {
        Command::Add { email, automation, scopes, days, name } => {
            let holder = match (email, automation) {
                (Some(email), _) => Holder::Person(email),
                (None, Some(slug)) => Holder::Automation(slug),
                (None, None) => return Err(Stop::Cannot("name a person or an automation".to_owned())),
            };
            let token = tokens::add(&installation::desk()?, &installation::OPERATOR, &holder, &name, scopes, days)
                .map_err(|failure| match (failure, &holder) {
                    (crate::actions::Failure::NotFound, Holder::Automation(slug)) => {
                        Stop::Cannot(format!("there is no automation {slug}"))
                    }
                    (failure, _) => failure.into(),
                })?;
            println!("{token}");
            Ok(())
        }
    }
}
