//! Whose home folders are on the device.

use std::collections::BTreeMap;
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

/// The homes to look through, in a fixed order, and the names of all users by number; whether there are more homes than
/// are looked through.
pub(super) fn homes(
    disk: &mut Disk,
    config: &PresenceConfig,
) -> (Vec<Place>, BTreeMap<u32, Arc<str>>, bool) {
    let passwd = disk
        .read(&config.root.join("etc/passwd"), MAX_PASSWD)
        .unwrap_or_default();
    let known = accounts(&passwd);
    let logins = known
        .iter()
        .map(|account| (account.number, Arc::clone(&account.login)))
        .collect();
    let mut places: Vec<Place> = match &config.homes {
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
    places.retain(|place| disk.is_folder(&place.path));
    places.sort_by(|one, other| one.path.cmp(&other.path));
    places.dedup_by(|one, other| one.path == other.path);
    let is_cut = places.len() > MAX_HOMES;
    places.truncate(MAX_HOMES);
    (places, logins, is_cut)
}

fn place(path: PathBuf, login: &str, owner: Option<u32>) -> Place {
    Place {
        private: Private::new([login, name_of(&path)]),
        login: Some(login.into()),
        owner,
        path,
    }
}
