//! What will be reported: the findings that wait for the collector, as `show` prints them, in a file beside the journal.
//!
//! The spool itself is for the agent alone and locked while it runs; this is its readable side, rewritten when it changes.
//! A crash loses nothing: the next run writes it anew.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use prost::Message as _;
use proto::v1;
use serde::{Deserialize, Serialize};
use signatures::Catalogue;

use super::{Audience, StateDir, journal, publish};
use crate::row::Row;

/// Records that are looked at.
pub(crate) const MAX_RECORDS: usize = 500;
/// Their bytes.
pub(crate) const MAX_BYTES: usize = 1 << 20;

/// The findings that wait.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Default, Debug)]
pub(crate) struct Waiting {
    /// Each finding as it is in its last report, at most [`MAX_RECORDS`].
    pub(crate) rows: Vec<Row>,
    /// Records that wait besides those that were looked at.
    pub(crate) more: u64,
}

impl Waiting {
    /// From records as the spool has them, and how many there are in all.
    pub(crate) fn new(records: &[Vec<u8>], pending: u64, catalogue: &Catalogue) -> Self {
        let mut latest: BTreeMap<String, (u32, Row)> = BTreeMap::new();
        for record in records {
            let Ok(record) = v1::Record::decode(record.as_slice()) else {
                continue;
            };
            let Some(v1::record::Body::Finding(finding)) = record.body else {
                continue;
            };
            let (key, revision) = (journal::key(&finding), finding.revision);
            let newer = latest.get(&key).is_none_or(|(known, _)| *known <= revision);
            if newer {
                latest.insert(key, (revision, Row::new(finding, catalogue)));
            }
        }
        let looked_at = u64::try_from(records.len()).unwrap_or(u64::MAX);
        Self {
            rows: latest.into_values().map(|(_, row)| row).collect(),
            more: pending.saturating_sub(looked_at),
        }
    }

    /// Writes them for `audience`.
    pub(crate) fn write(&self, state: &StateDir, audience: Audience) -> io::Result<()> {
        publish(&state.waiting_file(), &serde_json::to_vec(self)?, audience)
    }

    /// Reads what was written last; nothing where nothing was.
    pub(crate) fn read(state: &StateDir) -> io::Result<Self> {
        match fs::read(state.waiting_file()) {
            Ok(text) => Ok(serde_json::from_slice(&text).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }
}
