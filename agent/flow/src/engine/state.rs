//! What an engine keeps beside its tracker, and when something of it is due.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use hashbrown::HashMap;
use wire::{Frame, Timestamp};

use super::account::Account;
use super::config::{EngineConfig, Mode};
use super::counters::{Counts, bump};
use super::devices::{Client, Devices};
use super::found::{Found, Lookout};
use super::ladder::Opening;
use super::mentions::Mentions;
use super::watched::Watched;
use crate::bounded::Bounded;
use crate::finding::Stage;
use crate::key::FiveTuple;
use crate::names::NameCache;
use crate::report::{ClientSocket, FlowReport};
use crate::tracker::{Clock, FlowId, MessageContext};
use crate::window::Windows;

/// Flows with a match that are kept at a time; never more than flows are followed.
const MAX_WATCHED: usize = 131_072;
/// Reports that wait to be taken, for each flow with a match: all may be due at the end of a window.
const REPORTS_PER_WATCHED: usize = 2;
/// How long mentions are gathered, at most.
const GATHERING: Duration = Duration::from_secs(10);
/// The same on an endpoint, where the program that asked may be gone soon.
const GATHERING_ON_ENDPOINT: Duration = Duration::from_secs(1);
/// Bounds of the name cache, which is an eighth of the flow table.
const NAMES: (usize, usize) = (4_096, 131_072);
/// Resolvers that are remembered.
const MAX_RESOLVERS: usize = 4_096;
/// Before any frame.
const NEVER_CALM: Timestamp = Timestamp::from_nanos(i64::MIN);

/// Everything an engine knows beside the flows themselves.
#[derive(Debug)]
pub(super) struct State {
    pub(super) source: u16,
    windows: Windows,
    /// The present window.
    pub(super) window: (Timestamp, Timestamp),
    interval: u64,
    gathering: u64,
    pub(super) clock: Clock,
    /// Until then nothing is due and the window does not end: time only has to be noted.
    pub(super) calm_until: Timestamp,
    pub(super) lookout: Lookout,
    pub(super) devices: Devices,
    pub(super) names: NameCache,
    pub(super) resolvers: Bounded<std::net::IpAddr, bool>,
    pub(super) account: Account,
    pub(super) counts: Counts,
    pub(super) watched: HashMap<FlowId, Box<Watched>>,
    flows_due: VecDeque<(u64, FlowId)>,
    mentions: Mentions,
    pub(super) next_number: u64,
    max_watched: usize,
    /// Set at the end, when reports are made as they are taken: the flows that are still to be reported for the last time.
    last: Option<VecDeque<FlowId>>,
    /// Boxed: at the end of a window there are many at once, and a queue that grows moves what it holds.
    reports: VecDeque<Box<FlowReport>>,
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

impl State {
    pub(super) fn new(config: &EngineConfig) -> Self {
        let (fewest, most) = NAMES;
        let names = (config.max_flows / 8).clamp(fewest, most);
        Self {
            source: config.source,
            windows: Windows::new(config.window),
            window: (Timestamp::default(), Timestamp::default()),
            interval: nanos(config.report_interval),
            gathering: nanos(config.report_interval.min(match config.mode {
                Mode::Tap => GATHERING,
                Mode::Endpoint { .. } => GATHERING_ON_ENDPOINT,
            })),
            clock: Clock::default(),
            calm_until: NEVER_CALM,
            lookout: Lookout::new(
                std::sync::Arc::clone(&config.catalogue),
                config.shared_services.clone(),
            ),
            devices: Devices::new(&config.mode),
            names: NameCache::new(names),
            resolvers: Bounded::new(MAX_RESOLVERS),
            account: Account::default(),
            counts: Counts::default(),
            watched: HashMap::new(),
            flows_due: VecDeque::new(),
            mentions: Mentions::default(),
            next_number: 0,
            max_watched: config.max_flows.clamp(1, MAX_WATCHED),
            last: None,
            reports: VecDeque::new(),
        }
    }

    /// Whether `ts` lets time pass into another window.
    pub(super) fn leaves_window(&self, ts: Timestamp) -> bool {
        let now = self.clock.after(ts);
        let (start, end) = self.window;
        now < start || now >= end
    }

    /// Moves time to `ts`; reports what is due by then.
    pub(super) fn pass_time(&mut self, ts: Timestamp) {
        self.clock.observe(ts);
        let now = self.clock.now();
        let (start, end) = self.window;
        if now < start || now >= end {
            let start = self.windows.start_of(now);
            self.window = (start, self.windows.end_of(start));
            self.account.set_window(start);
        }
        self.report_due(self.clock.elapsed());
    }

    /// Notes until when nothing has to be done but at `other`, as far as is known now.
    pub(super) fn expect_calm(&mut self, other: Timestamp) {
        let (_, end) = self.window;
        let due = self.next_due().unwrap_or(end);
        self.calm_until = end.min(due).min(other);
    }

    pub(super) fn count_frame(&mut self, frame: &Frame<'_>) {
        self.account.frame(frame);
    }

