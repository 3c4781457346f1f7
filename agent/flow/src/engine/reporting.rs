//! From what an engine keeps to reports.
//!
//! A flow that matched is reported when its stage rises, a report interval after something new
//! came, before time passes into the next window, and when it ends. Its counters are cumulative.

use std::sync::Arc;

use super::counters::bump;
use super::mentions::Mention;
use super::state::State;
use super::watched::{Part, Watched};
use crate::attribution::{Attribution, REASON_NO_SOCKET_SOURCE, REASON_NOT_ON_DEVICE};
use crate::device::Device;
use crate::finding::Stage;
use crate::report::{FlowIdentity, FlowReport};
use crate::tracker::FlowId;

impl State {
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

    /// The device of a flow: in one window always the same, so that no finding is left with a part of a flow
    /// and nothing that names it.
    fn device_of_flow(&self, watched: &Watched) -> Device {
        let (window_start, _) = self.window;
        match watched.reported_as {
            Some((window, device)) if window == window_start => device,
            _ => self.devices.device_of(&watched.client),
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
            watched.reported_as = Some((report.window_start, report.device));
            let queued = self.queue(report);
            if queued && let Some(part) = watched.parts.get_mut(place) {
                part.new_since = None;
            }
        }
    }

    fn report_of(&self, watched: &Watched, place: usize, part: &Part, ended: bool) -> FlowReport {
        let (window_start, _) = self.window;
        let bytes = watched.bytes_of_part(place);
        let last_seen = watched.last_seen().max(window_start);
        FlowReport {
            source: self.source,
            number: part.number,
            flow: Some(FlowIdentity {
                community_id: watched.community_id,
                tuple: watched.view.tuple,
                started: watched.view.first_seen,
            }),
            socket: self.devices.is_endpoint().then(|| watched.socket()),
            ja4: watched.ja4,
            at: self.clock.now(),
            window_start,
            device: self.device_of_flow(watched),
            device_names: self.devices.names_of(&watched.client),
            service: part.subject.service.clone(),
            surface: part.subject.surface,
            tenant: part.subject.tenant.clone(),
            specificity: part.subject.specificity,
            stands_alone: part.subject.stands_alone,
            stage: part.stage,
            stage_limit: part.limit,
            // What is new may have begun before the clock was set back.
            first_seen: part
                .new_since
                .map_or(last_seen, |since| since.max(window_start).min(last_seen)),
            last_seen,
            bytes_out: bytes.out,
            bytes_in: bytes.back,
            evidence: part.evidence.clone(),
            catalogue_version: Arc::clone(&part.version),
            attribution: self.attribution(),
            ended,
        }
    }

    pub(super) fn report_mention(&mut self, mention: Box<Mention>) {
        let relayed = mention.stage == Stage::Resolved
            && self
                .resolvers
                .get(&mention.client.address)
                .copied()
                .unwrap_or_default();
        if relayed && !self.devices.is_endpoint() {
            return bump(&mut self.counts.look_ups_relayed);
        }
        let mention = *mention;
        let (window_start, _) = self.window;
        self.next_number = self.next_number.saturating_add(1);
        let report = FlowReport {
            source: self.source,
            number: self.next_number,
            flow: None,
            socket: mention.socket,
            ja4: None,
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
}
