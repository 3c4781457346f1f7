//! Systems where there are no capabilities of this sort.

use std::path::Path;

pub(super) const fn has(_name: &str) -> bool {
    true
}

pub(super) const fn keep_only(_names: &[&str]) -> Result<(), String> {
    Ok(())
}

pub(super) const fn belongs_to_another(_path: &Path) -> bool {
    false
}
