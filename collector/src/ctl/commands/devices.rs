//! `gnomon devices`.

use std::cmp::Reverse;

use inventory::Timestamp;

use super::look::{agent, people, stage};
use super::show::Row;
use crate::api::views::DeviceView;
use crate::ctl::output::{Cell, Column, Tone, ago, bytes, count};

/// Services named in one row of the table.
const MAX_NAMED: usize = 4;

impl Row for DeviceView {
    const PATH: &'static str = "/devices";
    const NONE: &'static str = "No device matches that uses an AI service.";
    const COLUMNS: &'static [Column] = &[
        Column::left("DEVICE", 0),
        Column::left("ID", 6),
        Column::left("AGENT", 3),
        Column::right("UNSANCTIONED", 0),
        Column::left("SERVICES", 0),
        Column::right("USERS", 5),
        Column::left("STAGE", 1),
        Column::right("SENT", 0),
        Column::right("RECEIVED", 7),
        Column::left("SINCE", 4),
        Column::left("LAST SEEN", 0),
    ];
    const CSV: &'static [&'static str] = &[
        "device",
        "device_name",
        "names",
        "sensor",
        "managed",
        "mac",
        "vlan",
        "addresses",
        "unsanctioned_uses",
        "services_total",
        "services",
        "users",
        "stage",
        "bytes_out",
        "bytes_in",
        "flow_count",
        "first_seen",
        "last_seen",
    ];

    fn cells(&self, now: Timestamp) -> Vec<Cell> {
        let unsanctioned = self.statuses.unsanctioned;
        let tone = if unsanctioned > 0 {
            Tone::Open
        } else {
            Tone::Good
        };
        vec![
            Cell::new(&self.device.name),
            Cell::new(&self.device.id),
            agent(&self.device),
            Cell::new(&count(unsanctioned)).tone(tone),
            Cell::new(&named(self)),
            Cell::new(&people(self.users)),
            stage(Some(&self.stage)),
            Cell::new(&bytes(self.bytes_out)),
            Cell::new(&bytes(self.bytes_in)),
            Cell::new(&ago(self.first_seen, now)),
            Cell::new(&ago(self.last_seen, now)),
        ]
    }

    fn csv(&self) -> Vec<String> {
        let services: Vec<&str> = self
            .services
            .iter()
            .map(|service| service.id.as_str())
            .collect();
        vec![
            self.device.id.clone(),
            self.device.name.clone(),
            self.device.names.join("; "),
            self.device.sensor.clone(),
            self.device.managed.to_string(),
            self.device.mac.clone().unwrap_or_default(),
            self.device
                .vlan
                .map(|vlan| vlan.to_string())
                .unwrap_or_default(),
            self.device.addresses.join("; "),
            self.statuses.unsanctioned.to_string(),
            self.services_total.to_string(),
            services.join("; "),
            self.users
                .map(|users| users.to_string())
                .unwrap_or_default(),
            self.stage.clone(),
            self.bytes_out.to_string(),
            self.bytes_in.to_string(),
            self.flow_count.to_string(),
            self.first_seen.to_string(),
            self.last_seen.to_string(),
        ]
    }

    fn sort(rows: &mut [Self]) {
        rows.sort_by_key(|row| {
            (
                Reverse(row.statuses.unsanctioned),
                Reverse(row.last_seen),
                row.device.id.clone(),
            )
        });
    }
}

fn named(device: &DeviceView) -> String {
    let ids: Vec<&str> = device
        .services
        .iter()
        .take(MAX_NAMED)
        .map(|service| service.id.as_str())
        .collect();
    let shown = u64::try_from(ids.len()).unwrap_or(u64::MAX);
    let more = device.services_total.saturating_sub(shown);
    let more = if more > 0 {
        format!(" +{more}")
    } else {
        String::new()
    };
    format!("{}{more}", ids.join(", "))
}
