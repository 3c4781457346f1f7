//! One look through the device.

use std::path::PathBuf;

use wire::Timestamp;

use super::disk::Disk;
use super::homes::people;
use super::look::{
    Look, Place, accounts, autonomy, browsers, claude, editors, gecko, models, packages, paths,
    processes, programs,
};
use super::text::Private;
use super::{PresenceConfig, Scan, mcp};

/// Parts of the look through a home folder, those that tell most first.
const IN_HOME: [fn(&mut Look<'_>, &Place); 11] = [
    paths::look_in_home,
    mcp::look_in_home,
    claude::look_in_home,
    autonomy::look_in_home,
    accounts::look_in_home,
    editors::look_in_home,
    browsers::look_in_home,
    gecko::look_in_home,
    programs::look_in_home,
    packages::look_in_home,
    models::look_in_home,
];
/// Parts of the look through what belongs to the whole device.
const IN_SYSTEM: [fn(&mut Look<'_>, &Place); 5] = [
    paths::look_in_system,
    mcp::look_in_system,
    programs::look_in_system,
    packages::look_in_system,
    models::look_in_system,
];

/// Looks through the device for traces of AI tools.
#[derive(Debug)]
pub struct Scanner {
    config: PresenceConfig,
}

impl Scanner {
    /// Starts with nothing looked at.
    #[must_use]
    pub const fn new(config: PresenceConfig) -> Self {
        Self { config }
    }

    /// Looks for what another catalogue lists.
    pub fn set_wanted(&mut self, wanted: std::sync::Arc<flow::Wanted>) {
        self.config.wanted = wanted;
    }

    /// The home folders that there are now.
    pub(super) fn home_folders(&self) -> Vec<PathBuf> {
        let mut disk = Disk::new(self.config.limits);
        let homes = people(&mut disk, &self.config).homes;
        homes.into_iter().map(|home| home.path).collect()
    }

    /// Looks through everything once; the work is bounded by the limits of the configuration.
    pub fn scan(&mut self, now: Timestamp) -> Scan {
        let mut disk = Disk::new(self.config.limits);
        let people = people(&mut disk, &self.config);
        let system = Place {
            path: self.config.root.clone(),
            login: None,
            private: Private::default(),
            owner: None,
        };
        let mut look = Look::new(disk, &self.config.wanted, now);
        processes::look_at_processes(&mut look, &system, &people.homes, &people.logins);
        look.enter(&system);
        for part in IN_SYSTEM {
            part(&mut look, &system);
        }
        for home in &people.homes {
            look.enter(home);
            for part in IN_HOME {
                part(&mut look, home);
            }
        }
        let mut scan = look.finish();
        scan.counts.push(("homes", people.homes.len() as u64));
        scan.degradations.extend(people.degradations());
        scan
    }
}
