//! Local catalogue files on a running agent.

use anyhow::Result;
use e2e::{Lab, SERVER, Site, SiteOptions, left_out, wait_until};

use super::fleet::{Machine, NEW_SERVICE, SETTINGS, SWITCH};

#[test]
fn local_files_are_taken_in_while_the_agent_captures_and_a_bad_one_leaves_what_runs() -> Result<()>
{
    if let Err(why) = Lab::possible() {
        left_out("local catalogue files on a running agent", &why);
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let lab = Lab::create(folder.path())?;
    let site = Site::start_with(SiteOptions {
        listen: Some(format!("{SERVER}:8443")),
        namespace: Some(lab.server.name().to_owned()),
        ..SiteOptions::default()
    })?;
    let local = folder.path().join("local");
    std::fs::create_dir(&local)?;
    let settings = format!("{SETTINGS}[catalogue]\nlocal = {local:?}\n");
    let agent = site.enrol("agent", Some(&lab.client), &settings)?;
    let process = agent.start(&["run"])?;
    let machine = Machine {
        process,
        clients: Vec::new(),
        agent,
        namespace: None,
    };
    wait_until("the agent runs", SWITCH * 2, || Ok(machine.runs()? != "?"))?;
    let before = machine.runs()?;
    std::fs::write(local.join("own.toml"), NEW_SERVICE)?;
    wait_until("the local file is taken in", SWITCH, || {
        Ok(machine.runs()?.starts_with(&format!("{before}.local.")))
    })?;
    let with_local = machine.runs()?;
    let bad = NEW_SERVICE
        .replace("brand-new", "other")
        .replace("chat.", "");
    std::fs::write(local.join("bad.toml"), bad.replace("vendor-doc", "hearsay"))?;
    wait_until("the bad file is refused", SWITCH, || {
        let reduced = machine.status()?["degradations"].to_string();
        Ok(reduced.contains("bad.toml:14: `confidence`"))
    })?;
    assert_eq!(machine.runs()?, with_local);
    std::fs::remove_file(local.join("bad.toml"))?;
    std::fs::remove_file(local.join("own.toml"))?;
    wait_until("what there was before runs again", SWITCH, || {
        Ok(machine.runs()? == before)
    })
}
