//! Room for connections: so many sensors, so many others, and of one sensor only
//! a few, so that one stolen certificate cannot take the places of all.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use inventory::SensorId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::peer::Peer;

/// Connections without a certificate: people, programs, agents that enrol.
pub const MAX_ANONYMOUS: usize = 1024;
/// Connections of one sensor. An agent has one, and another while it renews.
pub const MAX_OF_ONE_SENSOR: usize = 8;

/// The places there are.
#[derive(Debug)]
pub(super) struct Places {
    sensors: Arc<Semaphore>,
    anonymous: Arc<Semaphore>,
    max_sensors: usize,
    taken: Arc<Mutex<BTreeMap<SensorId, usize>>>,
}

/// One connection's place, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
    _of_sensor: Option<OfSensor>,
}

#[derive(Debug)]
struct OfSensor {
    sensor: SensorId,
    taken: Arc<Mutex<BTreeMap<SensorId, usize>>>,
}

impl Places {
    pub(super) fn new(max_sensors: usize) -> Self {
        Self {
            sensors: Arc::new(Semaphore::new(max_sensors)),
            anonymous: Arc::new(Semaphore::new(MAX_ANONYMOUS)),
            max_sensors,
            taken: Arc::default(),
        }
    }

    /// A place for `peer`; `None` when there are too many like it.
    pub(super) fn take(&self, peer: &Peer) -> Option<Place> {
        let Some(identity) = &peer.identity else {
            let permit = Arc::clone(&self.anonymous).try_acquire_owned().ok()?;
            return Some(Place {
                _permit: permit,
                _of_sensor: None,
            });
        };
        let permit = Arc::clone(&self.sensors).try_acquire_owned().ok()?;
        let of_sensor = self.take_of_sensor(&identity.sensor)?;
        Some(Place {
            _permit: permit,
            _of_sensor: Some(of_sensor),
        })
    }

    fn take_of_sensor(&self, sensor: &SensorId) -> Option<OfSensor> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(sensor.clone()).or_insert(0);
        if *count >= MAX_OF_ONE_SENSOR {
            return None;
        }
        *count += 1;
        Some(OfSensor {
            sensor: sensor.clone(),
            taken: Arc::clone(&self.taken),
        })
    }

    /// Returns when every place is free.
    pub(super) async fn all_free(&self) {
        for (places, all) in [
            (&self.sensors, self.max_sensors),
            (&self.anonymous, MAX_ANONYMOUS),
        ] {
            let all = u32::try_from(all).unwrap_or(u32::MAX);
            drop(places.acquire_many(all).await);
        }
    }
}

impl Drop for OfSensor {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.sensor) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                taken.remove(&self.sensor);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use inventory::Timestamp;

    use super::super::peer::Identity;
    use super::*;

    fn peer(sensor: Option<&str>) -> Peer {
        let identity = sensor.map(|sensor| Identity {
            sensor: SensorId::new(sensor),
            serial: "01".to_owned(),
            not_after: Timestamp::from_nanos(0),
        });
        Peer {
            address: ([192, 0, 2, 1], 1).into(),
            identity,
        }
    }

    #[test]
    fn one_sensor_cannot_take_every_place() {
        let places = Places::new(MAX_OF_ONE_SENSOR + 1);
        let mut held: Vec<_> = (0..MAX_OF_ONE_SENSOR)
            .map(|_| places.take(&peer(Some("a"))).unwrap())
            .collect();
        assert!(places.take(&peer(Some("a"))).is_none());
        let other = places.take(&peer(Some("b"))).unwrap();
        assert!(places.take(&peer(Some("c"))).is_none());
        assert!(places.take(&peer(None)).is_some());
        drop(other);
        held.pop();
        assert!(places.take(&peer(Some("a"))).is_some());
        drop(held);
        assert!(places.taken.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn all_is_free_once_everything_is_given_back() {
        let places = Places::new(3);
        let held = places.take(&peer(None)).unwrap();
        let soon = std::time::Duration::from_millis(20);
        assert!(tokio::time::timeout(soon, places.all_free()).await.is_err());
        drop(held);
        assert!(tokio::time::timeout(soon, places.all_free()).await.is_ok());
    }
}
