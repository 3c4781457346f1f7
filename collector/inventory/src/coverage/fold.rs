//! Coverage put together from sensors and what they reported.

use super::{
    Counters, Coverage, EpochCoverage, EpochPart, Gap, GapReason, MAX_GAPS, SILENT_AFTER,
    SensorCoverage, SensorState,
};
use crate::sensor::{Sensor, SensorId};
use crate::sighting::Epoch;
use crate::time::{Range, Timestamp};

impl Coverage {
    /// Puts together sensors and what they reported. `epochs` are all epochs of all these
    /// sensors, in any order; `now` is the collector's clock.
    #[must_use]
    pub fn fold(
        range: Range,
        sensors: &[Sensor],
        mut epochs: Vec<EpochCoverage>,
        unmanaged_devices: u64,
        now: Timestamp,
    ) -> Self {
        epochs.sort_by(|a, b| order(a).cmp(&order(b)));
        let mut coverage = Self {
            range,
            unmanaged_devices,
            no_longer_matching: 0,
            ..Self::default()
        };
        let mut gaps = Vec::new();
        for sensor in sensors {
            let from = epochs.partition_point(|epoch| epoch.sensor < sensor.id);
            let to = epochs.partition_point(|epoch| epoch.sensor <= sensor.id);
            let own = epochs.get(from..to).unwrap_or_default();
            let row = sensor_coverage(sensor, own, now);
            coverage.add_epochs(own);
            gaps.extend(gaps_of(&row, own));
            coverage.sensors.push(row);
        }
        gaps.retain(|gap| range.overlaps(gap.from, gap.to.unwrap_or(now)));
        gaps.sort();
        coverage.gaps_total = u64::try_from(gaps.len()).unwrap_or(u64::MAX);
        gaps.truncate(MAX_GAPS);
        coverage.gaps = gaps;
        coverage
    }

    /// Sensors in a state.
    #[must_use]
    pub fn sensors_in(&self, state: SensorState) -> u64 {
        let count = self
            .sensors
            .iter()
            .filter(|sensor| sensor.state == state)
            .count();
        u64::try_from(count).unwrap_or(u64::MAX)
    }

    fn add_epochs(&mut self, epochs: &[EpochCoverage]) {
        for (epoch, part) in parts(epochs) {
            self.counters.add(&part.counters);
            self.replay |= epoch.replay;
            let earliest = self
                .first_seen
                .map_or(part.first_seen, |t| t.min(part.first_seen));
            self.first_seen = Some(earliest);
            self.last_seen = self.last_seen.max(Some(part.last_seen));
        }
    }
}

fn order(epoch: &EpochCoverage) -> (&SensorId, Timestamp, Epoch) {
    (&epoch.sensor, epoch.first_seen, epoch.epoch)
}

fn parts(epochs: &[EpochCoverage]) -> impl Iterator<Item = (&EpochCoverage, EpochPart)> {
    epochs
        .iter()
        .filter_map(|epoch| epoch.part.map(|part| (epoch, part)))
}

fn sensor_coverage(sensor: &Sensor, epochs: &[EpochCoverage], now: Timestamp) -> SensorCoverage {
    let mut counters = Counters::default();
    for (_, part) in parts(epochs) {
        counters.add(&part.counters);
    }
    let state = state_of(sensor, epochs, now);
    let heartbeat = sensor.heartbeat.as_ref();
    SensorCoverage {
        sensor: sensor.id.clone(),
        hostname: sensor.hostname.clone(),
        mode: sensor.mode().to_owned(),
        state,
        last_heartbeat: heartbeat.map(|(at, _)| *at),
        last_seen: sensor.last_seen,
        silent_since: sensor.last_seen.filter(|_| state == SensorState::Silent),
        clock_offset_ns: heartbeat.map(|(_, beat)| beat.clock_offset_ns),
        shed_records: heartbeat.map_or(0, |(_, beat)| beat.spool.shed_records),
        degradations: heartbeat
            .map(|(_, beat)| beat.degradations.clone())
            .unwrap_or_default(),
        replay: parts(epochs).any(|(epoch, _)| epoch.replay),
        counters,
    }
}

fn state_of(sensor: &Sensor, epochs: &[EpochCoverage], now: Timestamp) -> SensorState {
    let Some(last_seen) = sensor.last_seen else {
        return if sensor.revoked_at.is_some() {
            SensorState::Revoked
        } else {
            SensorState::Waiting
        };
    };
    let only_replays = !epochs.is_empty() && epochs.iter().all(|epoch| epoch.replay);
    if sensor.revoked_at.is_some() {
        SensorState::Revoked
    } else if now.since(last_seen) <= SILENT_AFTER {
        SensorState::Reporting
    } else if sensor.mode() == "replay" || only_replays {
        SensorState::Replayed
    } else {
        SensorState::Silent
    }
}

/// Between the live epochs of one sensor, and since it fell silent. Captures have gaps by nature.
fn gaps_of(sensor: &SensorCoverage, epochs: &[EpochCoverage]) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let mut covered: Option<(Timestamp, bool)> = None;
    for epoch in epochs.iter().filter(|epoch| !epoch.replay) {
        if let Some((until, closed)) = covered
            && epoch.first_seen > until
        {
            let reason = if closed {
                GapReason::ShutDown
            } else {
                GapReason::Stopped
            };
            let to = Some(epoch.first_seen);
            gaps.push(Gap {
                from: until,
                to,
                sensor: sensor.sensor.clone(),
                reason,
            });
        }
        if covered.is_none_or(|(until, _)| epoch.last_seen >= until) {
            covered = Some((epoch.last_seen, epoch.closed));
        }
    }
    if let Some(since) = sensor.silent_since {
        let reason = GapReason::Silent;
        gaps.push(Gap {
            from: since,
            to: None,
            sensor: sensor.sensor.clone(),
            reason,
        });
    }
    gaps
}
