//! From the store's errors to what an agent is told, in one place.
//!
//! | code | what the agent does |
//! |---|---|
//! | `PERMISSION_DENIED`, `UNAUTHENTICATED` | it is not welcome: it has to enrol again |
//! | `RESOURCE_EXHAUSTED`, `UNAVAILABLE` | it keeps its data and tries again |
//! | `INVALID_ARGUMENT` | the message breaks the protocol |
//!
//! Texts name no path of this machine: the collector's log does.

use store::Error;
use tonic::Status;

/// What an agent is told when the store did not do it.
#[must_use]
pub fn of_store(error: &Error) -> Status {
    match error {
        Error::Full(_) => Status::resource_exhausted("the collector's disk is full"),
        Error::Unwritable { .. } | Error::Io { .. } => {
            Status::unavailable("the collector cannot write its inventory")
        }
        Error::Busy(_) => Status::unavailable("the collector is busy"),
        Error::Corrupt { .. } | Error::TooNew { .. } | Error::Database(_) => {
            Status::unavailable("the collector cannot use its inventory")
        }
        Error::UnknownSensor(_) => Status::permission_denied("this sensor is not enrolled here"),
        Error::Revoked(_) => Status::permission_denied("this sensor is revoked"),
        Error::Invalid(reason) => Status::invalid_argument(reason.to_string()),
        Error::Exists { .. } | Error::BadCursor => {
            Status::internal("the collector made a mistake; its log says more")
        }
    }
}

/// What an agent is told when the collector comes to its end.
#[must_use]
pub fn stopping() -> Status {
    Status::unavailable("the collector is stopping")
}

/// What an agent is told when the work on its message ended before it was done.
#[must_use]
pub fn of_join(error: &tokio::task::JoinError) -> Status {
    if error.is_panic() {
        tracing::error!("the work on a message failed; this is a mistake in the collector");
        return Status::internal("the collector made a mistake; its log says more");
    }
    stopping()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use inventory::SensorId;
    use tonic::Code;

    use super::*;

    #[test]
    fn a_refusal_is_told_from_an_outage_and_names_no_path() {
        let unwritable = Error::Unwritable {
            path: PathBuf::from("/secret/place"),
            source: "read-only".into(),
        };
        let status = of_store(&unwritable);
        assert_eq!(status.code(), Code::Unavailable);
        assert!(!status.message().contains("secret"));
        let revoked = Error::Revoked(SensorId::new("s"));
        assert_eq!(of_store(&revoked).code(), Code::PermissionDenied);
        let unknown = Error::UnknownSensor(SensorId::new("s"));
        assert_eq!(of_store(&unknown).code(), Code::PermissionDenied);
    }
}
