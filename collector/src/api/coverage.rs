//! `GET /coverage`, and the coverage that goes with every other answer.

use axum::extract::State;
use http::Uri;
use inventory::{Counters, Coverage, Cursor, GapReason, SensorCoverage, SensorState};

use super::access::Viewer;
use super::answer::{Answer, Site};
use super::cursor;
use super::params::{self, Params};
use super::problem::Problem;
use super::views::{CoverageView, GapView, SensorCounts, SensorCoverageView, TrafficView};

pub(super) const PATH: &str = "/coverage";
pub(super) const PARAMS: &[&[&str]] = &[params::RANGE, params::PAGE];

/// Gaps listed with an answer about something else.
const GAPS_IN_ANSWER: usize = 20;
const NANOS_PER_MILLI: i64 = 1_000_000;

pub(super) async fn list(
    _: Viewer,
    State(site): State<Site>,
    uri: Uri,
) -> Result<Answer<SensorCoverageView>, Problem> {
    let work = site.work(move |desk| {
        let mut params = Params::read(PATH, &uri, PARAMS);
        let range = params.range();
        let page = params.page();
        params.check()?;
        let coverage = desk.store.coverage(range, desk.now)?;
        let sensors = coverage.sensors.iter().map(sensor_view);
        let (items, next) = cut(sensors.collect(), |row| &row.sensor, &page);
        let fingerprint = params.fingerprint();
        let mut summary = view(&coverage, 0);
        summary.gaps = coverage.gaps.iter().map(gap_view).collect();
        Ok(Answer {
            items,
            coverage: summary,
            next: next.map(|next| cursor::encode(&fingerprint, &next)),
        })
    });
    work.await
}

/// Cuts a page out of rows that are in order of a unique text.
pub(super) fn cut<T>(
    rows: Vec<T>,
    id: impl Fn(&T) -> &str,
    page: &inventory::PageRequest,
) -> (Vec<T>, Option<Cursor>) {
    let after = page.after.as_ref().and_then(|cursor| cursor.0.first());
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let mut rest = rows
        .into_iter()
        .skip_while(|row| after.is_some_and(|after| id(row) <= after.as_str()));
    let items: Vec<T> = rest.by_ref().take(limit).collect();
    let more = rest.next().is_some();
    let last = items.last().filter(|_| more);
    let next = last.map(|last| Cursor(vec![id(last).to_owned()]));
    (items, next)
}

/// The coverage of an answer, with at most `sensors` sensors, those that do not report first.
pub(super) fn view(coverage: &Coverage, sensors: usize) -> CoverageView {
    let mut listed: Vec<&SensorCoverage> = coverage.sensors.iter().collect();
    listed.sort_by_key(|sensor| sensor.state != SensorState::Silent);
    let omitted = listed.len().saturating_sub(sensors);
    CoverageView {
        since: coverage.range.since,
        until: coverage.range.until,
        first_seen: coverage.first_seen,
        last_seen: coverage.last_seen,
        replay: coverage.replay,
        sensors: counts(coverage),
        sensor_list: listed.into_iter().take(sensors).map(sensor_view).collect(),
        sensors_omitted: u64::try_from(omitted).unwrap_or(u64::MAX),
        traffic: traffic_view(&coverage.counters),
        gaps: coverage
            .gaps
            .iter()
            .take(GAPS_IN_ANSWER)
            .map(gap_view)
            .collect(),
        gaps_total: coverage.gaps_total,
        unmanaged_devices: coverage.unmanaged_devices,
        findings_no_longer_matching: coverage.no_longer_matching,
        notes: notes(coverage),
    }
}

fn counts(coverage: &Coverage) -> SensorCounts {
    SensorCounts {
        total: u64::try_from(coverage.sensors.len()).unwrap_or(u64::MAX),
        reporting: coverage.sensors_in(SensorState::Reporting),
        silent: coverage.sensors_in(SensorState::Silent),
        waiting: coverage.sensors_in(SensorState::Waiting),
        replayed: coverage.sensors_in(SensorState::Replayed),
        revoked: coverage.sensors_in(SensorState::Revoked),
    }
}

