//! What an engine keeps beside its tracker, and how reports come about.
//!
//! A flow that matched is reported when its stage rises, a report interval after something new
//! came, before time passes into the next window, and when it ends. Its counters are cumulative.

use std::collections::VecDeque;
use std::time::Duration;

use hashbrown::HashMap;
use wire::{Frame, Timestamp};

use super::account::Account;
use super::config::EngineConfig;
use super::counters::{Counts, bump};
use super::devices::{Client, Devices};
use super::found::{Found, Lookout};
use super::ladder::Opening;
use super::mentions::{Mention, Mentions};
use super::watched::{Part, Watched};
use crate::attribution::{Attribution, REASON_NO_SOCKET_SOURCE, REASON_NOT_ON_DEVICE};
use crate::finding::Stage;
use crate::names::{Bounded, NameCache};
use crate::report::{FlowIdentity, FlowReport};
use crate::tracker::{Clock, FlowId, MessageContext};
use crate::window::Windows;

/// Flows with a match that are kept at a time; never more than flows are followed.
const MAX_WATCHED: usize = 131_072;
/// Reports that wait to be taken, for each flow with a match: all may be due at the end of a window.
const REPORTS_PER_WATCHED: usize = 2;
/// How long mentions are gathered, at most.
const GATHERING: Duration = Duration::from_secs(10);
/// Bounds of the name cache, which is an eighth of the flow table.
const NAMES: (usize, usize) = (4_096, 131_072);
/// Resolvers that are remembered.
const MAX_RESOLVERS: usize = 4_096;

/// Everything an engine knows beside the flows themselves.
#[derive(Debug)]
pub(super) struct State {
    source: u16,
    windows: Windows,
    /// The present window.
    window: (Timestamp, Timestamp),
    interval: u64,
    gathering: u64,
    pub(super) clock: Clock,
    pub(super) lookout: Lookout,
    pub(super) devices: Devices,
    pub(super) names: NameCache,
    pub(super) resolvers: Bounded<std::net::IpAddr, bool>,
    pub(super) account: Account,
    pub(super) counts: Counts,
    pub(super) watched: HashMap<FlowId, Watched>,
    flows_due: VecDeque<(u64, FlowId)>,
    mentions: Mentions,
    next_number: u64,
    max_watched: usize,
    reports: VecDeque<FlowReport>,
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
            gathering: nanos(config.report_interval.min(GATHERING)),
            clock: Clock::default(),
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

    pub(super) fn count_frame(&mut self, frame: &Frame<'_>) {
        self.account.frame(frame);
    }

    /// Reports all that is due when `elapsed` has passed.
    fn report_due(&mut self, elapsed: u64) {
        loop {
            let flow = self.flows_due.front().map(|(due, _)| *due);
            let mention = self.mentions.next_due();
            let flow_first = match (flow, mention) {
                (None, None) => return,
                (Some(flow), Some(mention)) => flow <= mention,
                (Some(_), None) => true,
                (None, Some(_)) => false,
            };
            if (if flow_first { flow } else { mention }).is_none_or(|due| due > elapsed) {
                return;
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
        }
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
            return self.mention(client, found, Stage::Contacted);
        }
        let id = context.flow.id;
        if !self.watched.contains_key(&id) && self.watched.len() >= self.max_watched {
            return bump(&mut self.counts.matches_over_cap);
        }
        let watched = self
            .watched
            .entry(id)
            .or_insert_with(|| Watched::new(context, client));
        if !watched.add(found, opening, context, &mut self.next_number) {
            bump(&mut self.counts.subjects_over_cap);
        }
        self.make_due(id);
    }

