//! Whose home folders are on the device.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::{Disk, name_of};
use super::look::Place;
use super::os::owner_of;
use super::text::Private;
use super::{Homes, PresenceConfig};

/// Home folders that are looked through.
const MAX_HOMES: usize = 256;
/// Bytes of the list of users.
const MAX_PASSWD: u64 = 4 << 20;
/// Shells of accounts that nobody signs in with.
const NO_SHELLS: [&str; 5] = ["nologin", "false", "sync", "halt", "shutdown"];

/// A user of the system.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Account {
    pub(super) login: Arc<str>,
    pub(super) number: u32,
    pub(super) home: PathBuf,
    pub(super) is_person: bool,
}

/// Reads a list of users; lines that are none are passed over.
pub(super) fn accounts(passwd: &[u8]) -> Vec<Account> {
    let text = String::from_utf8_lossy(passwd);
    let rows = text.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let login = fields
            .next()
            .filter(|login| !login.is_empty() && login.len() <= 64)?;
        let number = fields.nth(1)?.parse().ok()?;
        let home = fields.nth(2)?;
        let shell = fields.next().unwrap_or_default();
        let is_person = home.starts_with('/')
            && home.len() > 1
            && !home.split('/').any(|part| part == "..")
            && !NO_SHELLS.contains(&name_of(Path::new(shell)));
        Some(Account {
            login: login.into(),
            number,
            home: PathBuf::from(home),
            is_person,
        })
    });
    rows.collect()
}

/// Whose home folders are looked through, and whose cannot be.
#[derive(Debug, Default)]
pub(super) struct People {
    /// Homes to look through, in a fixed order.
    pub(super) homes: Vec<Place>,
    /// Names of all users by number.
    pub(super) logins: BTreeMap<u32, Arc<str>>,
    /// Homes that may not be read.
    closed: usize,
    /// Homes beyond those that are looked through.
    beyond: usize,
}

impl People {
    /// What is not seen for lack of access or room, in words.
    pub(super) fn degradations(&self) -> Vec<String> {
        let mut told = Vec::new();
        if self.closed > 0 {
            told.push(format!(
                "presence: {} home folders may not be read (as another user than root that takes CAP_DAC_READ_SEARCH): \
                 of their people's AI tools only those that run are seen",
                self.closed
            ));
        }
        if self.beyond > 0 {
            told.push(format!(
                "presence: {} home folders are beyond the {MAX_HOMES} that are looked through: AI tools in them are not seen",
                self.beyond
            ));
        }
        told
    }
}

/// Finds the home folders.
pub(super) fn people(disk: &mut Disk, config: &PresenceConfig) -> People {
    let passwd = disk
        .read(&config.root.join("etc/passwd"), MAX_PASSWD)
        .unwrap_or_default();
    let known = accounts(&passwd);
    let logins = known
        .iter()
        .map(|account| (account.number, Arc::clone(&account.login)))
        .collect();
    let mut homes: Vec<Place> = match &config.homes {
        Homes::Auto => {
            let people = known.iter().filter(|account| account.is_person);
            let places = people.map(|account| {
                let below = account.home.strip_prefix("/").unwrap_or(&account.home);
                place(
                    config.root.join(below),
                    &account.login,
                    Some(account.number),
                )
            });
            places.collect()
        }
        Homes::Listed(paths) => {
            let places = paths.iter().map(|path| {
                let owner = std::fs::metadata(path)
                    .ok()
                    .and_then(|metadata| owner_of(&metadata));
                place(path.clone(), name_of(path), owner)
            });
            places.collect()
        }
    };
    homes.retain(|place| disk.is_folder(&place.path));
    homes.sort_by(|one, other| one.path.cmp(&other.path));
    homes.dedup_by(|one, other| one.path == other.path);
    let found = homes.len();
    homes.retain(|place| !is_closed(&place.path));
    let closed = found.saturating_sub(homes.len());
    let beyond = homes.len().saturating_sub(MAX_HOMES);
    homes.truncate(MAX_HOMES);
    People {
        homes,
        logins,
        closed,
        beyond,
    }
}

/// Whether a folder may not be read.
fn is_closed(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
}

fn place(path: PathBuf, login: &str, owner: Option<u32>) -> Place {
    Place {
        private: Private::new([login, name_of(&path)]),
        login: Some(login.into()),
        owner,
        path,
    }
}
