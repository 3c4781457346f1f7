//! The catalogue of a single run over captures: the one that is named, that of an installed agent, or the program's own.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use signatures::bundle::{Bundle, MAX_BUNDLE_BYTES};
use signatures::{Catalogue, Layers};

use super::files::{Files, read};
use super::folder;
use crate::config::Config;
use crate::console::say;
use crate::state::StateDir;

/// Loads the catalogue at `path`, else that of the agent with this configuration, else the program's own; says which.
pub(crate) fn chosen(path: Option<&Path>, agent: Option<&Config>) -> Result<Arc<Catalogue>> {
    let (catalogue, origin) = match (path, agent) {
        (Some(path), _) => (named(path, agent)?, path.display().to_string()),
        (None, Some(agent)) => (
            installed(agent)?,
            format!("as {} runs it", agent.state_dir.display()),
        ),
        (None, None) => (
            Arc::clone(Catalogue::builtin()),
            "of this program".to_owned(),
        ),
    };
    say(&format!("catalogue: {} ({origin})", catalogue.version()));
    Ok(catalogue)
}

/// A folder of TOML files, one such file, or a bundle.
fn named(path: &Path, agent: Option<&Config>) -> Result<Arc<Catalogue>> {
    let at = || path.display().to_string();
    let is_toml = path.extension().is_some_and(|one| one == "toml");
    if path.is_dir() || is_toml {
        let files = if is_toml {
            let text = folder::read_file(path).map_err(|problem| anyhow!(problem));
            vec![(at(), text.with_context(at)?)]
        } else {
            folder::read(path).map_err(|problem| anyhow!(problem))?
        };
        return Ok(Arc::new(Catalogue::load(&files)?));
    }
    let bytes = read(path, MAX_BUNDLE_BYTES).with_context(at)?;
    let key = match agent {
        Some(agent) => files(agent).key(agent.catalogue.public_key.as_deref())?,
        None => None,
    };
    let bundle = match key {
        Some(key) => Bundle::open(&bytes, &key),
        None => {
            say(
                "note: who signed the bundle was not checked, for there is no key; --config names an agent that has one",
            );
            Bundle::open_untrusted(&bytes)
        }
    };
    Ok(Arc::new(bundle.with_context(at)?.catalogue))
}

/// What an installed agent runs: the bundle that it keeps, and its local files.
fn installed(agent: &Config) -> Result<Arc<Catalogue>> {
    let files = files(agent);
    let mut layers = Layers::default();
    if let Some(key) = files.key(agent.catalogue.public_key.as_deref())?
        && let Some(bytes) = files.current().context("cannot read the bundle")?
    {
        let bundle = Bundle::open(&bytes, &key).context("the bundle that was kept")?;
        layers.set_base(bundle.catalogue)?;
    }
    if let Some(local) = &agent.catalogue.local {
        let local = folder::read(local).map_err(|problem| anyhow!(problem))?;
        layers.set_local(local)?;
    }
    Ok(Arc::clone(layers.catalogue()))
}

fn files(agent: &Config) -> Files {
    Files::new(&StateDir::new(&agent.state_dir))
}
