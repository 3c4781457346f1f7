//! What is not worth a report each: look-ups, and contact with shared hosts. Gathered per client
//! and service for a few seconds and reported as one, so that no flood of DNS floods the reports.

use std::collections::VecDeque;
use std::sync::Arc;

use hashbrown::HashMap;
use wire::Timestamp;

use super::devices::Client;
use super::found::{Found, Subject, add_evidence};
use crate::finding::Stage;
use crate::key::FiveTuple;
use crate::report::{ClientSocket, ReportedEvidence};

/// Clients and services gathered at a time.
const MAX_MENTIONS: usize = 16_384;
/// Different names kept for one client and service.
const MAX_EVIDENCE: usize = 16;

/// Whom and what the mentions are about.
type Key = (Client, Subject, Stage, Option<FiveTuple>);

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

/// Mentions that are being gathered.
#[derive(Debug, Default)]
pub(super) struct Mentions {
    gathered: HashMap<Key, Mention>,
    /// When each is to be reported, in order.
    due: VecDeque<(u64, Key)>,
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
    ) -> Option<Mention> {
        let tuple = socket.map(|socket| socket.tuple);
        let key = (client, found.subject, stage, tuple);
        let ts = found.evidence.last_seen;
        if let Some(mention) = self.gathered.get_mut(&key) {
            add_evidence(&mut mention.evidence, found.evidence, MAX_EVIDENCE);
            mention.first_seen = mention.first_seen.min(ts);
            mention.last_seen = mention.last_seen.max(ts);
            return None;
        }
        let crowded_out = (self.gathered.len() >= MAX_MENTIONS)
            .then(|| self.pop())
            .flatten();
        let mention = Mention {
            client,
            socket,
            subject: key.1.clone(),
            stage,
            evidence: vec![found.evidence],
            version: found.version,
            first_seen: ts,
            last_seen: ts,
        };
        self.due.push_back((due, key.clone()));
        self.gathered.insert(key, mention);
        crowded_out
    }

    /// When the next one is to be reported.
    pub(super) fn next_due(&self) -> Option<u64> {
        self.due.front().map(|(due, _)| *due)
    }

    /// Takes the one that has been gathered for longest.
    pub(super) fn pop(&mut self) -> Option<Mention> {
        let (_, key) = self.due.pop_front()?;
        self.gathered.remove(&key)
    }
}
