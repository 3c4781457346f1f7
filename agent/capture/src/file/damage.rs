//! What can be wrong inside a file that is a capture.

/// Where a file stopped making sense, and why.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Damage {
    /// Place in the (inflated) file.
    pub offset: u64,
    /// What is wrong there.
    pub reason: DamageReason,
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "at byte {}: {}", self.offset, self.reason)
    }
}

/// What is wrong at a damaged place.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DamageReason {
    /// The file ends inside a record.
    #[error("the file ends inside a record")]
    Cut,
    /// The compressed data is corrupt or ends too early.
    #[error("the compressed data is corrupt or cut")]
    Inflate,
    /// A record claims a length that no frame has.
    #[error("a record claims an impossible length")]
    BadLength,
    /// A block's two lengths differ, or a block is too short for its kind.
    #[error("a block contradicts itself")]
    BadBlock,
    /// A section does not start with a known byte order.
    #[error("a section starts with no known byte order")]
    BadSection,
    /// A frame of an interface that the section does not describe.
    #[error("a frame belongs to an interface that is not described")]
    NoSuchInterface,
}
