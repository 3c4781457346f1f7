//! Gives each report its program and user, on an endpoint.
//!
//! A flow is decided once and keeps its attribution for its life, since program and user are in the
//! key of its finding. The kernel's word may come a moment after the flow's first report: then the
//! flow's reports wait, in their order, for at most [`HOLD`]. Meanwhile whoever can be asked is asked
//! once, because a program may be gone soon; the kernel's word goes before that answer. A flow of
//! which nothing was learnt is unknown, with the reason.

mod decided;
mod resolvers;

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use wire::Timestamp;
use wire::fingerprint::Ja4;

use crate::attribution::{Attribution, Client, MatchQuality, ProcessIdentity, User};
use crate::finding::Stage;
use crate::report::{ClientSocket, FlowReport};
use crate::sockets::{Owned, REASON_NOT_SEEN, SKEW, SocketEvent, SocketOwner, SocketTable};
use crate::tracker::Clock;
use decided::Decided;

/// Longest time that a report waits for the kernel's word about its socket.
pub const HOLD: Duration = Duration::from_millis(500);
/// Flows whose reports wait at a time; a further one is decided at once.
const MAX_WAITING: usize = 1_024;
/// Reports of one flow that wait; then it is decided at once.
const MAX_REPORTS: usize = 8;

/// The holder of a socket is younger than the flow.
const REASON_TOO_YOUNG: &str = "the program that holds the socket now started after the flow";

/// Whom an attributor asks.
pub trait Owners {
    /// Owner of a flow that no event announced, looked up now.
    ///
    /// # Errors
    /// Why it is unknown.
    fn owner(&mut self, socket: &ClientSocket) -> Result<SocketOwner, &'static str>;
    /// The user as reported.
    ///
    /// # Errors
    /// Why he may not be named.
    fn user(&mut self, login: &str) -> Result<User, &'static str>;
    /// What sort of program it is; how it opened the connection is a hint.
    fn client(&mut self, process: &ProcessIdentity, ja4: Option<Ja4>) -> Client;
}

/// How an attributor is set up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AttributorConfig {
    /// Since when the kernel tells of sockets being opened; `None` when it does not.
    pub events_since: Option<Timestamp>,
}

/// Reports of one flow whose owner is not known yet.
#[derive(Debug)]
struct Waiting {
    /// What asking gave.
    asked: Result<SocketOwner, &'static str>,
    reports: Vec<FlowReport>,
}

/// Decides whose each flow is.
#[derive(Debug)]
pub struct Attributor {
    config: AttributorConfig,
    table: SocketTable,
    decided: Decided,
    waiting: BTreeMap<ClientSocket, Waiting>,
    /// When each is decided at the latest, in order.
    due: VecDeque<(u64, ClientSocket)>,
    clock: Clock,
    /// Whether the table learnt of a socket since those that wait were looked at.
    has_news: bool,
    counts: Counts,
}

/// What an attributor counts.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    exact: u64,
    polled: u64,
    unknown: u64,
    held: u64,
    over_cap: u64,
    look_ups_relayed: u64,
}

impl Attributor {
    /// Starts with nothing known.
    #[must_use]
    pub fn new(config: AttributorConfig) -> Self {
        Self {
            config,
            table: SocketTable::new(),
            decided: Decided::default(),
            waiting: BTreeMap::new(),
            due: VecDeque::new(),
            clock: Clock::default(),
            has_news: false,
            counts: Counts::default(),
        }
    }

    /// The sockets that are known.
    pub const fn sockets(&mut self) -> &mut SocketTable {
        &mut self.table
    }

    /// Takes what happened to a socket.
    pub fn handle_event(&mut self, event: SocketEvent) {
        self.has_news |= matches!(event, SocketEvent::Opened { .. });
        self.table.handle_event(event);
    }

