//! `gnomon sensors`.

use inventory::Timestamp;

use super::coverage::{clock, state};
use super::show::Row;
use crate::api::views::{InterfaceView, SensorView};
use crate::ctl::output::{Cell, Column, Tone, ago, count};

impl Row for SensorView {
    const PATH: &'static str = "/sensors";
    const NONE: &'static str = "No sensor is enrolled.";
    const COLUMNS: &'static [Column] = &[
        Column::left("SENSOR", 0),
        Column::left("ID", 3),
        Column::left("STATE", 0),
        Column::left("MODE", 2),
        Column::left("OS", 6),
        Column::left("AGENT", 4),
        Column::left("INTERFACES", 1),
        Column::left("LAST HEARD", 0),
        Column::left("CLOCK", 5),
        Column::right("QUEUE", 7),
        Column::right("LOST", 8),
        Column::left("CATALOGUE", 9),
        Column::left("CANNOT", 10),
    ];
    const CSV: &'static [&'static str] = &[
        "sensor",
        "hostname",
        "os",
        "mode",
        "state",
        "agent_version",
        "catalogue_version",
        "enrolled_at",
        "revoked_at",
        "last_heartbeat",
        "last_seen",
        "clock_offset_ms",
        "interfaces",
        "pending_records",
        "shed_records",
        "degradations",
    ];

    fn cells(&self, now: Timestamp) -> Vec<Cell> {
        let (pending, shed) = queue(self);
        let lost = if shed > 0 { Tone::Bad } else { Tone::Plain };
        vec![
            Cell::new(&self.hostname),
            Cell::new(&self.sensor),
            state(&self.state),
            Cell::new(&self.mode),
            Cell::new(&self.os),
            Cell::new(&self.agent_version),
            Cell::or_dash(Some(interfaces(&self.interfaces).as_str())),
            Cell::or_dash(self.last_seen.map(|at| ago(at, now)).as_deref()),
            clock(self.clock_offset_ms),
            Cell::new(&count(pending)),
            Cell::new(&count(shed)).tone(lost),
            Cell::or_dash(self.catalogue_version.as_deref()),
            Cell::or_dash(Some(self.degradations.join("; ").as_str())),
        ]
    }

    fn csv(&self) -> Vec<String> {
        let time = |time: Option<Timestamp>| time.map(|t| t.to_string()).unwrap_or_default();
        let (pending, shed) = queue(self);
        vec![
            self.sensor.clone(),
            self.hostname.clone(),
            self.os.clone(),
            self.mode.clone(),
            self.state.clone(),
            self.agent_version.clone(),
            self.catalogue_version.clone().unwrap_or_default(),
            self.enrolled_at.to_string(),
            time(self.revoked_at),
            time(self.last_heartbeat),
            time(self.last_seen),
            self.clock_offset_ms
                .map(|offset| offset.to_string())
                .unwrap_or_default(),
            interfaces(&self.interfaces),
            pending.to_string(),
            shed.to_string(),
            self.degradations.join("; "),
        ]
    }
}

fn queue(sensor: &SensorView) -> (u64, u64) {
    let spool = sensor.spool.as_ref();
    (
        spool.map_or(0, |s| s.pending_records),
        spool.map_or(0, |s| s.shed_records),
    )
}

fn interfaces(interfaces: &[InterfaceView]) -> String {
    let told = interfaces.iter().map(|interface| match &interface.problem {
        Some(problem) => format!("{}: {problem}", interface.name),
        None if interface.capturing => interface.name.clone(),
        None => format!("{}: not capturing", interface.name),
    });
    told.collect::<Vec<_>>().join(", ")
}
