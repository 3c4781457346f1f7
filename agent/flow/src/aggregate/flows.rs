//! What was reported of each flow before: from cumulative reports to what is new, and each flow
//! from one source only.
//!
//! One flow is met on several interfaces of a machine, or twice behind a mirror port. The source
//! that reports it first keeps it; what another source reports of the same Community ID, at an
//! overlapping time, is dropped. Limits: a flow before and after address translation has two ids
//! and counts twice, unless one of the two is not the sensor's own (see the endpoint mode of the
//! engine); and tunnelled and plain copies of one packet have the same inner flow, so count once.

use std::collections::VecDeque;
use std::time::Duration;

use hashbrown::HashMap;
use wire::Timestamp;

use crate::key::CommunityId;
use crate::report::{FlowIdentity, FlowReport};

/// Flows whose source is remembered, those that ended included.
const MAX_OWNED: usize = 65_536;
/// Parts of flows that are being counted: as many as a few busy engines keep.
const MAX_PARTS: usize = 524_288;
/// The clocks of two sources may differ by this much.
const TOLERANCE: Duration = Duration::from_secs(5);

/// Who reports a flow.
#[derive(Clone, Copy, Debug)]
struct Owner {
    source: u16,
    first: Timestamp,
    last: Timestamp,
}

impl Owner {
    fn overlaps(&self, first: Timestamp, last: Timestamp) -> bool {
        first <= self.last.saturating_add(TOLERANCE) && last.saturating_add(TOLERANCE) >= self.first
    }
}

/// What was counted of one part of a flow.
#[derive(Clone, Debug, Default)]
struct Counted {
    bytes_out: u64,
    bytes_in: u64,
    evidence: Vec<u64>,
    window: Option<Timestamp>,
}

/// What a report says that was not counted yet.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct News {
    pub(super) bytes_out: u64,
    pub(super) bytes_in: u64,
    /// For each evidence of the report, how often it was observed since the report before.
    pub(super) evidence: Vec<u64>,
    /// Whether this is the first that its window hears of the flow.
    pub(super) is_first_in_window: bool,
}

impl News {
    pub(super) fn is_empty(&self) -> bool {
        self.bytes_out == 0 && self.bytes_in == 0 && self.evidence.iter().all(|count| *count == 0)
    }
}

/// Why a report is not counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Refused {
    SeenTwice,
    OverCap,
}

/// Memory of flows that were reported.
#[derive(Debug, Default)]
pub(super) struct Flows {
    owners: HashMap<CommunityId, Owner>,
    order: VecDeque<CommunityId>,
    parts: HashMap<(u16, u64), Counted>,
}

impl Flows {
    /// What is new in `report`.
    pub(super) fn news(&mut self, report: &FlowReport) -> Result<News, Refused> {
        if let Some(flow) = &report.flow
            && !self.owns(report.source, flow, report.last_seen)
        {
            return Err(Refused::SeenTwice);
        }
        let id = (report.source, report.number);
        let room = self.parts.len() < MAX_PARTS;
        let news = match self.parts.get_mut(&id) {
            Some(counted) => counted.take(report),
            None => {
                let mut counted = Counted::default();
                let news = counted.take(report);
                if !report.ended {
                    if !room {
                        return Err(Refused::OverCap);
                    }
                    self.parts.insert(id, counted);
                }
                news
            }
        };
        if report.ended {
            self.parts.remove(&id);
        }
        Ok(news)
    }

    fn owns(&mut self, source: u16, flow: &FlowIdentity, last: Timestamp) -> bool {
        let owner = Owner {
            source,
            first: flow.started,
            last,
        };
        if let Some(known) = self.owners.get_mut(&flow.community_id) {
            let same_time = known.overlaps(owner.first, owner.last);
            if same_time && known.source != source {
                return false;
            }
            *known = if same_time {
                Owner {
                    source,
                    first: known.first.min(owner.first),
                    last: known.last.max(last),
                }
            } else {
                owner
            };
            return true;
        }
        if self.owners.len() >= MAX_OWNED
            && let Some(oldest) = self.order.pop_front()
        {
            self.owners.remove(&oldest);
        }
        self.owners.insert(flow.community_id, owner);
        self.order.push_back(flow.community_id);
        true
    }
}

impl Counted {
    fn take(&mut self, report: &FlowReport) -> News {
        let mut evidence = Vec::with_capacity(report.evidence.len());
        for (place, item) in report.evidence.iter().enumerate() {
            let before = self.evidence.get(place).copied().unwrap_or_default();
            evidence.push(item.count.saturating_sub(before));
        }
        let mut news = News {
            bytes_out: report.bytes_out.saturating_sub(self.bytes_out),
            bytes_in: report.bytes_in.saturating_sub(self.bytes_in),
            evidence,
            is_first_in_window: false,
        };
        if news.is_empty() {
            return news;
        }
        news.is_first_in_window = self.window != Some(report.window_start);
        self.bytes_out = self.bytes_out.max(report.bytes_out);
        self.bytes_in = self.bytes_in.max(report.bytes_in);
        self.evidence = report.evidence.iter().map(|item| item.count).collect();
        self.window = Some(report.window_start);
        news
    }
}