    /// Takes a report at `now`; whatever is ready goes to `out`, each flow's reports in their order.
    pub fn record(
        &mut self,
        mut report: FlowReport,
        now: Timestamp,
        owners: &mut dyn Owners,
        out: &mut dyn FnMut(FlowReport),
    ) {
        self.clock.observe(now);
        let Some(socket) = report.socket else {
            return out(report);
        };
        if let Some(waiting) = self.waiting.get_mut(&socket) {
            waiting.reports.push(report);
            if waiting.reports.len() >= MAX_REPORTS {
                self.decide_waiting(&socket, owners, out);
            }
            return;
        }
        if let Some(known) = self.decided.get(&socket) {
            report.attribution = self.refreshed(known.clone(), &socket);
        } else {
            let found = self.table.owner(&socket.tuple, socket.started);
            let (found, may_come) = match found {
                Ok(owned) => (Ok(owned), false),
                Err(reason) => self.ask(&socket, reason, owners),
            };
            if may_come && self.waiting.len() < MAX_WAITING {
                return self.hold(socket, report, found);
            }
            if may_come {
                bump(&mut self.counts.over_cap);
            }
            report.attribution = self.decide(&socket, (found, report.ja4), owners);
        }
        self.pass(socket, report, out);
    }

    /// Asks for the owner of a flow that the table does not know; also says whether the kernel may
    /// still tell.
    fn ask(
        &self,
        socket: &ClientSocket,
        reason: &'static str,
        owners: &mut dyn Owners,
    ) -> (Result<Owned, &'static str>, bool) {
        if !SocketTable::may_ask_after(reason) {
            return (Err(reason), false);
        }
        let asked = owners.owner(socket).and_then(|owner| {
            if owner.process.start_time > socket.started.saturating_add(SKEW) {
                return Err(REASON_TOO_YOUNG);
            }
            Ok(Owned {
                owner,
                later_user: None,
            })
        });
        let may_come = self
            .config
            .events_since
            .is_some_and(|since| socket.started >= since);
        (asked, may_come)
    }

    fn hold(
        &mut self,
        socket: ClientSocket,
        report: FlowReport,
        asked: Result<Owned, &'static str>,
    ) {
        bump(&mut self.counts.held);
        let due = self
            .clock
            .elapsed()
            .saturating_add(u64::try_from(HOLD.as_nanos()).unwrap_or(u64::MAX));
        self.due.push_back((due, socket));
        let waiting = Waiting {
            asked: asked.map(|owned| owned.owner),
            reports: vec![report],
        };
        self.waiting.insert(socket, waiting);
    }

    /// Lets time pass to `now`: decides what has waited long enough, or what the kernel told of.
    pub fn handle_timeout(
        &mut self,
        now: Timestamp,
        owners: &mut dyn Owners,
        out: &mut dyn FnMut(FlowReport),
    ) {
        self.clock.observe(now);
        self.table.handle_timeout(now);
        self.decided.forget(self.clock.elapsed());
        if std::mem::take(&mut self.has_news) {
            let known: Vec<ClientSocket> = self.waiting.keys().copied().collect();
            for socket in known {
                if self.table.owner(&socket.tuple, socket.started).is_ok() {
                    self.decide_waiting(&socket, owners, out);
                }
            }
        }
        while let Some((due, socket)) = self.due.front().copied()
            && (due <= self.clock.elapsed() || !self.waiting.contains_key(&socket))
        {
            self.due.pop_front();
            self.decide_waiting(&socket, owners, out);
        }
    }

    /// Decides everything that waits: nothing more comes.
    pub fn finish(&mut self, owners: &mut dyn Owners, out: &mut dyn FnMut(FlowReport)) {
        while let Some((_, socket)) = self.due.pop_front() {
            self.decide_waiting(&socket, owners, out);
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) has something to do, if nothing else happens.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let (due, _) = self.due.front()?;
        Some(self.clock.when(*due))
    }

