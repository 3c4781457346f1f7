//! Log lines on stderr. Server names, addresses and users are never logged above debug.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::LogFormat;

/// Whether `text` is a level or a filter.
pub(crate) fn is_filter(text: &str) -> bool {
    let words_are_levels = text.split(',').all(|directive| {
        let level = directive.rsplit('=').next().unwrap_or_default().trim();
        matches!(
            level.to_ascii_lowercase().as_str(),
            "off" | "error" | "warn" | "info" | "debug" | "trace"
        )
    });
    words_are_levels && EnvFilter::builder().parse(text).is_ok()
}

/// Sends log lines to stderr from here on. A second call has no effect.
pub(crate) fn start(level: &str, format: LogFormat) {
    let filter = EnvFilter::builder().parse_lossy(level);
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_target(false);
    let registry = tracing_subscriber::registry().with(filter);
    let started = match format {
        LogFormat::Text => registry
            .with(layer.with_ansi(std::io::stderr().is_terminal()))
            .try_init(),
        LogFormat::Json => registry.with(layer.json()).try_init(),
    };
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
}