pub(super) fn sensor_view(sensor: &SensorCoverage) -> SensorCoverageView {
    SensorCoverageView {
        sensor: sensor.sensor.to_string(),
        hostname: sensor.hostname.clone(),
        mode: sensor.mode.clone(),
        state: sensor.state.to_string(),
        last_heartbeat: sensor.last_heartbeat,
        last_seen: sensor.last_seen,
        silent_since: sensor.silent_since,
        clock_offset_ms: sensor.clock_offset_ns.map(|nanos| nanos / NANOS_PER_MILLI),
        shed_records: sensor.shed_records,
        degradations: sensor.degradations.clone(),
        replay: sensor.replay,
        traffic: traffic_view(&sensor.counters),
    }
}

fn traffic_view(counters: &Counters) -> TrafficView {
    TrafficView {
        frames: counters.frames,
        bytes: counters.bytes,
        frames_dropped: counters.frames_dropped,
        dropped_share: counters.dropped_share(),
        flows: counters.flows,
        flows_named: counters.flows_named,
        flows_hidden: counters.flows_hidden,
        hidden_share: counters.hidden_share(),
        flows_unnamed: counters.flows_unnamed,
        flows_mid_stream: counters.flows_mid_stream,
        flows_evicted: counters.flows_evicted,
        flows_encrypted_dns: counters.flows_encrypted_dns,
        flows_tunnelled: counters.flows_tunnelled,
    }
}

fn gap_view(gap: &inventory::Gap) -> GapView {
    GapView {
        from: gap.from,
        to: gap.to,
        sensor: gap.sensor.to_string(),
        reason: gap.reason.to_string(),
    }
}

/// What must be said so that no answer, an empty one least of all, reads as more than it is.
fn notes(coverage: &Coverage) -> Vec<String> {
    let mut notes = Vec::new();
    let mut note = |text: String| notes.push(text);
    if coverage.sensors.is_empty() {
        note("no sensor is enrolled, so nothing can be said about the use of AI services".into());
    } else if coverage.first_seen.is_none() {
        note(
            "no sensor reported traffic in this range: an empty answer means no data, not that \
             no AI service was used"
                .into(),
        );
    }
    let silent = coverage.sensors_in(SensorState::Silent);
    if silent > 0 {
        note(format!(
            "{silent} of {} sensors silent now",
            coverage.sensors.len()
        ));
    }
    let waiting = coverage.sensors_in(SensorState::Waiting);
    if waiting > 0 {
        note(format!("{waiting} enrolled, but never heard from"));
    }
    let counters = &coverage.counters;
    if counters.frames_dropped > 0 {
        note(format!(
            "{} packets were dropped unseen",
            counters.frames_dropped
        ));
    }
    let shed: u64 = coverage
        .sensors
        .iter()
        .map(|sensor| sensor.shed_records)
        .sum();
    if shed > 0 {
        note(format!(
            "{shed} reports were lost on sensors whose queue was full"
        ));
    }
    if counters.flows_hidden > 0 {
        note(format!(
            "{} flows hide their name and may be of any service",
            counters.flows_hidden
        ));
    }
    if counters.flows_tunnelled > 0 {
        note(format!(
            "{} flows are tunnels whose inside is not seen",
            counters.flows_tunnelled
        ));
    }
    let stopped = coverage
        .gaps
        .iter()
        .filter(|gap| gap.reason == GapReason::Stopped)
        .count();
    if stopped > 0 {
        note(format!(
            "{stopped} times an agent stopped without closing its window"
        ));
    }
    if coverage.replay {
        note("captures were replayed: their times are those of the capture".into());
    }
    notes
}
