//! A flow that matched: its subjects, how its bytes divide among them, and how far each went.
//!
//! Mostly there is one subject. A connection to a forward proxy may carry requests to several;
//! each then has the bytes from the packet that named it to the packet that names the next.

use std::sync::Arc;

use wire::fingerprint::Ja4;
use wire::{Direction, Timestamp};

use super::bytes::{Bytes, Counted};
use super::devices::Client;
use super::found::{Found, Subject, add_evidence};
use super::ladder::{Exchange, Opening, limit_of, stage_of};
use crate::device::Device;
use crate::finding::{Stage, StageLimit};
use crate::key::CommunityId;
use crate::report::{ClientSocket, ReportedEvidence};
use crate::tracker::{FlowView, MessageContext};

/// Subjects of one flow; a proxy's connection rarely carries more.
const MAX_SUBJECTS: usize = 8;
/// Different observations kept for one subject of one flow.
const MAX_EVIDENCE: usize = 8;

/// What one more packet meant for a flow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Advance {
    /// Nothing that is reported.
    Nothing,
    /// Its counters moved.
    Moved,
    /// Its stage rose.
    Rose,
}

/// One service on a flow.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// Its number in the reports.
    pub(super) number: u64,
    pub(super) subject: Subject,
    pub(super) evidence: Vec<ReportedEvidence>,
    /// Version of the catalogue that matched last.
    pub(super) version: Arc<str>,
    pub(super) stage: Stage,
    pub(super) limit: Option<StageLimit>,
    opening: Opening,
    /// Bytes of the stretches before the present one.
    earlier: Bytes,
    /// Where in the flow the present stretch began.
    base: Bytes,
    /// Where in the flow the service was named.
    named: Bytes,
    /// Set when there is something to report: the first packet of it.
    pub(super) new_since: Option<Timestamp>,
}

/// A flow with at least one subject.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    pub(super) community_id: CommunityId,
    pub(super) client: Client,
    client_is_orig: bool,
    pub(super) view: FlowView,
    /// How the client opened it; on its own machine only.
    pub(super) ja4: Option<Ja4>,
    counted: Counted,
    /// Both ways so far, by packets or by the kernel, whichever knows more.
    total: Bytes,
    pub(super) parts: Vec<Part>,
    current: usize,
    /// Whether a report is due.
    pub(super) is_due: bool,
    /// The window of the last report, and the device it went to.
    pub(super) reported_as: Option<(Timestamp, Device)>,
}

impl Watched {
    pub(super) fn new(context: &MessageContext, client: Client) -> Self {
        let client_is_orig = context.direction == Direction::ToResponder;
        let tuple = context.flow.tuple;
        let mut watched = Self {
            community_id: tuple.community_id(),
            client,
            client_is_orig,
            view: context.flow,
            ja4: None,
            counted: Counted::default(),
            total: Bytes::default(),
            parts: Vec::new(),
            current: 0,
            is_due: false,
            reported_as: None,
        };
        watched.total = watched.bytes_of(&context.flow);
        watched
    }

    /// Last packet, or when the kernel's figures moved last.
    pub(super) fn last_seen(&self) -> Timestamp {
        let counted = self.counted.moved_at().unwrap_or(self.view.last_seen);
        self.view.last_seen.max(counted)
    }

    /// The client's end.
    pub(super) const fn socket(&self) -> ClientSocket {
        let tuple = self.view.tuple;
        ClientSocket {
            tuple: if self.client_is_orig {
                tuple
            } else {
                tuple.reversed()
            },
            started: self.view.first_seen,
        }
    }

    /// Both ways by the packets of `view`, from the client's point of view.
    const fn bytes_of(&self, view: &FlowView) -> Bytes {
        let (out, back) = if self.client_is_orig {
            (view.bytes_to_responder, view.bytes_to_originator)
        } else {
            (view.bytes_to_originator, view.bytes_to_responder)
        };
        Bytes { out, back }
    }

