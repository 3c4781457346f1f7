//! `status`: how the running agent is doing.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Result, bail};
use serde::Serialize;

use super::print_json;
use crate::cli::ObjectFormat;
use crate::config::Config;
use crate::console::print;
use crate::health::{Interface, Status};
use crate::state::StateDir;
use crate::state::status::{Found, read};
use crate::text::{self, bytes, counted, printable, short_time, span};

/// The status with the word that matters most.
#[derive(Serialize)]
struct Shown<'s> {
    running: bool,
    #[serde(flatten)]
    status: &'s Status,
}

/// Prints the status; without a running agent it says so and fails.
pub(crate) fn status(config: &Config, format: ObjectFormat) -> Result<()> {
    let state = StateDir::new(&config.state_dir);
    let now = text::now();
    let (status, running) = match read(&state, now)? {
        Found::Running(status) => (status, true),
        Found::Ended(status) => (status, false),
        Found::Nothing => bail!(
            "no agent runs, and none ever ran with the state folder {}",
            state.root().display()
        ),
    };
    if format == ObjectFormat::Json {
        print_json(&Shown {
            running,
            status: &status,
        })?;
    }
    if !running {
        let how = if status.stopped { "ended" } else { "was lost" };
        bail!(
            "no agent runs; the last one {how} on {}",
            short_time(status.written_at_ns)
        );
    }
    if format == ObjectFormat::Text {
        print(describe(&status, now).as_bytes())?;
    }
    Ok(())
}

fn describe(status: &Status, now: i64) -> String {
    let mut text = String::new();
    let mode = if status.replay {
        "replay"
    } else {
        status.mode.as_str()
    };
    line(
        &mut text,
        "Agent",
        &format!(
            "{} ({mode}) runs as process {} since {}",
            status.agent_version,
            status.pid,
            to_the_second(&status.started_at)
        ),
    );
    collector(&mut text, status, now);
    let spool = &status.spool;
    line(
        &mut text,
        "Spool",
        &format!(
            "{} waiting, {} of {}",
            counted(spool.pending_records, "record"),
            bytes(spool.pending_bytes),
            bytes(spool.max_bytes)
        ),
    );
    let bundle = match status.catalogue.bundle {
        0 => "the program's own".to_owned(),
        number => format!("bundle {number}"),
    };
    line(
        &mut text,
        "Catalogue",
        &format!("{} ({bundle})", status.catalogue_version),
    );
    line(&mut text, "Users", &status.privacy.line());
    for interface in status.interfaces.values() {
        let state = match (&interface.problem, interface.capturing) {
            (_, true) => format!("capturing through {}", interface.backend),
            (Some(problem), false) => format!("not capturing: {problem}"),
            (None, false) => "not capturing".to_owned(),
        };
        line(
            &mut text,
            "Interface",
            &format!(
                "{}: {state}; {}, {}, {} dropped{}",
                interface.name,
                counted(interface.frames, "frame"),
                bytes(interface.bytes),
                interface.frames_dropped,
                filtered(interface)
            ),
        );
    }
    endpoint(&mut text, status, now);
    for degradation in &status.degradations {
        line(&mut text, "Reduced", degradation);
    }
    let age = Duration::from_nanos(now.saturating_sub(status.written_at_ns).unsigned_abs());
    if age > Duration::from_secs(30) {
        line(&mut text, "Warning", &format!("this is {} old", span(age)));
    }
    text
}

/// What was not read because it can carry no name.
fn filtered(interface: &Interface) -> String {
    match interface.filter.as_str() {
        "" | "off" => String::new(),
        "classic" => "; most are filtered in the kernel, uncounted (classic BPF)".to_owned(),
        filter => format!(
            "; {} ({}) filtered in the kernel ({filter})",
            counted(interface.frames_filtered, "frame"),
            bytes(interface.bytes_filtered)
        ),
    }
}

/// Whose flows are, what is on the machine, and what the process may do.
fn endpoint(text: &mut String, status: &Status, now: i64) {
    if !status.attribution.backend.is_empty() {
        let count = |name: &str| status.counters.get(name).copied().unwrap_or_default();
        let figures = format!(
            "through {}; {} exact, {} from tables, {} unknown",
            status.attribution.backend,
            counted(count("flows_attributed_exact"), "flow"),
            count("flows_attributed_polled"),
            count("flows_attributed_unknown"),
        );
        line(text, "Programs", &figures);
    }
    if status.presence.enabled {
        let scanned = status.presence.scanned_at_ns.map_or_else(
            || "no scan is finished yet".to_owned(),
            |at| {
                let age = Duration::from_nanos(now.saturating_sub(at).unsigned_abs());
                let traces = counted(status.presence.traces, "trace");
                format!("{traces} of AI tools, scanned {} ago", span(age))
            },
        );
        line(text, "On disk", &scanned);
    }
    for held in &status.capabilities {
        let shown = if held.held {
            format!("{}: {}", held.capability, held.purpose)
        } else {
            format!("{} missing: {}", held.capability, held.without)
        };
        line(text, "Capability", &shown);
    }
    if !status.capabilities.is_empty() && status.privileges_kept.is_none() {
        line(text, "Capability", "all others were let go at the start");
    }
}

fn collector(text: &mut String, status: &Status, now: i64) {
    let collector = &status.collector;
    let Some(sensor) = &collector.sensor_id else {
        line(text, "Collector", "none; this agent is not enrolled");
        return;
    };
    let address = collector.address.as_deref().unwrap_or("unknown");
    let state = match (&collector.problem, collector.connected) {
        (_, true) => "connected".to_owned(),
        (Some(problem), false) => format!("not connected: {problem}"),
        (None, false) => "connecting".to_owned(),
    };
    line(text, "Collector", &format!("{address}, {state}"));
    line(text, "Sensor", sensor);
    let last = collector.last_acknowledged_at.as_deref().map_or_else(
        || "nothing yet in this run".to_owned(),
        |time| {
            let count = counted(collector.records_delivered, "record");
            format!("{count} in this run, the last on {}", to_the_second(time))
        },
    );
    line(text, "Delivered", &last);
    if let Some(at) = collector.certificate_expires_at_ns {
        let left = u64::try_from(at.saturating_sub(now)).unwrap_or(0);
        let left = span(Duration::from_nanos(left));
        line(
            text,
            "Certificate",
            &format!("until {}, {left} left", short_time(at)),
        );
    }
    if let Some(offset) = collector.clock_offset_ms {
        let side = if offset > 0 { "behind" } else { "ahead of" };
        let off = offset.unsigned_abs();
        line(text, "Clock", &format!("{off} ms {side} the collector's"));
    }
}

fn to_the_second(time: &str) -> String {
    time.split_once('.')
        .map_or_else(|| time.to_owned(), |(second, _)| format!("{second}Z"))
}

fn line(text: &mut String, label: &str, value: &str) {
    let written = writeln!(text, "{label:<12} {}", printable(value));
    debug_assert!(written.is_ok(), "writing to memory cannot fail");
}
