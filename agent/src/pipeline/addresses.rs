//! The machine's addresses, from whoever follows the interfaces to the capture queues.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// The machine's addresses; the queues look whether they have changed.
#[derive(Debug, Default)]
pub(super) struct LocalAddresses {
    version: AtomicU64,
    list: Mutex<Vec<IpAddr>>,
}

impl LocalAddresses {
    pub(super) fn set(&self, addresses: Vec<IpAddr>) {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        if *list != addresses {
            *list = addresses;
            self.version.fetch_add(1, Ordering::Release);
        }
    }

    /// The addresses, when they are others than at the version `seen`.
    pub(super) fn changed(&self, seen: &mut u64) -> Option<Vec<IpAddr>> {
        let version = self.version.load(Ordering::Acquire);
        let changed = version != *seen;
        *seen = version;
        changed.then(|| self.get())
    }

    pub(super) fn get(&self) -> Vec<IpAddr> {
        self.list
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
