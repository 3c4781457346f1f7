//! Scans that follow changes, on the thread that the agent uses.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use flow::{TraceKind, Wanted};
use host::presence::{Pace, Scan, Worker};

use super::device::{Device, count, tool_rows};

const PACE: Pace = Pace {
    interval: Duration::from_secs(600),
    interval_on_battery: Duration::from_secs(600),
    quiet: Duration::from_millis(50),
    least: Duration::from_millis(50),
};

fn next(worker: &Worker) -> Scan {
    let start = Instant::now();
    loop {
        if let Some(scan) = worker.poll() {
            return scan;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "no scan");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_change_leads_to_a_scan() {
    let device = Device::new();
    device.put_home(".cursor/argv.json", "{}");
    let worker = Worker::start(device.config(), PACE).unwrap();
    let first = next(&worker);
    assert!(tool_rows(&first, TraceKind::McpServer).is_empty());
    if count(&first, "folders_watched") == 0 {
        assert!(
            first
                .degradations
                .iter()
                .any(|told| told.contains("not watched")),
            "{first:?}"
        );
        return;
    }
    device.put_home(
        ".cursor/mcp.json",
        r#"{"mcpServers": {"a": {"url": "https://x.example"}}}"#,
    );
    assert_eq!(tool_rows(&next(&worker), TraceKind::McpServer).len(), 1);
    device.put_home("thesis.odt", "a file in the home folder itself is no news");
    thread::sleep(Duration::from_millis(500));
    assert!(worker.poll().is_none());
    device.put_home(
        ".claude.json",
        r#"{"mcpServers": {"b": {"url": "https://x.example"}}}"#,
    );
    assert_eq!(tool_rows(&next(&worker), TraceKind::McpServer).len(), 2);
}

#[test]
fn another_catalogue_is_looked_for_at_once() {
    let device = Device::with(Wanted::default());
    device.put_home(".local/bin/aider", "");
    let worker = Worker::start(device.config(), PACE).unwrap();
    assert!(next(&worker).traces.is_empty());
    let catalogue = signatures::Catalogue::builtin();
    worker.set_wanted(Arc::new(Wanted::new(
        catalogue,
        signatures::Platform::Linux,
    )));
    assert_eq!(next(&worker).traces.len(), 1);
}