    fn decide_waiting(
        &mut self,
        socket: &ClientSocket,
        owners: &mut dyn Owners,
        out: &mut dyn FnMut(FlowReport),
    ) {
        let Some(waiting) = self.waiting.remove(socket) else {
            return;
        };
        let found = match self.table.owner(&socket.tuple, socket.started) {
            Err(reason) if SocketTable::may_ask_after(reason) => waiting.asked.map(|owner| Owned {
                owner,
                later_user: None,
            }),
            found => found,
        };
        let ja4 = waiting.reports.iter().find_map(|report| report.ja4);
        let attribution = self.decide(socket, (found, ja4), owners);
        for mut report in waiting.reports {
            report.attribution = attribution.clone();
            self.pass(*socket, report, out);
        }
    }

    fn decide(
        &mut self,
        socket: &ClientSocket,
        (found, ja4): (Result<Owned, &'static str>, Option<Ja4>),
        owners: &mut dyn Owners,
    ) -> Attribution {
        let attribution = match found {
            Ok(Owned { owner, later_user }) => {
                let named = owner.login.as_deref().map(|login| owners.user(login));
                let mut reason = Cow::Borrowed(owner.reason);
                if let Some(Err(why)) = named {
                    let and = if reason.is_empty() { "" } else { "; " };
                    reason = format!("{reason}{and}{why}").into();
                }
                Attribution {
                    user: named.and_then(Result::ok),
                    client: owners.client(&owner.process, ja4),
                    quality: owner.quality,
                    reason,
                    process: Some(owner.process),
                    later_user,
                }
            }
            Err(reason) => Attribution::unknown(reason),
        };
        bump(match attribution.quality {
            MatchQuality::Exact => &mut self.counts.exact,
            MatchQuality::Polled => &mut self.counts.polled,
            MatchQuality::Unknown => &mut self.counts.unknown,
        });
        self.decided.insert(*socket, attribution.clone());
        attribution
    }

    /// The attribution of a flow as it was decided, with whoever used the socket since.
    fn refreshed(&mut self, mut known: Attribution, socket: &ClientSocket) -> Attribution {
        if known.later_user.is_none()
            && known.quality == MatchQuality::Exact
            && let Ok(owned) = self.table.owner(&socket.tuple, socket.started)
        {
            known.later_user = owned.later_user;
        }
        known
    }

    fn pass(
        &mut self,
        socket: ClientSocket,
        mut report: FlowReport,
        out: &mut dyn FnMut(FlowReport),
    ) {
        if report.ended {
            self.decided.end(&socket, self.clock.elapsed());
        }
        if report.flow.is_none()
            && report.stage == Stage::Resolved
            && let Some(process) = &report.attribution.process
            && let Some(reason) = resolvers::reason(process)
        {
            bump(&mut self.counts.look_ups_relayed);
            report.attribution = Attribution::unknown(reason);
        }
        out(report);
    }

    /// Returns every counter with its name, those of the sockets included.
    pub fn counters(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let counts = &self.counts;
        self.table.counters().into_iter().chain([
            ("flows_attributed_exact", counts.exact),
            ("flows_attributed_polled", counts.polled),
            ("flows_attributed_unknown", counts.unknown),
            ("flows_held_for_owner", counts.held),
            ("flows_not_held_over_cap", counts.over_cap),
            ("look_ups_by_resolver", counts.look_ups_relayed),
            ("attributions_forgotten_over_cap", self.decided.evicted()),
        ])
    }
}

impl Default for Attributor {
    fn default() -> Self {
        Self::new(AttributorConfig::default())
    }
}

impl SocketTable {
    /// Whether somebody else may know better when the table answered `reason`; not when two programs fit.
    pub(crate) fn may_ask_after(reason: &str) -> bool {
        reason == REASON_NOT_SEEN || reason == crate::sockets::REASON_OTHER_TIME
    }
}

const fn bump(counter: &mut u64) {
    *counter = counter.saturating_add(1);
}

#[cfg(test)]
mod tests;
