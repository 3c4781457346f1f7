//! The order to stop, and sleep that ends with it: no thread has to look every few moments.

use std::io::{PipeReader, PipeWriter};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Told once, heard by every thread at once.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    told: AtomicBool,
    lock: Mutex<()>,
    condition: Condvar,
    wake: Option<Arc<PipeReader>>,
    /// Closed by the order, which ends every wait for `wake`.
    open: Mutex<Option<PipeWriter>>,
}

impl Stop {
    pub(crate) fn new() -> Self {
        let (reader, writer) = std::io::pipe().ok().unzip();
        Self {
            wake: reader.map(Arc::new),
            open: Mutex::new(writer),
            ..Self::default()
        }
    }

    /// Gives the order.
    pub(crate) fn tell(&self) {
        self.told.store(true, Ordering::Relaxed);
        let guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.condition.notify_all();
        drop(guard);
        drop(
            self.open
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
    }

    /// Whether the order was given.
    pub(crate) fn is_told(&self) -> bool {
        self.told.load(Ordering::Relaxed)
    }

    /// What can be waited for beside a socket; `None` where no pipe could be made, and the order has to be
    /// looked for.
    pub(crate) fn wake(&self) -> Option<Arc<PipeReader>> {
        self.wake.clone()
    }

    /// Sleeps, but not past the order.
    pub(crate) fn rest(&self, duration: Duration) {
        let guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let rested = self
            .condition
            .wait_timeout_while(guard, duration, |()| !self.is_told());
        drop(rested);
    }

    /// Sleeps until the order.
    pub(crate) fn wait(&self) {
        let guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let told = self.condition.wait_while(guard, |()| !self.is_told());
        drop(told);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::time::Instant;

    use super::*;

    #[test]
    fn the_order_ends_every_sleep_at_once() {
        let stop = Arc::new(Stop::new());
        stop.rest(Duration::from_millis(1));
        assert!(!stop.is_told());
        let sleepers: Vec<_> = (0..3)
            .map(|number| {
                let stop = Arc::clone(&stop);
                std::thread::spawn(move || match number {
                    0 => stop.rest(Duration::from_secs(60)),
                    1 => stop.wait(),
                    _ => {
                        let wake = stop.wake().expect("a pipe");
                        let read = (&*wake).read(&mut [0]).expect("the end of the pipe");
                        assert_eq!(read, 0);
                    }
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(20));
        let told = Instant::now();
        stop.tell();
        for sleeper in sleepers {
            sleeper.join().expect("it ends");
        }
        assert!(told.elapsed() < Duration::from_secs(10));
        stop.rest(Duration::from_secs(60));
        assert!(told.elapsed() < Duration::from_secs(10));
    }
}
