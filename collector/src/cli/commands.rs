//! The commands without a noun: serve, validate, backup, migrate.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result};
use store::{AuditAction, AuditEntry, Store};
use tokio::signal;

use super::{Place, Usage, actor, output};
use crate::clock;
use crate::config::{self, Config, LogFormat};
use crate::privacy::{self, fleet};
use crate::serve;
use crate::server::{Trigger, shutdown};

pub(super) fn serve(mut config: Config, listen: Option<SocketAddr>) -> Result<()> {
    if let Some(listen) = listen {
        config.listen = listen;
    }
    start_log(&config);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("start the runtime")?;
    runtime.block_on(async {
        let (trigger, shutdown) = shutdown();
        tokio::spawn(stop_on_signal(trigger));
        let bound = serve::bind(&config, shutdown).await?;
        let (address, data_dir) = (bound.address()?, config.data_dir.display());
        tracing::info!(%address, %data_dir, "the collector is ready");
        bound.run().await;
        tracing::info!("the collector has stopped");
        Ok(())
    })
}

fn start_log(config: &Config) {
    let log = tracing_subscriber::fmt()
        .with_max_level(config.log_level)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .with_target(false);
    match config.log_format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
}

/// Ends the program in order on SIGINT and SIGTERM.
async fn stop_on_signal(trigger: Trigger) {
    let name = wait_for_signal().await;
    tracing::info!(signal = name, "the collector stops");
    trigger.fire();
}

#[cfg(unix)]
async fn wait_for_signal() -> &'static str {
    use signal::unix::{SignalKind, signal};

    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return interrupted().await;
    };
    tokio::select! {
        name = interrupted() => name,
        _ = terminate.recv() => "SIGTERM",
    }
}

#[cfg(not(unix))]
async fn wait_for_signal() -> &'static str {
    interrupted().await
}

async fn interrupted() -> &'static str {
    if signal::ctrl_c().await.is_err() {
        // Without signals the program ends by other means.
        std::future::pending::<()>().await;
    }
    "SIGINT"
}

pub(super) fn validate(place: &Place) -> Result<()> {
    let Some(file) = place.config_file() else {
        let message = format!(
            "there is no {}; name a file with --config",
            config::DEFAULT_PATH
        );
        return Err(Usage(message).into());
    };
    let config = config::load(file)?;
    privacy::officers(&config)?;
    output::line(&format!("{}: good", file.display()))
}

pub(super) fn backup(place: &Place, file: &Path) -> Result<()> {
    let store = place.open()?;
    let file = std::path::absolute(file).context("the file")?;
    store
        .backup(&file)
        .with_context(|| format!("back up to {}", file.display()))?;
    let fleet_key = fleet::back_up(&place.config()?.data_dir, &file)?;
    let entry = AuditEntry {
        actor: actor(),
        action: AuditAction::BackedUp,
        target: file.display().to_string(),
        detail: String::new(),
    };
    store
        .audit(&entry, clock::now())
        .context("log the backup")?;
    output::note("the CA is not in it; keep a copy of the folder `ca` as well");
    output::line(&file.display().to_string())?;
    fleet_key.map_or(Ok(()), |copy| output::line(&copy.display().to_string()))
}

pub(super) fn migrate(place: &Place) -> Result<()> {
    let store = place.open()?;
    output::line(&format!(
        "the inventory has schema {}",
        store.schema_version()?
    ))
}
