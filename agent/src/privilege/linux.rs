//! Capabilities of Linux, see capabilities(7).

use std::collections::HashSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::str::FromStr as _;

use caps::{CapSet, Capability};

/// Whether this process has the capability; true where the kernel does not say.
pub(super) fn has(name: &str) -> bool {
    Capability::from_str(name)
        .ok()
        .and_then(|capability| caps::has_cap(None, CapSet::Effective, capability).ok())
        .unwrap_or(true)
}

/// Lets go of all capabilities but these, for good.
pub(super) fn keep_only(names: &[&str]) -> Result<(), String> {
    let wanted: HashSet<Capability> = names
        .iter()
        .filter_map(|name| Capability::from_str(name).ok())
        .collect();
    let said = |error: caps::errors::CapsError| error.to_string();
    let permitted = caps::read(None, CapSet::Permitted).map_err(said)?;
    // Nobody can take back what is not in the bounding set; to change it takes a capability itself.
    if permitted.contains(&Capability::CAP_SETPCAP) {
        for capability in caps::all() {
            if !wanted.contains(&capability)
                && caps::has_cap(None, CapSet::Bounding, capability).unwrap_or(false)
            {
                caps::drop(None, CapSet::Bounding, capability).map_err(said)?;
            }
        }
    }
    let kept: HashSet<Capability> = permitted.intersection(&wanted).copied().collect();
    caps::set(None, CapSet::Effective, &kept).map_err(said)?;
    caps::set(None, CapSet::Permitted, &kept).map_err(said)?;
    caps::clear(None, CapSet::Inheritable).map_err(said)
}

/// Whether `path`, or the nearest folder above it that exists, belongs to another user than this process
/// runs as.
pub(super) fn belongs_to_another(path: &Path) -> bool {
    let own = std::fs::metadata("/proc/self").map(|process| process.uid());
    let there = path.ancestors().find_map(|path| path.metadata().ok());
    match (own, there) {
        (Ok(own), Some(there)) => there.uid() != own,
        _ => false,
    }
}
