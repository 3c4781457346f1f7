//! Which sensor a call is from. The certificate of the connection says it, and
//! nothing in the message can.

use inventory::{SensorId, Timestamp};
use store::Store;
use tonic::{Request, Status};

use super::counters::Counters;
use super::peer::{Identity, Peer};
use crate::status;

/// The sensor that `request` is from.
///
/// # Errors
///
/// The status to answer with, when the connection showed no certificate or one
/// that has ended since.
pub fn sensor<T>(
    request: &Request<T>,
    counters: &Counters,
    now: Timestamp,
) -> Result<Identity, Status> {
    let identity = request
        .extensions()
        .get::<Peer>()
        .and_then(|peer| peer.identity.clone());
    let checked = identity
        .ok_or_else(|| Status::unauthenticated("this call needs a certificate; enrol first"))
        .and_then(|identity| still_valid(&identity, now).map(|()| identity));
    if checked.is_err() {
        counters.sensor_refused.increment();
    }
    checked
}

/// A connection can be older than the certificate it was opened with is valid.
///
/// # Errors
///
/// The status to answer with, when the certificate has ended.
pub fn still_valid(identity: &Identity, now: Timestamp) -> Result<(), Status> {
    if now > identity.not_after {
        return Err(Status::unauthenticated(
            "the certificate has ended; connect with a new one",
        ));
    }
    Ok(())
}

/// Whether the store still knows this sensor as one of its own. Blocks.
///
/// # Errors
///
/// The status to answer with, when it is revoked or unknown, or nobody can say.
pub fn welcome(store: &dyn Store, sensor: &SensorId) -> Result<(), Status> {
    let known = store
        .sensor(sensor)
        .map_err(|error| status::of_store(&error))?;
    let error = match known {
        Some(known) if known.revoked_at.is_none() => return Ok(()),
        Some(_) => store::Error::Revoked(sensor.clone()),
        None => store::Error::UnknownSensor(sensor.clone()),
    };
    Err(status::of_store(&error))
}

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::super::peer::Peer;
    use super::*;

    fn request(identity: Option<Identity>) -> Request<()> {
        let mut request = Request::new(());
        request.extensions_mut().insert(Peer {
            address: ([192, 0, 2, 1], 1).into(),
            identity,
        });
        request
    }

    #[test]
    fn a_connection_does_not_outlive_its_certificate() {
        let at = Timestamp::from_nanos;
        let identity = Identity {
            sensor: SensorId::new("s"),
            serial: "01".to_owned(),
            not_after: at(100),
        };
        let counters = Counters::default();
        let call = request(Some(identity.clone()));
        assert_eq!(sensor(&call, &counters, at(100)).unwrap(), identity);
        let ended = sensor(&call, &counters, at(101)).unwrap_err();
        assert_eq!(ended.code(), Code::Unauthenticated);
        assert!(sensor(&request(None), &counters, at(0)).is_err());
        assert!(sensor(&Request::new(()), &counters, at(0)).is_err());
        assert_eq!(counters.sensor_refused.get(), 3);
    }
}
