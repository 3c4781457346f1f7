//! Looks through this device once, as the agent does, and prints what it found: for measurements.
//!
//! ```sh
//! cargo run --release -p host --example presence -- [ROOT]
//! strace -f -c target/release/examples/presence /tmp/device
//! ```

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use flow::Wanted;
use host::presence::{PresenceConfig, Scanner};
use signatures::{Catalogue, Platform};
use wire::Timestamp;

fn main() -> io::Result<()> {
    let wanted = Wanted::new(Catalogue::builtin(), Platform::Linux);
    let mut config = PresenceConfig::new(Arc::new(wanted));
    config.root = std::env::args().nth(1).map_or(config.root, PathBuf::from);
    let scan = Scanner::new(config).scan(Timestamp::default());
    let mut out = io::stdout().lock();
    for trace in &scan.traces {
        let attributes = trace.attributes.iter();
        let attributes: String = attributes
            .map(|one| format!(" {}={}", one.name, one.value))
            .collect();
        writeln!(out, "{} {}{attributes}", trace.kind.as_str(), trace.value)?;
    }
    for told in &scan.degradations {
        writeln!(out, "{told}")?;
    }
    for (name, count) in &scan.counts {
        writeln!(out, "{name} {count}")?;
    }
    Ok(())
}
