//! Ctrl-C.

use std::io;

/// Ends when the process is asked to stop.
pub(crate) async fn stop() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