    /// Gathers a match that is not worth a report of its own.
    pub(super) fn mention(&mut self, client: Client, found: Found, stage: Stage) {
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
            self.flows_due.push_back((due, id));
        }
    }

    /// Reports what is new on a flow; when it is due already, it stays so.
    pub(super) fn report_flow(&mut self, id: FlowId) {
        let Some(mut watched) = self.watched.remove(&id) else {
            return;
        };
        self.report_parts(&mut watched, false);
        self.watched.insert(id, watched);
    }

    /// Reports a flow for the last time.
    pub(super) fn report_end(&mut self, id: FlowId) {
        if let Some(mut watched) = self.watched.remove(&id) {
            self.report_parts(&mut watched, true);
        }
    }

    fn report_parts(&mut self, watched: &mut Watched, ended: bool) {
        for place in 0..watched.parts.len() {
            let Some(part) = watched.parts.get(place) else {
                continue;
            };
            if part.new_since.is_none() && !ended {
                continue;
            }
            let report = self.report_of(watched, place, part, ended);
            let queued = self.queue(report);
            if queued && let Some(part) = watched.parts.get_mut(place) {
                part.new_since = None;
            }
        }
    }

    fn report_of(&self, watched: &Watched, place: usize, part: &Part, ended: bool) -> FlowReport {
        let (window_start, _) = self.window;
        let bytes = watched.bytes_of_part(place);
        let last_seen = watched.view.last_seen.max(window_start);
        FlowReport {
            source: self.source,
            number: part.number,
            flow: Some(FlowIdentity {
                community_id: watched.community_id,
                tuple: watched.view.tuple,
                started: watched.view.first_seen,
            }),
            at: self.clock.now(),
            window_start,
            device: self.devices.device_of(&watched.client),
            device_names: self.devices.names_of(&watched.client),
            service: part.subject.service.clone(),
            surface: part.subject.surface,
            tenant: part.subject.tenant.clone(),
            specificity: part.subject.specificity,
            stands_alone: part.subject.stands_alone,
            stage: part.stage,
            stage_limit: part.limit,
            first_seen: part.new_since.unwrap_or(last_seen).max(window_start),
            last_seen,
            bytes_out: bytes.out,
            bytes_in: bytes.back,
            evidence: part.evidence.clone(),
            catalogue_version: std::sync::Arc::clone(&part.version),
            attribution: self.attribution(),
            ended,
        }
    }

    fn report_mention(&mut self, mention: Mention) {
        let relayed = mention.stage == Stage::Resolved
            && self
                .resolvers
                .get(&mention.client.address)
                .copied()
                .unwrap_or_default();
        if relayed && !self.devices.is_endpoint() {
            return bump(&mut self.counts.look_ups_relayed);
        }
        let (window_start, _) = self.window;
        self.next_number = self.next_number.saturating_add(1);
        let report = FlowReport {
            source: self.source,
            number: self.next_number,
            flow: None,
            at: self.clock.now(),
            window_start,
            device: self.devices.device_of(&mention.client),
            device_names: self.devices.names_of(&mention.client),
            service: mention.subject.service,
            surface: mention.subject.surface,
            tenant: mention.subject.tenant,
            specificity: mention.subject.specificity,
            stands_alone: mention.subject.stands_alone,
            stage: mention.stage,
            stage_limit: None,
            first_seen: mention.first_seen.max(window_start),
            last_seen: mention.last_seen.max(window_start),
            bytes_out: 0,
            bytes_in: 0,
            evidence: mention.evidence,
            catalogue_version: mention.version,
            attribution: self.attribution(),
            ended: true,
        };
        self.queue(report);
    }

    fn attribution(&self) -> Attribution {
        let reason = if self.devices.is_endpoint() {
            REASON_NO_SOCKET_SOURCE
        } else {
            REASON_NOT_ON_DEVICE
        };
        Attribution::unknown(reason)
    }

    fn queue(&mut self, report: FlowReport) -> bool {
        let room = self.reports.len() < self.max_watched.saturating_mul(REPORTS_PER_WATCHED);
        if room {
            self.reports.push_back(report);
        } else {
            bump(&mut self.counts.reports_dropped);
        }
        room
    }

    pub(super) fn poll_report(&mut self) -> Option<FlowReport> {
        self.reports.pop_front()
    }
}
