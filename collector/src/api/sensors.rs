//! `GET /sensors`: enrolled agents with what they last said about themselves.

use std::collections::BTreeMap;

use axum::extract::State;
use http::Uri;
use inventory::{Heartbeat, Range, Sensor, SensorCoverage};

use super::access::Viewer;
use super::answer::{Answer, Site};
use super::coverage::{cut, view};
use super::cursor;
use super::params::{self, Params};
use super::problem::Problem;
use super::views::{InterfaceView, SENSORS_IN_ANSWER, SensorView, SpoolView};

pub(super) const PATH: &str = "/sensors";
pub(super) const PARAMS: &[&[&str]] = &[params::PAGE];

pub(super) async fn list(
    _: Viewer,
    State(site): State<Site>,
    uri: Uri,
) -> Result<Answer<SensorView>, Problem> {
    let work = site.work(move |desk| {
        let mut params = Params::read(PATH, &uri, PARAMS);
        let page = params.page();
        params.check()?;
        let coverage = desk.store.coverage(Range::ALL, desk.now)?;
        let states: BTreeMap<_, _> = coverage
            .sensors
            .iter()
            .map(|sensor| (&sensor.sensor, sensor))
            .collect();
        let sensors = desk.store.sensors()?;
        let rows = sensors
            .iter()
            .map(|sensor| row(sensor, states.get(&sensor.id).copied()));
        let (items, next) = cut(rows.collect(), |row| &row.sensor, &page);
        let fingerprint = params.fingerprint();
        Ok(Answer {
            items,
            coverage: view(&coverage, SENSORS_IN_ANSWER),
            next: next.map(|next| cursor::encode(&fingerprint, &next)),
        })
    });
    work.await
}

fn row(sensor: &Sensor, coverage: Option<&SensorCoverage>) -> SensorView {
    let heartbeat = sensor.heartbeat.as_ref().map(|(_, heartbeat)| heartbeat);
    let spool = |beat: &Heartbeat| SpoolView {
        pending_records: beat.spool.pending_records,
        pending_bytes: beat.spool.pending_bytes,
        shed_records: beat.spool.shed_records,
        shed_bytes: beat.spool.shed_bytes,
    };
    SensorView {
        sensor: sensor.id.to_string(),
        hostname: sensor.hostname.clone(),
        os: sensor.os.clone(),
        mode: sensor.mode().to_owned(),
        // A sensor that enrolled between the two questions was not heard from.
        state: coverage
            .map_or("waiting", |row| row.state.as_str())
            .to_owned(),
        agent_version: sensor.agent_version.clone(),
        catalogue_version: heartbeat.map(|beat| beat.catalogue_version.clone()),
        enrolled_at: sensor.enrolled_at,
        revoked_at: sensor.revoked_at,
        last_heartbeat: sensor.heartbeat.as_ref().map(|(at, _)| *at),
        last_seen: sensor.last_seen,
        clock_offset_ms: heartbeat.map(|beat| beat.clock_offset_ns / 1_000_000),
        interfaces: heartbeat.map(interfaces).unwrap_or_default(),
        spool: heartbeat.map(spool),
        degradations: heartbeat
            .map(|beat| beat.degradations.clone())
            .unwrap_or_default(),
        counters: heartbeat
            .map(|beat| beat.counters.iter().cloned().collect())
            .unwrap_or_default(),
    }
}

fn interfaces(heartbeat: &Heartbeat) -> Vec<InterfaceView> {
    let interfaces = heartbeat.interfaces.iter().map(|interface| InterfaceView {
        name: interface.name.clone(),
        backend: interface.backend.clone(),
        capturing: interface.capturing,
        problem: (!interface.problem.is_empty()).then(|| interface.problem.clone()),
        frames: interface.frames,
        frames_dropped: interface.frames_dropped,
    });
    interfaces.collect()
}
