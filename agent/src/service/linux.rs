//! systemd's notification protocol, see sd_notify(3): text datagrams to the socket that the
//! variable `NOTIFY_SOCKET` names.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// The manager that started this process, if one did.
#[derive(Debug)]
pub(crate) struct Manager {
    socket: Option<(UnixDatagram, SocketAddr)>,
    watchdog: Option<Duration>,
}

impl Manager {
    /// From the environment.
    pub(crate) fn from_environment() -> Self {
        let variable = |name: &str| std::env::var(name).ok();
        let own_pid = std::process::id().to_string();
        let for_us = variable("WATCHDOG_PID").is_none_or(|pid| pid == own_pid);
        let watchdog = variable("WATCHDOG_USEC")
            .filter(|_| for_us)
            .and_then(|text| text.parse().ok())
            .map(Duration::from_micros);
        Self::new(variable("NOTIFY_SOCKET").as_deref(), watchdog)
    }

    fn new(socket: Option<&str>, watchdog: Option<Duration>) -> Self {
        let socket = socket.and_then(|name| {
            let address = match name.strip_prefix('@') {
                Some(name) => SocketAddr::from_abstract_name(name),
                None => SocketAddr::from_pathname(name),
            };
            Some((UnixDatagram::unbound().ok()?, address.ok()?))
        });
        Self { socket, watchdog }
    }

    /// How often [`Manager::alive`] is wanted, if at all: twice in each watchdog time.
    pub(crate) fn alive_interval(&self) -> Option<Duration> {
        self.watchdog.map(|watchdog| watchdog / 2)
    }

    /// Everything is set up.
    pub(crate) fn ready(&self) {
        self.send("READY=1");
    }

    /// The agent still works.
    pub(crate) fn alive(&self) {
        self.send("WATCHDOG=1");
    }

    /// The agent is about to end.
    pub(crate) fn stopping(&self) {
        self.send("STOPPING=1");
    }

    fn send(&self, message: &str) {
        let Some((socket, address)) = &self.socket else {
            return;
        };
        if let Err(error) = socket.send_to_addr(message.as_bytes(), address) {
            tracing::debug!(%error, message, "cannot tell the service manager");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manager_hears_of_each_step() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let path = dir.path().join("notify");
        let receiver = UnixDatagram::bind(&path).expect("bound");
        let manager = Manager::new(path.to_str(), Some(Duration::from_secs(10)));
        assert_eq!(manager.alive_interval(), Some(Duration::from_secs(5)));
        manager.ready();
        manager.alive();
        manager.stopping();
        let mut buffer = [0; 64];
        for expected in ["READY=1", "WATCHDOG=1", "STOPPING=1"] {
            let length = receiver.recv(&mut buffer).expect("received");
            assert_eq!(&buffer[..length], expected.as_bytes());
        }
    }

    #[test]
    fn without_a_manager_nothing_happens() {
        let manager = Manager::new(None, None);
        manager.ready();
        assert_eq!(manager.alive_interval(), None);
    }
}
