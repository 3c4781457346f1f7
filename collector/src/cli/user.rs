//! `user add`, `user list`, `user remove`.

use anyhow::{Context, Result};
use clap::Subcommand;
use inventory::Timestamp;
use serde::Serialize;
use store::{NewUser, Role, Store};

use super::output::{self, Format, Row};
use super::{Place, Usage, actor};
use crate::clock;
use crate::users::ApiToken;

const MAX_NAME: usize = 64;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add somebody and print their API token, which is shown only now
    #[command(after_help = ADD_HELP)]
    Add {
        /// A name of letters, digits and . _ @ -
        #[arg(value_parser = name)]
        name: String,
        /// viewer: read; analyst: decide as well; admin: everything
        #[arg(long, default_value = "viewer", value_parser = role)]
        role: Role,
    },
    /// List who may ask
    #[command(after_help = "Example:\n  gnomon-collector user list")]
    List {
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Remove somebody; their token ends at once
    #[command(after_help = "Example:\n  gnomon-collector user remove siem")]
    Remove {
        /// Their name
        name: String,
    },
}

const ADD_HELP: &str = "\
Who asks needs three things: the collector's address, the certificate of its CA
(DATA_DIR/ca.pem, no secret), and the token.

Example:
  gnomon-collector user add siem --role viewer > siem.token
  gnomon usage --collector https://collector.example.com:8443 --ca ca.pem --token-file siem.token";

impl Command {
    pub(super) fn run(self, place: &Place) -> Result<()> {
        match self {
            Self::Add { name, role } => add(place, name, role),
            Self::List { format } => list(place, format),
            Self::Remove { name } => remove(place, &name),
        }
    }
}

fn name(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '@' | '-');
    if (1..=MAX_NAME).contains(&text.len()) && text.chars().all(fits) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "must be 1 to {MAX_NAME} letters, digits or . _ @ -"
    ))
}

fn role(text: &str) -> Result<Role, String> {
    text.parse()
        .map_err(|error: inventory::ParseError| error.to_string())
}

fn add(place: &Place, name: String, role: Role) -> Result<()> {
    let (_, store) = place.open_or_create()?;
    let token = ApiToken::generate()?;
    let user = NewUser {
        name,
        role,
        token: token.hash(),
    };
    match store.add_user(&user, &actor(), clock::now()) {
        Err(store::Error::Exists { .. }) => {
            let message = format!("there is a user {} already; remove them first", user.name);
            Err(Usage(message).into())
        }
        added => {
            added.context("add the user")?;
            output::line(token.as_str())
        }
    }
}

#[derive(Serialize)]
struct Listed {
    name: String,
    role: &'static str,
    created_at: Timestamp,
}

impl Row for Listed {
    const HEADER: &'static [&'static str] = &["name", "role", "created_at"];
    const NONE: &'static str = "no users; add one with `gnomon-collector user add`";

    fn cells(&self) -> Vec<String> {
        vec![
            self.name.clone(),
            self.role.to_owned(),
            output::moment(self.created_at),
        ]
    }
}

fn list(place: &Place, format: Format) -> Result<()> {
    let users = place.open()?.users().context("read the users")?;
    let rows: Vec<Listed> = users
        .into_iter()
        .map(|user| Listed {
            name: user.name,
            role: user.role.as_str(),
            created_at: user.created_at,
        })
        .collect();
    output::rows(&rows, format)
}

fn remove(place: &Place, name: &str) -> Result<()> {
    let removed = place.open()?.remove_user(name, &actor(), clock::now())?;
    anyhow::ensure!(
        removed,
        "there is no user {name}; see `gnomon-collector user list`"
    );
    output::line(&format!("user {name} is removed"))
}
