//! Scans on a thread of its own.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use flow::Wanted;
use wire::Timestamp;

use super::os::be_modest;
use super::power::is_on_battery;
use super::schedule::{Pace, Schedule};
use super::watch::Watch;
use super::{PresenceConfig, Scan, Scanner};

/// Signals that wait; more say nothing new.
const MAX_SIGNALS: usize = 16;

/// What the thread is told.
#[derive(Clone, Copy, Debug)]
enum Signal {
    /// Something changed on the disk.
    Changed,
    /// Scan at once.
    Now,
    /// It is over.
    Stop,
}

/// What the thread and its owner share.
#[derive(Debug, Default)]
struct Shared {
    scan: Option<Scan>,
    wanted: Option<Arc<Wanted>>,
    /// Version of the catalogue that is looked for, or will be with the next scan.
    version: String,
}

/// A thread of low priority that scans at start, after changes and now and then. It ends when this is dropped, at the
/// latest when the scan that is under way has ended.
#[derive(Debug)]
pub struct Worker {
    shared: Arc<Mutex<Shared>>,
    signals: SyncSender<Signal>,
}

impl Worker {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system refuses another thread.
    pub fn start(config: PresenceConfig, pace: Pace) -> std::io::Result<Self> {
        let (signals, inbox) = sync_channel(MAX_SIGNALS);
        let shared = Arc::new(Mutex::new(Shared {
            version: config.wanted.version().to_owned(),
            ..Shared::default()
        }));
        let job = Job {
            pace,
            root: config.root.clone(),
            scanner: Scanner::new(config),
            shared: Arc::clone(&shared),
            signals: signals.clone(),
            watch: None,
        };
        thread::Builder::new()
            .name("presence".to_owned())
            .spawn(move || job.run(&inbox))?;
        Ok(Self { shared, signals })
    }

    /// Returns the last scan, once; never waits longer than for the end of another such call.
    #[must_use]
    pub fn poll(&self) -> Option<Scan> {
        self.shared
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .scan
            .take()
    }

    /// Looks for what another catalogue lists, from the next scan on, which follows at once; the same catalogue changes
    /// nothing.
    pub fn set_wanted(&self, wanted: Arc<Wanted>) {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if shared.version == wanted.version() {
            return;
        }
        wanted.version().clone_into(&mut shared.version);
        shared.wanted = Some(wanted);
        drop(shared);
        self.tell(Signal::Now);
    }

    fn tell(&self, signal: Signal) {
        // A full queue holds what leads to a scan already.
        let _full = self.signals.try_send(signal);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.tell(Signal::Stop);
    }
}

/// The work of the thread.
struct Job {
    pace: Pace,
    root: PathBuf,
    scanner: Scanner,
    shared: Arc<Mutex<Shared>>,
    signals: SyncSender<Signal>,
    watch: Option<(Vec<PathBuf>, Watch)>,
}

impl Job {
    fn run(mut self, inbox: &Receiver<Signal>) {
        let modest = be_modest().is_ok();
        let mut due = Schedule::new(self.pace, Instant::now());
        loop {
            let now = Instant::now();
            if due.at() <= now {
                // Watching starts before the scan, so that nothing falls between the two.
                self.renew_watches();
                self.scan(modest);
                due.scanned(Instant::now(), is_on_battery(&self.root));
            }
            match inbox.recv_timeout(due.at().saturating_duration_since(Instant::now())) {
                Ok(Signal::Changed) => due.changed(Instant::now()),
                Ok(Signal::Now) => due.now(Instant::now()),
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Signal::Stop) | Err(RecvTimeoutError::Disconnected) => break,
            }
            if Arc::strong_count(&self.shared) == 1 {
                break;
            }
        }
    }

    fn scan(&mut self, modest: bool) {
        let wanted = self
            .shared
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .wanted
            .take();
        if let Some(wanted) = wanted {
            self.scanner.set_wanted(wanted);
        }
        let mut scan = self.scanner.scan(now());
        if let Some((_, watch)) = &self.watch {
            scan.degradations.extend(watch.degradation());
            scan.counts
                .push(("folders_watched", watch.folders() as u64));
        }
        if !modest {
            scan.degradations.push(
                "presence: scans run at the usual priority: the system refused a lower one"
                    .to_owned(),
            );
        }
        self.shared
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .scan = Some(scan);
    }

    /// Watches the home folders that there are now.
    fn renew_watches(&mut self) {
        let homes = self.scanner.home_folders();
        if self
            .watch
            .as_ref()
            .is_none_or(|(watched, _)| *watched != homes)
        {
            let signals = self.signals.clone();
            let changed = move || {
                let _full = signals.try_send(Signal::Changed);
            };
            self.watch = Some((homes.clone(), Watch::new(homes, changed)));
        }
        if let Some((homes, watch)) = &mut self.watch {
            watch.renew(&self.root, homes);
        }
    }
}

/// The clock of the device.
fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_nanos(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}
