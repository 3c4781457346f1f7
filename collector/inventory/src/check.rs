//! What a sighting must keep to, whoever sent it. The caps bound what one sensor can make a
//! collector hold and show.

use crate::attribution::{Attribution, ProcessIdentity};
use crate::coverage::CoverageWindow;
use crate::sighting::{Evidence, Sighting};
use crate::time::Timestamp;

/// Bytes of an identifier: service, surface, kind, version.
pub const MAX_IDENTIFIER: usize = 128;
/// Bytes of a free text: tenant, process, user, evidence, reasons, names.
pub const MAX_TEXT: usize = 1024;
/// Evidence of one sighting.
pub const MAX_EVIDENCE: usize = 64;
/// Factors, and caveats, of one confidence.
pub const MAX_LIST: usize = 32;
/// Names in one sighting.
pub const MAX_DEVICE_NAMES: usize = 16;
/// Reasons for rejects in one window.
pub const MAX_REJECTS: usize = 256;
/// The largest counter of one sighting or window: more in one window no network carries.
pub const MAX_COUNTER: u64 = 1 << 50;

/// Details of one observation.
pub const MAX_ATTRIBUTES: usize = 16;
/// Bytes of a container's id.
const MAX_WORD: usize = 128;
/// Bytes of the value of a detail.
pub const MAX_ATTRIBUTE_VALUE: usize = 128;
/// Processes above a program.
pub const MAX_PARENTS: usize = 8;
/// Bytes of a user's label.
pub const MAX_USER: usize = 256;
/// Bytes of a user's name that was sealed twice.
pub const MAX_SEALED: usize = 1024;