    /// The bytes of one part so far.
    pub(super) fn bytes_of_part(&self, place: usize) -> Bytes {
        let Some(part) = self.parts.get(place) else {
            return Bytes::default();
        };
        if place == self.current {
            part.earlier.plus(self.total.since(part.base))
        } else {
            part.earlier
        }
    }

    /// Takes what was found in a message of this flow. Returns false when the flow has too many
    /// subjects already.
    pub(super) fn add(
        &mut self,
        found: Found,
        opening: Opening,
        context: &MessageContext,
        next_number: &mut u64,
    ) -> bool {
        let at = self
            .parts
            .iter()
            .position(|part| part.subject == found.subject);
        if at.is_none() && self.parts.len() >= MAX_SUBJECTS {
            return false;
        }
        let before = if self.parts.is_empty() {
            Bytes::default()
        } else {
            self.total
        };
        let place = at.unwrap_or_else(|| {
            *next_number = next_number.saturating_add(1);
            self.parts.reserve_exact(1);
            self.parts.push(Part {
                number: *next_number,
                subject: found.subject,
                evidence: Vec::new(),
                version: Arc::clone(&found.version),
                stage: Stage::Resolved,
                limit: None,
                opening,
                earlier: Bytes::default(),
                base: before,
                named: self.bytes_of(&context.flow),
                new_since: None,
            });
            self.parts.len().saturating_sub(1)
        });
        self.switch_to(place, before);
        let named = self.bytes_of(&context.flow);
        if let Some(part) = self.parts.get_mut(place) {
            part.version = found.version;
            add_evidence(&mut part.evidence, found.evidence, MAX_EVIDENCE);
            if opening > part.opening {
                part.opening = opening;
                part.named = named;
            }
        }
        let started = if at.is_none() && before == Bytes::default() {
            context.flow.first_seen
        } else {
            context.ts
        };
        if let Some(part) = self.parts.get_mut(place) {
            part.new_since.get_or_insert(started);
        }
        self.advance_since(&context.flow, started);
        true
    }

    /// Ends the stretch of the current part and begins one of the part at `place`.
    fn switch_to(&mut self, place: usize, before: Bytes) {
        if place == self.current {
            return;
        }
        if let Some(part) = self.parts.get_mut(self.current) {
            part.earlier = part.earlier.plus(before.since(part.base));
        }
        if let Some(part) = self.parts.get_mut(place) {
            part.base = before;
        }
        self.current = place;
    }

    /// Takes the flow as it is after one more packet.
    pub(super) fn advance(&mut self, view: &FlowView) -> Advance {
        self.advance_since(view, view.last_seen)
    }

    /// Takes what the kernel has counted on the client's socket since it was opened.
    pub(super) fn count(&mut self, at: Timestamp, since_opened: Bytes) -> Advance {
        let packets = self.bytes_of(&self.view);
        self.counted
            .take(at, since_opened, packets, self.view.mid_stream);
        let view = self.view;
        self.advance_since(&view, at)
    }

    fn advance_since(&mut self, view: &FlowView, since: Timestamp) -> Advance {
        let flow = self.bytes_of(view).max(self.counted.bytes());
        let moved_on = flow != self.total;
        self.view = *view;
        self.total = flow;
        let both_sides =
            self.counted.is_answered() || (view.responder_seen && view.originator_seen);
        let transport = view.tuple.transport;
        let Some(part) = self.parts.get_mut(self.current) else {
            return Advance::Nothing;
        };
        let moved = flow.since(part.named);
        let exchange = Exchange {
            surface: part.subject.surface,
            transport,
            opening: part.opening,
            out: moved.out,
            back: moved.back,
            both_sides,
        };
        let limit = limit_of(&exchange);
        let stage = stage_of(&exchange).max(part.stage);
        let advance = if stage > part.stage {
            Advance::Rose
        } else if moved_on || limit != part.limit {
            Advance::Moved
        } else {
            return Advance::Nothing;
        };
        part.new_since.get_or_insert(since);
        (part.limit, part.stage) = (limit, stage);
        advance
    }
}
