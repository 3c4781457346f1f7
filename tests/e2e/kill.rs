//! Power cuts on both sides, again and again, change nothing in the inventory.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::{Agent, Site, left_out, rewrite, shared, workspace};
use serde_json::Value;

use crate::inventory::steady;

/// More restarts than any run needs; a run that needs more makes no progress.
const MOST_RESTARTS: u32 = 60;

/// Every answer, with a word for the sensor's id, which every enrolment draws anew.
fn answers(site: &Site) -> Result<Vec<Value>> {
    let findings = site.query(&["findings", "--limit", "1"])?;
    let sensor = findings["items"][0]["sensor"]
        .as_str()
        .unwrap_or("no sensor")
        .to_owned();
    ["services", "devices", "usage", "findings", "coverage"]
        .iter()
        .map(|command| {
            let mut answer = steady(site.query(&[command])?);
            rewrite(&mut answer, &|value| {
                if let Some(text) = value.as_str() {
                    *value = text.replace(&sensor, "(sensor)").into();
                }
            });
            Ok(answer)
        })
        .collect()
}

/// A small generator, so that a failure can be repeated with its seed.
struct Moments(u64);

impl Moments {
    fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

/// Replays with a power cut of either side at random moments, until one replay has come to its end.
fn replay_through_power_cuts(
    site: &mut Site,
    agent: &Agent,
    capture: &str,
    seed: u64,
) -> Result<u32> {
    let mut moments = Moments(seed);
    for restarts in 0..MOST_RESTARTS {
        let mut process = agent.start(&["run", "--replay", capture, "--wait-timeout", "60"])?;
        // Ever later, so that every moment of a run is met and the last runs get through.
        let until = Duration::from_millis(moments.next(40 + u64::from(restarts) * 40));
        let end = std::time::Instant::now() + until;
        let mut status = None;
        while status.is_none() && std::time::Instant::now() < end {
            status = process.ended()?;
            std::thread::sleep(Duration::from_millis(2));
        }
        if let Some(status) = status {
            ensure!(status.success(), "the replay failed: {}", process.stderr());
            return Ok(restarts);
        }
        match moments.next(3) {
            0 => process.kill()?,
            1 => {
                site.collector.kill()?;
                std::thread::sleep(Duration::from_millis(moments.next(200)));
                process.kill()?;
                site.start_collector()?;
            }
            _ => {
                site.collector.kill()?;
                site.start_collector()?;
                if process.wait(Duration::from_secs(90))?.success() {
                    return Ok(restarts);
                }
            }
        }
    }
    anyhow::bail!("no replay came to its end in {MOST_RESTARTS} tries")
}

fn same_inventory_after_power_cuts(capture: PathBuf) -> Result<()> {
    let capture = capture.to_string_lossy().into_owned();
    let calm = Site::start()?;
    calm.enrol("agent", None, "")?.replay(capture.as_ref())?;
    let expected = answers(&calm)?;
    ensure!(
        expected[3]["items"]
            .as_array()
            .is_some_and(|items| !items.is_empty()),
        "nothing was found"
    );

    for seed in [0x9e37_79b9, 0x1234_5678] {
        let mut site = Site::start()?;
        let agent = site.enrol("agent", None, "")?;
        replay_through_power_cuts(&mut site, &agent, &capture, seed)?;
        assert_eq!(answers(&site)?, expected, "seed {seed:#x}");
        agent.replay(capture.as_ref())?;
        assert_eq!(
            answers(&site)?,
            expected,
            "seed {seed:#x}, replayed once more"
        );
    }
    Ok(())
}

#[test]
fn power_cuts_during_a_small_replay_change_nothing() -> Result<()> {
    same_inventory_after_power_cuts(workspace().join("tests/pcaps/demo/two_people.pcap"))
}

#[test]
fn power_cuts_during_a_busy_replay_change_nothing() -> Result<()> {
    let Some(shared) = shared() else {
        left_out(
            "power cuts during a busy replay",
            "the shared captures are not beside this clone",
        );
        return Ok(());
    };
    same_inventory_after_power_cuts(shared.join("bench/hello_s.pcap"))
}
