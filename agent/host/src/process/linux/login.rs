//! Login names of users, and their home folders.

use std::path::PathBuf;
use std::sync::Arc;

use nix::unistd::{Uid, User};

use super::stat;
use crate::bounded::Bounded;

/// Users that are remembered.
const MAX_USERS: usize = 256;
/// Longest `/etc/passwd` that is read.
const MAX_PASSWD: u64 = 1 << 20;

/// A user of this machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Account {
    /// Login name, or the number where there is no name.
    pub(super) login: Arc<str>,
    pub(super) home: Option<Arc<str>>,
}

/// Looks users up: `/etc/passwd` first, then whatever directory the C library is set up to ask.
#[derive(Debug)]
pub(super) struct Accounts {
    known: Bounded<u32, Account>,
    passwd: PathBuf,
}

impl Accounts {
    pub(super) fn new() -> Self {
        Self {
            known: Bounded::new(MAX_USERS),
            passwd: PathBuf::from("/etc/passwd"),
        }
    }

    pub(super) fn find(&mut self, uid: u32) -> Account {
        if let Some(account) = self.known.find(&uid) {
            return account.clone();
        }
        let account = self.look_up(uid);
        self.known.insert(uid, account.clone());
        account
    }

    fn look_up(&self, uid: u32) -> Account {
        let text = stat::bytes(&self.passwd, MAX_PASSWD).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        if let Some(account) = text.lines().find_map(|line| account(line, uid)) {
            return account;
        }
        let user = User::from_uid(Uid::from_raw(uid)).ok().flatten();
        match user {
            Some(user) => Account {
                login: user.name.into(),
                home: user.dir.to_str().map(Into::into),
            },
            None => Account {
                login: uid.to_string().into(),
                home: None,
            },
        }
    }
}

/// `name:password:uid:gid:comment:home:shell`
fn account(line: &str, uid: u32) -> Option<Account> {
    let fields: Vec<_> = line.split(':').collect();
    let [name, _, number, _, _, home, ..] = fields.as_slice() else {
        return None;
    };
    (number.parse() == Ok(uid) && !name.is_empty()).then(|| Account {
        login: (*name).into(),
        home: (!home.is_empty()).then(|| (*home).into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_of_a_number_counts() {
        let found = account("ada:x:1000:1000:Ada,,,:/home/ada:/bin/sh", 1000).unwrap();
        assert_eq!(found.login.as_ref(), "ada");
        assert_eq!(found.home.as_deref(), Some("/home/ada"));
        assert_eq!(account("ada:x:1000", 1000), None);
        assert_eq!(account("+::::::", 0), None);
    }

    #[test]
    fn who_has_no_name_is_a_number() {
        let mut accounts = Accounts::new();
        assert_eq!(accounts.find(0).login.as_ref(), "root");
        assert_eq!(accounts.find(4_100_000_001).login.as_ref(), "4100000001");
    }
}
