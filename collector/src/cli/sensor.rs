//! `sensor list`, `sensor revoke`.

use anyhow::{Context, Result};
use clap::Subcommand;
use inventory::{Sensor, SensorId, Timestamp};
use serde::Serialize;
use store::Store;

use super::output::{self, Format, Row};
use super::{Place, actor};
use crate::clock;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List sensors
    #[command(after_help = "Example:\n  gnomon-collector sensor list")]
    List {
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Refuse a sensor from now on; what it reported stays
    #[command(
        after_help = "Example:\n  gnomon-collector sensor revoke 6f1c1f0e-7f0b-4c1e-9d8e-0b6f6f1c2a3b"
    )]
    Revoke {
        /// Its id, as `sensor list` shows it
        id: String,
    },
}

impl Command {
    pub(super) fn run(self, place: &Place) -> Result<()> {
        match self {
            Self::List { format } => list(place, format),
            Self::Revoke { id } => revoke(place, &id),
        }
    }
}

#[derive(Serialize)]
struct Listed {
    id: String,
    hostname: String,
    os: String,
    agent_version: String,
    mode: String,
    state: &'static str,
    enrolled_at: Timestamp,
    last_seen: Option<Timestamp>,
    certificate_until: Option<Timestamp>,
}

impl Row for Listed {
    const HEADER: &'static [&'static str] = &[
        "id",
        "hostname",
        "os",
        "agent_version",
        "mode",
        "state",
        "enrolled_at",
        "last_seen",
        "certificate_until",
    ];
    const NONE: &'static str =
        "no sensors; enrol one with a token from `gnomon-collector token create`";

    fn cells(&self) -> Vec<String> {
        let shown = |time: Option<Timestamp>| time.map(output::moment).unwrap_or_default();
        vec![
            self.id.clone(),
            self.hostname.clone(),
            self.os.clone(),
            self.agent_version.clone(),
            self.mode.clone(),
            self.state.to_owned(),
            output::moment(self.enrolled_at),
            shown(self.last_seen),
            shown(self.certificate_until),
        ]
    }
}

fn list(place: &Place, format: Format) -> Result<()> {
    let store = place.open()?;
    let mut rows = Vec::new();
    for sensor in store.sensors().context("read the sensors")? {
        let newest = store
            .certificates(&sensor.id)?
            .into_iter()
            .map(|cert| cert.not_after)
            .max();
        rows.push(listed(sensor, newest));
    }
    output::rows(&rows, format)
}

fn listed(sensor: Sensor, certificate_until: Option<Timestamp>) -> Listed {
    Listed {
        mode: sensor.mode().to_owned(),
        id: sensor.id.to_string(),
        hostname: sensor.hostname,
        os: sensor.os,
        agent_version: sensor.agent_version,
        state: if sensor.revoked_at.is_some() {
            "revoked"
        } else {
            "enrolled"
        },
        enrolled_at: sensor.enrolled_at,
        last_seen: sensor.last_seen,
        certificate_until,
    }
}

fn revoke(place: &Place, id: &str) -> Result<()> {
    let store = place.open()?;
    let revoked = store.revoke_sensor(&SensorId::new(id), &actor(), clock::now())?;
    anyhow::ensure!(
        revoked,
        "there is no sensor {id} that could be revoked; see `gnomon-collector sensor list`"
    );
    output::line(&format!("sensor {id} is revoked"))
}
