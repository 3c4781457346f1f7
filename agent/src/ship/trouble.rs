//! Why the collector cannot be used just now, sorted by what the agent does about it.

use std::error::Error as StdError;

use rustls::{AlertDescription, CertificateError};
use tonic::{Code, Status};

/// Longest text of a collector that is shown or logged, in characters.
const MAX_MESSAGE: usize = 300;

/// What keeps the agent from reporting. All of it leaves the data in the spool.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// Nothing answers; try again.
    #[error("the collector cannot be reached: {0}")]
    Unreachable(String),
    /// Something answers, but it is no collector: probably a wrong address or port.
    #[error("what answers at the collector's address is not a gnomon-collector: {0}")]
    NotACollector(String),
    /// The collector does not prove that it is the one that enrolled this agent.
    #[error("the collector's certificate cannot be trusted: {0}")]
    Untrusted(String),
    /// The collector does not take data from this agent: enrol again.
    #[error("the collector refuses this agent: {0}")]
    Refused(String),
    /// The collector does not take this message as it is; a smaller one may do.
    #[error("the collector does not take what it was sent: {0}")]
    Rejected(String),
    /// The collector cannot take data now; try again.
    #[error("the collector cannot take data now: {0}")]
    Busy(String),
    /// This agent's own files or settings stand in the way.
    #[error("{0}")]
    Local(String),
}

impl Trouble {
    /// A word for status and counters.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::NotACollector(_) => "not_a_collector",
            Self::Untrusted(_) => "untrusted",
            Self::Refused(_) => "refused",
            Self::Rejected(_) => "rejected",
            Self::Busy(_) => "busy",
            Self::Local(_) => "local",
        }
    }

    /// Whether trying again soon is of little use.
    pub(crate) const fn is_lasting(&self) -> bool {
        matches!(
            self,
            Self::NotACollector(_) | Self::Untrusted(_) | Self::Refused(_)
        )
    }

    /// From an error while the connection was opened.
    pub(crate) fn from_io(error: &std::io::Error, secured: bool) -> Self {
        if let Some(tls) = tls_error(error) {
            return Self::from_tls(tls);
        }
        if secured && error.kind() == std::io::ErrorKind::UnexpectedEof {
            return Self::NotACollector("it closed the connection during the TLS handshake".into());
        }
        Self::Unreachable(shown(&error.to_string()))
    }

    fn from_tls(error: &rustls::Error) -> Self {
        if let rustls::Error::InvalidCertificate(reason) = error {
            return Self::Untrusted(certificate(reason));
        }
        if let rustls::Error::AlertReceived(alert) = error {
            return from_alert(*alert);
        }
        if matches!(error, rustls::Error::InvalidMessage(_)) {
            return Self::NotACollector("it does not speak TLS".into());
        }
        if matches!(
            error,
            rustls::Error::PeerIncompatible(_) | rustls::Error::PeerMisbehaved(_)
        ) {
            return Self::NotACollector(format!("TLS failed ({error})"));
        }
        Self::Unreachable(format!("TLS failed ({error})"))
    }

    /// From the answer to a call, or from what broke it.
    pub(crate) fn from_status(status: &Status) -> Self {
        if let Some(tls) = tls_error(status) {
            return Self::from_tls(tls);
        }
        let message = shown(status.message());
        match status.code() {
            Code::Unauthenticated | Code::PermissionDenied => Self::Refused(message),
            Code::Unimplemented => Self::NotACollector(message),
            Code::InvalidArgument | Code::OutOfRange => Self::Rejected(message),
            Code::DeadlineExceeded => Self::Unreachable("it does not answer in time".into()),
            Code::Unknown | Code::Cancelled | Code::Unavailable
                if StdError::source(status).is_some() =>
            {
                Self::Unreachable(format!("the connection broke ({message})"))
            }
            Code::Ok
            | Code::Unknown
            | Code::Cancelled
            | Code::Unavailable
            | Code::NotFound
            | Code::AlreadyExists
            | Code::ResourceExhausted
            | Code::FailedPrecondition
            | Code::Aborted
            | Code::Internal
            | Code::DataLoss => Self::Busy(message),
        }
    }
}

fn from_alert(alert: AlertDescription) -> Trouble {
    let refused = |reason: &str| Trouble::Refused(format!("{reason}; enrol this agent again"));
    if alert == AlertDescription::NoApplicationProtocol {
        return Trouble::NotACollector("it does not speak HTTP/2".into());
    }
    if alert == AlertDescription::CertificateRevoked {
        return refused("its certificate is revoked");
    }
    if alert == AlertDescription::CertificateExpired {
        return refused("its certificate has expired");
    }
    let unwelcome = [
        AlertDescription::BadCertificate,
        AlertDescription::CertificateUnknown,
        AlertDescription::UnsupportedCertificate,
        AlertDescription::UnknownCA,
        AlertDescription::AccessDenied,
        AlertDescription::DecryptError,
        AlertDescription::CertificateRequired,
    ];
    if unwelcome.contains(&alert) {
        return refused("it does not accept its certificate");
    }
    Trouble::NotACollector(format!("TLS failed ({alert:?})"))
}

fn certificate(reason: &CertificateError) -> String {
    use CertificateError as E;
    if let E::Other(other) = reason {
        return other.0.to_string();
    }
    if matches!(reason, E::Expired | E::ExpiredContext { .. }) {
        return "it has expired, or this machine's clock is wrong".into();
    }
    if matches!(reason, E::NotValidYet | E::NotValidYetContext { .. }) {
        return "it is not valid yet, or this machine's clock is wrong".into();
    }
    if matches!(reason, E::UnknownIssuer | E::BadSignature) {
        return "it does not come from the CA that enrolled this agent".into();
    }
    if matches!(
        reason,
        E::NotValidForName | E::NotValidForNameContext { .. }
    ) {
        return "it is for another host name than the one this agent connects to".into();
    }
    shown(&reason.to_string())
}

/// The TLS error in a chain of errors, looking into I/O errors as well.
fn tls_error<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e rustls::Error> {
    const MAX_DEPTH: usize = 16;
    let mut next = Some(error);
    for _ in 0..MAX_DEPTH {
        let error = next?;
        if let Some(tls) = error.downcast_ref() {
            return Some(tls);
        }
        next = match error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref)
        {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// A foreign text, shortened and without what would steer a terminal.
pub(crate) fn shown(text: &str) -> String {
    crate::text::printable(text)
        .chars()
        .take(MAX_MESSAGE)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_from_an_outage() {
        let refused = Trouble::from_status(&Status::permission_denied("revoked"));
        assert_eq!(refused, Trouble::Refused("revoked".into()));
        assert!(refused.is_lasting());
        let busy = Trouble::from_status(&Status::unavailable("disk full"));
        assert_eq!(busy, Trouble::Busy("disk full".into()));
        assert!(!busy.is_lasting());
    }

    #[test]
    fn a_tls_alert_is_found_inside_an_io_error() {
        let tls = rustls::Error::AlertReceived(AlertDescription::CertificateRevoked);
        let io = std::io::Error::other(tls);
        assert!(matches!(Trouble::from_io(&io, true), Trouble::Refused(_)));
    }

    #[test]
    fn a_foreign_text_is_shortened_and_harmless() {
        assert_eq!(shown("a\u{7}b"), "a?b");
        assert_eq!(shown(&"x".repeat(1000)).len(), MAX_MESSAGE);
    }
}
