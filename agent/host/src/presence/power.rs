//! Whether the device runs on its battery.

use std::fs;
use std::path::Path;

/// Supplies that are looked at.
const MAX_SUPPLIES: usize = 32;

/// Tells whether a battery is being emptied and nothing else supplies power; a device without batteries never says so.
pub(super) fn is_on_battery(root: &Path) -> bool {
    let Ok(supplies) = fs::read_dir(root.join("sys/class/power_supply")) else {
        return false;
    };
    let mut is_emptied = false;
    for supply in supplies.take(MAX_SUPPLIES).filter_map(Result::ok) {
        let says = |name: &str| fs::read_to_string(supply.path().join(name)).unwrap_or_default();
        match says("type").trim() {
            "Mains" | "USB" if says("online").trim() == "1" => return false,
            // Batteries of mice and pens say that they belong to a device.
            "Battery" if says("scope").trim() != "Device" => {
                is_emptied |= says("status").trim() == "Discharging";
            }
            _ => {}
        }
    }
    is_emptied
}

#[cfg(test)]
mod tests {
    use super::*;

    fn supply(root: &Path, name: &str, files: &[(&str, &str)]) {
        let folder = root.join("sys/class/power_supply").join(name);
        fs::create_dir_all(&folder).unwrap();
        for (file, text) in files {
            fs::write(folder.join(file), text).unwrap();
        }
    }

    #[test]
    fn only_a_battery_that_is_emptied_counts() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        assert!(!is_on_battery(root), "no supplies are known");
        supply(
            root,
            "hidpp_battery_0",
            &[
                ("type", "Battery\n"),
                ("scope", "Device\n"),
                ("status", "Discharging\n"),
            ],
        );
        assert!(!is_on_battery(root), "a mouse");
        supply(
            root,
            "BAT0",
            &[("type", "Battery\n"), ("status", "Discharging\n")],
        );
        supply(root, "AC", &[("type", "Mains\n"), ("online", "0\n")]);
        assert!(is_on_battery(root));
        supply(root, "AC", &[("type", "Mains\n"), ("online", "1\n")]);
        assert!(!is_on_battery(root));
    }
}
