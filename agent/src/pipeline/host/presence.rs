//! Which AI tools are on the machine: scans come from a thread of low priority, the catalogue says
//! what each trace amounts to, the privacy settings how its person may be named.

use std::sync::Arc;

use flow::{FlowReport, PresenceBook, User, Wanted};
use host::presence::{Pace, PresenceConfig, Scan, Worker};
use signatures::Platform;
use wire::Timestamp;

use super::super::Shared;

/// Number of the source of these reports: no capture queue has it.
const SOURCE: u16 = u16::MAX;

/// The book of what is on the machine, and who fills it.
#[derive(Debug)]
pub(super) struct Presence {
    shared: Shared,
    worker: Worker,
    book: PresenceBook,
    catalogue_generation: u64,
}

impl Presence {
    /// Starts to look, when that is wanted and possible.
    pub(super) fn start(shared: &Shared) -> Option<Self> {
        let settings = &shared.config.presence;
        if !settings.enabled {
            return None;
        }
        let catalogue = shared.catalogue.current();
        let config = PresenceConfig::new(Arc::new(Wanted::new(&catalogue, platform())));
        let pace = Pace {
            interval: settings.interval,
            interval_on_battery: settings.interval.saturating_mul(2),
            ..Pace::default()
        };
        match Worker::start(config, pace) {
            Ok(worker) => {
                shared
                    .health
                    .update(|status| status.presence.enabled = true);
                Some(Self {
                    shared: shared.clone(),
                    worker,
                    book: PresenceBook::new(SOURCE, platform()),
                    catalogue_generation: 0,
                })
            }
            Err(error) => {
                let problem = format!("the thread that looks for AI tools cannot start: {error}");
                shared
                    .health
                    .update(|status| status.presence.problems = vec![problem]);
                None
            }
        }
    }

    /// What is to be said at `now`; `user` says how a person may be named.
    pub(super) fn reports(
        &mut self,
        now: Timestamp,
        user: &mut dyn FnMut(&str) -> Option<User>,
    ) -> Vec<FlowReport> {
        let catalogue = self
            .shared
            .catalogue
            .changed(&mut self.catalogue_generation);
        let is_changed = catalogue.is_some();
        if let Some(catalogue) = &catalogue {
            self.worker
                .set_wanted(Arc::new(Wanted::new(catalogue, platform())));
        }
        let mut has_news = is_changed;
        while let Some(scan) = self.worker.poll() {
            self.take(scan, now);
            has_news = true;
        }
        if !has_news {
            return Vec::new();
        }
        let window_start = window_start(now, self.shared.config.window);
        let catalogue = catalogue.unwrap_or_else(|| self.shared.catalogue.current());
        self.book
            .reports(&catalogue, now, window_start)
            .into_iter()
            .map(|found| {
                let mut report = found.report;
                report.attribution.user = found.login.as_deref().and_then(&mut *user);
                report
            })
            .collect()
    }

    fn take(&mut self, scan: Scan, now: Timestamp) {
        let kinds = &self.shared.config.presence.kinds;
        let mut traces = scan.traces;
        traces.retain(|trace| kinds.contains(&trace.kind));
        self.shared.health.update(|status| {
            status.presence.scanned_at_ns = Some(now.as_nanos());
            status.presence.traces = u64::try_from(traces.len()).unwrap_or(u64::MAX);
            status.presence.problems = scan.degradations;
        });
        self.shared
            .health
            .set_counters("presence", scan.counts.into_iter());
        self.book.set(traces, now);
    }
}

/// Start of the window that `now` is in: windows are aligned to the Unix epoch.
fn window_start(now: Timestamp, window: std::time::Duration) -> Timestamp {
    let length = i64::try_from(window.as_nanos()).unwrap_or(i64::MAX).max(1);
    let into = now.as_nanos().rem_euclid(length);
    Timestamp::from_nanos(now.as_nanos().saturating_sub(into))
}

const fn platform() -> Platform {
    if cfg!(target_os = "macos") {
        Platform::Macos
    } else if cfg!(target_os = "windows") {
        Platform::Windows
    } else {
        Platform::Linux
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn windows_are_those_of_the_aggregator() {
        let at = |seconds: i64| Timestamp::from_nanos(seconds * 1_000_000_000);
        let hour = Duration::from_secs(3600);
        assert_eq!(window_start(at(7_300), hour), at(7_200));
        assert_eq!(window_start(at(-1), hour), at(-3_600));
    }
}