    /// Reports all that is due when `elapsed` has passed.
    fn report_due(&mut self, elapsed: u64) {
        while self.report_next(elapsed) {}
    }

    /// Reports what is due first, if that is when `elapsed` has passed; returns whether there was something.
    fn report_next(&mut self, elapsed: u64) -> bool {
        let flow = self.flows_due.front().map(|(due, _)| *due);
        let mention = self.mentions.next_due();
        let flow_first = match (flow, mention) {
            (None, None) => return false,
            (Some(flow), Some(mention)) => flow <= mention,
            (Some(_), None) => true,
            (None, Some(_)) => false,
        };
        if (if flow_first { flow } else { mention }).is_none_or(|due| due > elapsed) {
            return false;
        }
        if flow_first {
            if let Some((_, id)) = self.flows_due.pop_front() {
                if let Some(watched) = self.watched.get_mut(&id) {
                    watched.is_due = false;
                }
                self.report_flow(id);
            }
        } else if let Some(mention) = self.mentions.pop() {
            self.report_mention(mention);
        }
        true
    }

    /// Reports everything that is new.
    pub(super) fn report_all(&mut self) {
        self.report_due(u64::MAX);
    }

    /// When something is due, if nothing else happens.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        let flow = self.flows_due.front().map(|(due, _)| *due);
        let next = flow.into_iter().chain(self.mentions.next_due()).min()?;
        Some(self.clock.when(next))
    }

    /// Takes a match on a flow.
    pub(super) fn found(&mut self, context: &MessageContext, found: Found, opening: Opening) {
        let client = Client {
            address: context.src.ip(),
            link: super::devices::link_of(context.src_mac, context.vlan, context.in_tunnel),
        };
        if !self.devices.is_ours(client.address) {
            return bump(&mut self.counts.matches_not_ours);
        }
        if !found.subject.stands_alone {
            let socket = self.socket_of(context, (context.src, context.dst));
            return self.mention((client, socket), found, Stage::Contacted);
        }
        let id = context.flow.id;
        if !self.watched.contains_key(&id) && self.watched.len() >= self.max_watched {
            // At the end those that are over make room.
            let Some(over) = self.last.as_mut().and_then(VecDeque::pop_front) else {
                return bump(&mut self.counts.matches_over_cap);
            };
            self.report_end(over);
        }
        let watched = self
            .watched
            .entry(id)
            .or_insert_with(|| Box::new(Watched::new(context, client)));
        if !watched.add(found, opening, context, &mut self.next_number) {
            bump(&mut self.counts.subjects_over_cap);
        }
        self.make_due(id);
    }

    /// The socket of a client at the first of `ends`; only on its own machine.
    pub(super) fn socket_of(
        &self,
        context: &MessageContext,
        (orig, resp): (SocketAddr, SocketAddr),
    ) -> Option<ClientSocket> {
        let transport = context.flow.tuple.transport;
        self.devices.is_endpoint().then_some(ClientSocket {
            tuple: FiveTuple {
                orig,
                resp,
                transport,
            },
            started: context.flow.first_seen,
        })
    }

    /// Gathers a match that is not worth a report of its own.
    pub(super) fn mention(
        &mut self,
        client: (Client, Option<ClientSocket>),
        found: Found,
        stage: Stage,
    ) {
        self.calm_until = NEVER_CALM;
        let due = self.clock.elapsed().saturating_add(self.gathering);
        if let Some(crowded_out) = self.mentions.add(client, found, stage, due) {
            bump(&mut self.counts.mentions_crowded_out);
            self.report_mention(crowded_out);
        }
    }

    pub(super) fn make_due(&mut self, id: FlowId) {
        let due = self.clock.elapsed().saturating_add(self.interval);
        if let Some(watched) = self.watched.get_mut(&id)
            && !watched.is_due
        {
            watched.is_due = true;
            self.calm_until = NEVER_CALM;
            self.flows_due.push_back((due, id));
        }
    }

    pub(super) fn queue(&mut self, report: FlowReport) -> bool {
        let room = self.reports.len() < self.max_watched.saturating_mul(REPORTS_PER_WATCHED);
        if room {
            self.reports.push_back(Box::new(report));
        } else {
            bump(&mut self.counts.reports_dropped);
        }
        room
    }

    /// Prepares for the end: from now on flows only end, and nothing is reported before it is asked for.
    pub(super) fn finish(&mut self) {
        self.last = Some(VecDeque::new());
    }

    /// Takes it that a flow is over.
    pub(super) fn end_flow(&mut self, id: FlowId) {
        match &mut self.last {
            Some(last) => last.push_back(id),
            None => self.report_end(id),
        }
    }

    pub(super) fn poll_report(&mut self) -> Option<FlowReport> {
        loop {
            if let Some(report) = self.reports.pop_front() {
                return Some(*report);
            }
            if let Some(id) = self.last.as_mut()?.pop_front() {
                self.report_end(id);
            } else if !self.report_next(u64::MAX) {
                return None;
            }
        }
    }
}
