//! The reference: sightings folded in memory, in the simplest way that is right.

use std::collections::BTreeMap;

use crate::sensor::SensorId;
use crate::sighting::{Sighting, SightingKey};

/// All sightings, of each key the highest revision.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    sightings: BTreeMap<(SensorId, SightingKey), Sighting>,
}

impl Inventory {
    /// Takes what one sensor reported.
    pub fn record(&mut self, sensor: &SensorId, sightings: &[Sighting]) {
        for sighting in sightings {
            let kept = self
                .sightings
                .entry((sensor.clone(), sighting.key.clone()))
                .or_insert_with(|| sighting.clone());
            if sighting.revision > kept.revision {
                kept.clone_from(sighting);
            }
        }
    }
}
