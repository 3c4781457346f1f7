//! What is not worth a report each: look-ups, and contact with shared hosts. Gathered per client
//! and service for a few seconds and reported as one, so that no flood of DNS floods the reports.

use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use wire::Timestamp;

use super::devices::Client;
use super::found::{Found, Subject, add_evidence};
use crate::finding::Stage;
use crate::report::{ClientSocket, ReportedEvidence};

/// Clients and services gathered at a time.
const MAX_MENTIONS: usize = 16_384;
/// Different names kept for one client and service.
const MAX_EVIDENCE: usize = 16;

/// What was gathered for one client and service.
#[derive(Clone, Debug)]
pub(super) struct Mention {
    pub(super) client: Client,
    /// The first socket that it came from; on an endpoint each socket is gathered for itself, since
    /// two may be of two programs.
    pub(super) socket: Option<ClientSocket>,
    pub(super) subject: Subject,
    pub(super) stage: Stage,
    pub(super) evidence: Vec<ReportedEvidence>,
    pub(super) version: Arc<str>,
    pub(super) first_seen: Timestamp,
    pub(super) last_seen: Timestamp,
}

impl Mention {
    /// Whether it is about the same as another one would be.
    fn is_about(
        &self,
        (client, socket): (Client, Option<ClientSocket>),
        (subject, stage): (&Subject, Stage),
    ) -> bool {
        let tuple = |socket: Option<ClientSocket>| socket.map(|socket| socket.tuple);
        (self.client, self.stage, tuple(self.socket)) == (client, stage, tuple(socket))
            && self.subject == *subject
    }
}

/// Mentions that are being gathered.
#[derive(Debug, Default)]
pub(super) struct Mentions {
    hashing: RandomState,
    /// With the hash under which each is known and when it is to be reported, in that order.
    gathered: VecDeque<(u64, u64, Box<Mention>)>,
    /// How many were taken from the front of `gathered`.
    taken: u64,
    /// The places in `gathered`, counted with those that were taken.
    places: HashTable<u64>,
}

impl Mentions {
    /// Takes one mention, to be reported when `due` has passed. Returns one that must be
    /// reported now to make room.
    pub(super) fn add(
        &mut self,
        (client, socket): (Client, Option<ClientSocket>),
        found: Found,
        stage: Stage,
        due: u64,
    ) -> Option<Box<Mention>> {
        let tuple = socket.map(|socket| socket.tuple);
        let hash = self
            .hashing
            .hash_one((client, &found.subject, stage, tuple));
        let ts = found.evidence.last_seen;
        let (gathered, taken) = (&self.gathered, self.taken);
        let known = self.places.find(hash, |place| {
            let one = gathered.get(index(place.wrapping_sub(taken)));
            one.is_some_and(|(_, _, one)| one.is_about((client, socket), (&found.subject, stage)))
        });
        if let Some(known) = known {
            let place = index(known.wrapping_sub(taken));
            if let Some((_, _, mention)) = self.gathered.get_mut(place) {
                add_evidence(&mut mention.evidence, found.evidence, MAX_EVIDENCE);
                mention.first_seen = mention.first_seen.min(ts);
                mention.last_seen = mention.last_seen.max(ts);
            }
            return None;
        }
        let crowded_out = (self.gathered.len() >= MAX_MENTIONS)
            .then(|| self.pop())
            .flatten();
        let mention = Mention {
            client,
            socket,
            subject: found.subject,
            stage,
            evidence: vec![found.evidence],
            version: found.version,
            first_seen: ts,
            last_seen: ts,
        };
        let waiting = u64::try_from(self.gathered.len()).unwrap_or(u64::MAX);
        let place = self.taken.wrapping_add(waiting);
        self.gathered.push_back((hash, due, Box::new(mention)));
        let (gathered, taken) = (&self.gathered, self.taken);
        self.places.insert_unique(hash, place, |place| {
            let one = gathered.get(index(place.wrapping_sub(taken)));
            one.map_or(0, |(hash, ..)| *hash)
        });
        crowded_out
    }

    /// When the next one is to be reported.
    pub(super) fn next_due(&self) -> Option<u64> {
        self.gathered.front().map(|(_, due, _)| *due)
    }

    /// Takes the one that has been gathered for longest.
    pub(super) fn pop(&mut self) -> Option<Box<Mention>> {
        let (hash, _, mention) = self.gathered.pop_front()?;
        if let Ok(place) = self.places.find_entry(hash, |place| *place == self.taken) {
            place.remove();
        }
        self.taken = self.taken.wrapping_add(1);
        Some(mention)
    }
}

fn index(place: u64) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}
