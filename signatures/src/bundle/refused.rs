//! Why a bundle is refused.

use super::KeyId;
use crate::LoadError;

/// Says why a bundle was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Larger than any bundle may be.
    #[error("it is larger than {} bytes", super::MAX_BUNDLE_BYTES)]
    TooLarge,
    /// Something else than a bundle.
    #[error("it is no catalogue bundle")]
    NotABundle,
    /// A format that this program does not know.
    #[error("it has format {0}, this program reads format 1")]
    Format(u8),
    /// Its end is missing.
    #[error("it is cut off")]
    Truncated,
    /// Nobody signed it.
    #[error("it is not signed")]
    NotSigned,
    /// What stands at the place of the signature is none, or more than one.
    #[error("its signature {0}")]
    SignatureText(&'static str),
    /// Signed, but with a key that is not the trusted one.
    #[error("it is signed with the key {found}, trusted is {trusted}")]
    OtherKey {
        /// As the signature says.
        found: KeyId,
        /// The one that counts here.
        trusted: KeyId,
    },
    /// The signature is not over these bytes.
    #[error("its signature is wrong: it was changed, or somebody else made it")]
    WrongSignature,
    /// The manifest does not say what it has to.
    #[error("its manifest {0}")]
    Manifest(String),
    /// The content is not what the manifest says.
    #[error("its content is damaged: {0}")]
    Content(&'static str),
    /// Not newer than what was accepted before.
    #[error("it has version {offered}, and version {newest} was accepted before")]
    Older {
        /// Of the bundle.
        offered: u64,
        /// Highest ever accepted.
        newest: u64,
    },
    /// Its files make no catalogue.
    #[error("its catalogue has problems: {0}")]
    Catalogue(LoadError),
}

impl Refused {
    /// Returns one word for counters.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::NotABundle => "not_a_bundle",
            Self::Format(_) => "format",
            Self::Truncated => "truncated",
            Self::NotSigned => "not_signed",
            Self::SignatureText(_) => "signature_text",
            Self::OtherKey { .. } => "other_key",
            Self::WrongSignature => "wrong_signature",
            Self::Manifest(_) => "manifest",
            Self::Content(_) => "content",
            Self::Older { .. } => "older",
            Self::Catalogue(_) => "catalogue",
        }
    }
}
