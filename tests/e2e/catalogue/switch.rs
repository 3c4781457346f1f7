//! A fleet whose catalogue is replaced, taken back and attacked while it captures live traffic.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use e2e::{Lab, left_out, wait_until};

use super::fleet::{Fleet, NEW_SERVICE, admin, publish, shown, version_in, word};

#[test]
fn a_fleet_switches_its_catalogue_under_live_traffic_takes_it_back_and_refuses_an_attacker()
-> Result<()> {
    if let Err(why) = Lab::possible() {
        left_out("a fleet whose catalogue is replaced", &why);
        return Ok(());
    }
    let mut fleet = Fleet::set()?;
    let begun = fleet.bundle("first", "fleet.key", &[])?;
    let first = publish(&fleet, &begun)?;
    fleet.all_run(&first)?;
    wait_until(
        "all devices use what is known",
        Duration::from_secs(30),
        || Ok(fleet.devices("openai-api")? == 3),
    )?;
    assert_eq!(fleet.devices("brand-new")?, 0);

    let better = fleet.bundle("better", "fleet.key", &[("zz-new.toml", NEW_SERVICE)])?;
    let second = publish(&fleet, &better)?;
    assert_ne!(first, second);
    let took = fleet.all_run(&second)?;
    eprintln!("the fleet switched within {took:?}");
    wait_until("the new service is found", Duration::from_secs(30), || {
        Ok(fleet.devices("brand-new")? == 3)
    })?;
    for finding in fleet.findings("brand-new")? {
        assert_eq!(word(&finding["catalogue_version"]), second, "{finding:#}");
    }
    for finding in fleet.findings("openai-api")? {
        let evidence = finding["evidence"].as_array().context("evidence")?;
        let of_first = evidence
            .iter()
            .any(|item| item["catalogue_version"] == first.as_str());
        assert!(
            of_first,
            "what was found before keeps its version: {finding:#}"
        );
    }

    let key = shown(&fleet.folder.path().join("fleet.key"));
    let printed = admin(&fleet.site, &["rollback", "--key", &key])?;
    assert_eq!(version_in(&printed)?, first, "{printed}");
    fleet.all_run(&first)?;
    let replayed = fleet
        .site
        .admin(&["catalogue", "publish", &shown(&better)])?;
    assert!(
        replayed.stderr.contains("was accepted before"),
        "{}",
        replayed.stderr
    );
    assert_eq!(fleet.drops()?, 0, "frames were lost");

    attack(&fleet, &first)?;
    assert_eq!(fleet.drops()?, 0, "frames were lost");
    for machine in &mut fleet.machines {
        machine.clients.clear();
        let ended = machine.process.terminate(Duration::from_secs(20))?;
        assert!(ended.success(), "{}", machine.process.stderr());
        assert!(
            machine
                .namespace
                .as_ref()
                .is_none_or(|one| !one.name().is_empty())
        );
    }
    Ok(())
}

/// Whoever takes over the collector can have it offer anything; the agents know better.
fn attack(fleet: &Fleet, running: &str) -> Result<()> {
    let theirs = fleet.folder.path().join("theirs.key");
    admin(&fleet.site, &["keygen", &shown(&theirs)])?;
    let evil = fleet.bundle("evil", "theirs.key", &[("zz-new.toml", NEW_SERVICE)])?;
    let refused = fleet.site.admin(&["catalogue", "publish", &shown(&evil)])?;
    ensure!(!refused.status.success(), "the collector took it");
    admin(&fleet.site, &["trust", &format!("{}.pub", shown(&theirs))])?;
    let folder = fleet.site.collector.data().join("catalogue");
    std::fs::copy(&evil, folder.join("published.gnomcat"))?;
    wait_until(
        "every agent has refused it",
        Duration::from_secs(20),
        || {
            for machine in &fleet.machines {
                let status = machine.status()?;
                let reduced = status["degradations"].to_string();
                if !reduced.contains("signed with the key") {
                    return Ok(false);
                }
            }
            Ok(true)
        },
    )?;
    for machine in &fleet.machines {
        assert_eq!(machine.runs()?, running);
    }
    wait_until(
        "the collector shows the refusals",
        Duration::from_secs(20),
        || {
            let sensors = fleet.site.query(&["sensors"])?;
            let items = sensors["items"].as_array().context("items")?;
            let refusals = items.iter().filter(|item| {
                item["degradations"]
                    .to_string()
                    .contains("signed with the key")
            });
            Ok(refusals.count() == 3)
        },
    )
}
