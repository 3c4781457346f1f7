//! Whom the attribution asks: the system for the owner of a socket, the privacy settings for how a
//! user may be named, the catalogue for what sort of program it is.

use flow::{Classifier, Client, ClientSocket, Owners, ProcessIdentity, SocketOwner, User};
use host::sockets::Sockets;
use wire::fingerprint::Ja4;

use super::super::Shared;
use crate::privacy::Users;
use crate::ship::convert::now;

/// Why an owner was not looked up.
const REASON_SHED: &str = "not looked up: the agent is over its budget";

/// The answers of this machine.
#[derive(Debug)]
pub(super) struct Asking {
    shared: Shared,
    pub(super) sockets: Sockets,
    /// Whether there is budget to look owners up; what the kernel tells costs nothing more.
    pub(super) looks_up: bool,
    users: Users,
    classifier: Classifier,
    catalogue_generation: u64,
}

impl Asking {
    pub(super) fn new(shared: &Shared, sockets: Sockets) -> Self {
        let catalogue = shared.catalogue.current();
        Self {
            shared: shared.clone(),
            sockets,
            looks_up: true,
            users: Users::new(std::sync::Arc::clone(&shared.privacy)),
            classifier: Classifier::new(catalogue),
            catalogue_generation: 0,
        }
    }
}

impl Owners for Asking {
    fn owner(&mut self, socket: &ClientSocket) -> Result<SocketOwner, &'static str> {
        if !self.looks_up {
            return Err(REASON_SHED);
        }
        self.sockets.owner(&socket.tuple, socket.started, now())
    }

    fn user(&mut self, login: &str) -> Result<User, &'static str> {
        self.users.user(login)
    }

    fn client(&mut self, process: &ProcessIdentity, ja4: Option<Ja4>) -> Client {
        let seen = &mut self.catalogue_generation;
        if let Some(catalogue) = self.shared.catalogue.changed(seen) {
            self.classifier = Classifier::new(catalogue);
        }
        self.classifier.classify(process, ja4)
    }
}
