//! Runs one command and turns how it ended into an exit code.

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::cli::{Cli, Command, Common, Enroll};
use crate::config::{self, Config};
use crate::console::{Closed, print, say};
use crate::enrol::identity::Identity;
use crate::enrol::{Enrolled, Token, TokenError};
use crate::privacy::Privacy;
use crate::state::StateDir;
use crate::{catalogue, inspect, logging, replay};

/// A command was used wrongly, or its configuration is wrong: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Misuse(String);

pub(crate) fn run(cli: Cli) -> ExitCode {
    let Err(error) = dispatch(cli) else {
        return ExitCode::SUCCESS;
    };
    if error.is::<Closed>() {
        return ExitCode::SUCCESS;
    }
    say(&format!("error: {error:#}"));
    if error.is::<config::Problems>() || error.is::<Misuse>() {
        ExitCode::from(2)
    } else {
        ExitCode::FAILURE
    }
}

fn dispatch(cli: Cli) -> Result<()> {
    match cli.command {
        Command::Scan(scan) => {
            let common = &cli.common;
            let installed = common.config.is_some() || common.state_dir.is_some();
            let agent = installed.then(|| settings(common)).transpose()?;
            let catalogue = catalogue::chosen(scan.catalogue.as_deref(), agent.as_ref())?;
            replay::scan(&scan.captures.captures, catalogue, scan.rows.format)
        }
        Command::Dissect(captures) => replay::dissect(&captures.captures),
        Command::Validate => validate(&cli.common),
        Command::Enroll(enroll) => self::enroll(&cli.common, &enroll),
        Command::Run(options) => {
            let config = settings(&cli.common)?;
            logging::start(&config.log_level, config.log_format);
            crate::run::run(config, &options)
        }
        Command::Status(output) => inspect::status(&settings(&cli.common)?, output.format),
        Command::Show(rows) => inspect::show(&settings(&cli.common)?, rows.format),
        Command::Notice(notice) => inspect::notice(&settings(&cli.common)?, notice.format),
        Command::Interfaces(rows) => inspect::interfaces(&settings(&cli.common)?, rows.format),
    }
}

/// The settings, with what the command line changes in them.
fn settings(common: &Common) -> Result<Config> {
    let mut config = match &common.config {
        Some(path) => read_config(path)?,
        None if Path::new(config::DEFAULT_PATH).exists() => {
            read_config(Path::new(config::DEFAULT_PATH))?
        }
        None => Config::default(),
    };
    if let Some(dir) = &common.state_dir {
        config.state_dir = std::path::absolute(dir)
            .with_context(|| format!("{} is not a usable path", dir.display()))?;
    }
    if let Some(level) = &common.log_level {
        if !logging::is_filter(level) {
            return Err(Misuse(format!("--log-level {level:?} is not a level")).into());
        }
        config.log_level.clone_from(level);
    }
    Ok(config)
}

fn read_config(path: &Path) -> Result<Config> {
    let refuse = |reason: String| Misuse(format!("{}: {reason}", path.display()));
    let file = std::fs::File::open(path).map_err(|error| refuse(error.to_string()))?;
    let mut bytes = Vec::new();
    file.take(config::MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| refuse(error.to_string()))?;
    if bytes.len() as u64 > config::MAX_FILE_BYTES {
        return Err(refuse("too large to be a configuration file".to_owned()).into());
    }
    let text = String::from_utf8(bytes).map_err(|_| refuse("not UTF-8 text".to_owned()))?;
    Ok(config::read(path, &text)?)
}

fn validate(common: &Common) -> Result<()> {
    let path = common
        .config
        .as_deref()
        .unwrap_or(Path::new(config::DEFAULT_PATH));
    settings(common)?;
    if path.exists() {
        print(format!("{} is valid\n", path.display()).as_bytes())
    } else {
        print(format!("there is no {}; the defaults are used\n", path.display()).as_bytes())
    }
}

fn enroll(common: &Common, enroll: &Enroll) -> Result<()> {
    let config = settings(common)?;
    logging::start(&config.log_level, config.log_format);
    let text = match enroll.token.as_str() {
        "-" => std::io::read_to_string(std::io::stdin().take(64 * 1024))
            .context("cannot read the token from stdin")?,
        token => token.to_owned(),
    };
    let token = Token::read(&text, crate::text::now()).map_err(|error| match error {
        TokenError::Expired(_) => anyhow::Error::new(error),
        TokenError::NotAToken | TokenError::NewerVersion | TokenError::Damaged(_) => {
            Misuse(error.to_string()).into()
        }
    })?;
    let state = StateDir::new(&config.state_dir);
    state.create()?;
    if let Some(present) = Identity::load(&state).unwrap_or_default()
        && !enroll.force
    {
        return Err(Misuse(format!(
            "this agent is already enrolled as {} at {}; --force replaces its identity",
            present.sensor_id, present.collector
        ))
        .into());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start")?;
    let Enrolled {
        identity,
        catalogue_key,
        privacy,
    } = runtime.block_on(crate::enrol::enrol(&token, config.proxy.as_ref()))?;
    catalogue::pin(&state, catalogue_key.as_ref())?;
    if let Some(said) = privacy {
        Privacy::open(&state).take(said)?;
    }
    identity.store(&state)?;
    print(
        format!(
            "enrolled as {} at {}; the certificate is valid until {}\n",
            identity.sensor_id,
            identity.collector,
            crate::text::short_time(identity.not_after)
        )
        .as_bytes(),
    )
}