/// Why a sighting or window is refused for good.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Invalid {
    /// A field that must be there is empty.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// A field is longer than its cap, or a list has more entries.
    #[error("{field} is longer than {cap}")]
    TooLong {
        /// The field.
        field: &'static str,
        /// Its cap.
        cap: usize,
    },
    /// An identifier holds other than lower-case letters, digits, `-`, `_`, `.`, `+`.
    #[error("{0} holds characters that no identifier has")]
    NotAnIdentifier(&'static str),
    /// A counter is larger than [`MAX_COUNTER`].
    #[error("{0} is larger than any network carries in one window")]
    TooMuch(&'static str),
    /// The end is before the beginning.
    #[error("last_seen is before first_seen")]
    EndsBeforeItBegins,
    /// A name was sealed, but no user is named that it could belong to.
    #[error("sealed_user belongs to no user")]
    SealedForNobody,
    /// A SHA-256 is 64 hex digits.
    #[error("sha256 is no SHA-256")]
    NotASha256,
    /// Before 1970.
    #[error("{0} is before 1970")]
    TooEarly(&'static str),
}

impl Sighting {
    /// Checks everything that a later part relies on.
    ///
    /// # Errors
    /// The first field that breaks a rule of this module.
    pub fn check(&self) -> Result<(), Invalid> {
        let key = &self.key;
        identifier("service", &key.service)?;
        identifier("surface", &key.surface)?;
        identifier("catalogue_version", &self.catalogue_version)?;
        optional("tenant", key.tenant.as_deref())?;
        optional("process", key.process.as_deref())?;
        optional("user", key.user.as_deref())?;
        count("user", key.user.as_ref().map_or(0, String::len), MAX_USER)?;
        times(self.first_seen, self.last_seen)?;
        time("window_start", key.window_start)?;
        counter("flow_count", self.flow_count)?;
        counter("bytes_out", self.bytes_out)?;
        counter("bytes_in", self.bytes_in)?;
        count("evidence", self.evidence.len(), MAX_EVIDENCE)?;
        self.evidence.iter().try_for_each(evidence)?;
        texts("factors", &self.confidence.factors, MAX_LIST)?;
        texts("does_not_prove", &self.confidence.does_not_prove, MAX_LIST)?;
        texts("device_names", &self.device_names, MAX_DEVICE_NAMES)?;
        count("sealed_user", self.sealed_user.len(), MAX_SEALED)?;
        if !self.sealed_user.is_empty() && key.user.is_none() {
            return Err(Invalid::SealedForNobody);
        }
        attribution(&self.attribution)
    }
}

impl CoverageWindow {
    /// Checks everything that a later part relies on.
    ///
    /// # Errors
    /// The first field that breaks a rule of this module.
    pub fn check(&self) -> Result<(), Invalid> {
        times(self.first_seen, self.last_seen)?;
        time("window_start", self.window_start)?;
        count("rejects", self.rejects.len(), MAX_REJECTS)?;
        for (reason, number) in &self.rejects {
            text("reject", reason)?;
            counter("reject", *number)?;
        }
        for (field, number) in [
            ("frames", self.frames),
            ("bytes", self.bytes),
            ("frames_dropped", self.frames_dropped),
            ("flows", self.flows),
            ("flows_named", self.flows_named),
            ("flows_hidden", self.flows_hidden),
            ("flows_unnamed", self.flows_unnamed),
            ("flows_mid_stream", self.flows_mid_stream),
            ("flows_evicted", self.flows_evicted),
            ("flows_encrypted_dns", self.flows_encrypted_dns),
            ("flows_tunnelled", self.flows_tunnelled),
        ] {
            counter(field, number)?;
        }
        Ok(())
    }
}

fn attribution(attribution: &Attribution) -> Result<(), Invalid> {
    text("reason", &attribution.reason)?;
    text("client_class_reason", &attribution.client.reason)?;
    optional("later_user", attribution.later_user.as_deref())?;
    attribution.process.as_ref().map_or(Ok(()), process)
}

fn process(process: &ProcessIdentity) -> Result<(), Invalid> {
    text("executable", &process.executable)?;
    text("name", &process.name)?;
    optional("command", process.command.as_deref())?;
    if let Some(sha256) = &process.sha256
        && !(sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit()))
    {
        return Err(Invalid::NotASha256);
    }
    if let Some(package) = &process.package {
        identifier("package_kind", &package.kind)?;
        text("package_name", &package.name)?;
    }
    if let Some(container) = &process.container {
        optional("container", Some(container))?;
        count("container", container.len(), MAX_WORD)?;
    }
    count("parents", process.parents.len(), MAX_PARENTS)?;
    let mut parents = process.parents.iter();
    parents.try_for_each(|parent| text("parent name", &parent.name))
}

fn evidence(evidence: &Evidence) -> Result<(), Invalid> {
    count("attributes", evidence.attributes.len(), MAX_ATTRIBUTES)?;
    for attribute in &evidence.attributes {
        identifier("attribute name", &attribute.name)?;
        let length = attribute.value.len();
        count("attribute value", length, MAX_ATTRIBUTE_VALUE)?;
    }
    identifier("evidence kind", &evidence.kind)?;
    identifier("evidence catalogue_version", &evidence.catalogue_version)?;
    text("evidence value", &evidence.value)?;
    text("evidence indicator", &evidence.indicator)?;
    counter("evidence count", evidence.count)
}

fn identifier(field: &'static str, value: &str) -> Result<(), Invalid> {
    if value.is_empty() {
        return Err(Invalid::Empty(field));
    }
    if value.len() > MAX_IDENTIFIER {
        return Err(Invalid::TooLong {
            field,
            cap: MAX_IDENTIFIER,
        });
    }
    let fits = |byte: u8| {
        byte.is_ascii_lowercase()
            || byte.is_ascii_digit()
            || matches!(byte, b'-' | b'_' | b'.' | b'+')
    };
    if value.bytes().all(fits) {
        Ok(())
    } else {
        Err(Invalid::NotAnIdentifier(field))
    }
}

fn optional(field: &'static str, value: Option<&str>) -> Result<(), Invalid> {
    match value {
        Some("") => Err(Invalid::Empty(field)),
        Some(value) => text(field, value),
        None => Ok(()),
    }
}

fn text(field: &'static str, value: &str) -> Result<(), Invalid> {
    count(field, value.len(), MAX_TEXT)
}

fn texts(field: &'static str, values: &[String], cap: usize) -> Result<(), Invalid> {
    count(field, values.len(), cap)?;
    values.iter().try_for_each(|value| text(field, value))
}

fn count(field: &'static str, length: usize, cap: usize) -> Result<(), Invalid> {
    if length > cap {
        Err(Invalid::TooLong { field, cap })
    } else {
        Ok(())
    }
}

fn counter(field: &'static str, value: u64) -> Result<(), Invalid> {
    if value > MAX_COUNTER {
        Err(Invalid::TooMuch(field))
    } else {
        Ok(())
    }
}

fn time(field: &'static str, value: Timestamp) -> Result<(), Invalid> {
    if value.as_nanos() < 0 {
        Err(Invalid::TooEarly(field))
    } else {
        Ok(())
    }
}

fn times(first: Timestamp, last: Timestamp) -> Result<(), Invalid> {
    time("first_seen", first)?;
    if last < first {
        Err(Invalid::EndsBeforeItBegins)
    } else {
        Ok(())
    }
}
