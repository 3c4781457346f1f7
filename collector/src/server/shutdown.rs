//! One word to everything that runs: come to an end.

use tokio::sync::watch;

/// Says when to stop. Whoever drops it says so too.
#[derive(Debug)]
pub struct Trigger(watch::Sender<bool>);

/// Learns when to stop.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Receiver<bool>);

/// A trigger and what it reaches.
#[must_use]
pub fn shutdown() -> (Trigger, Shutdown) {
    let (sender, receiver) = watch::channel(false);
    (Trigger(sender), Shutdown(receiver))
}

impl Trigger {
    /// Says it; saying it again changes nothing.
    pub fn fire(&self) {
        self.0.send_replace(true);
    }
}

impl Shutdown {
    /// Returns when it is time to stop.
    pub async fn wait(&mut self) {
        // An error means that the trigger is gone, which says the same.
        let _stopped = self.0.wait_for(|stop| *stop).await.is_ok();
    }

    /// Whether it is time to stop.
    #[must_use]
    pub fn is_due(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }
}
