//! What the owner of a spool decides.

/// How large a spool may grow, and when it flushes by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Config {
    /// The most that segment files may take together, in bytes; beyond it the oldest segments go.
    pub max_bytes: u64,
    /// Where a segment file is closed and the next begun, in bytes; what is shed goes by segments.
    pub segment_bytes: u64,
    /// When appended records are made durable without being asked.
    pub sync: SyncPolicy,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_bytes: 64 << 20,
            segment_bytes: 1 << 20,
            sync: SyncPolicy::OnRequest,
        }
    }
}

/// When appended records are made durable without [`crate::Spool::sync`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SyncPolicy {
    /// Only when asked, and when a segment is closed.
    #[default]
    OnRequest,
    /// After this many appended records (and when asked, and when a segment is closed).
    EveryRecords(u32),
}
