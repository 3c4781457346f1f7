//! `catalogue trust`, `publish`, `rollback`, `status`: bundles for the fleet.

use std::path::Path;

use anyhow::{Context, Result};
use signatures::bundle::{self, Bundle};
use store::{AuditAction, AuditEntry, Store};

use super::super::{Place, actor, output};
use super::bundles::{created, describe, next_number, public_key, secret_key};
use crate::catalogue::{Live, Shelf, read_bundle};
use crate::clock;

/// The shelf of the collector that is there, and its log.
fn open(place: &Place) -> Result<(Shelf, impl Store)> {
    let store = place.open()?;
    Ok((Shelf::new(&place.config()?.data_dir), store))
}

fn log(store: &impl Store, action: AuditAction, target: String, detail: String) -> Result<()> {
    let entry = AuditEntry {
        actor: actor(),
        action,
        target,
        detail,
    };
    store.audit(&entry, clock::now()).context("log it")
}

pub(super) fn trust(place: &Place, file: &Path) -> Result<()> {
    let (config, store) = place.open_or_create()?;
    let shelf = Shelf::new(&config.data_dir);
    let key = public_key(file)?;
    let before = shelf.trusted()?;
    if before == Some(key) {
        return output::line(&format!("the key {} is trusted already", key.id()));
    }
    shelf.trust(&key)?;
    let detail = before.map_or_else(String::new, |before| format!("instead of {}", before.id()));
    log(
        &store,
        AuditAction::CatalogueTrusted,
        key.id().to_string(),
        detail,
    )?;
    if before.is_some() {
        output::note(
            "agents that are enrolled keep the key they have: put the new one into their config, \
             or enrol them again",
        );
    }
    output::line(&format!("the key {} is trusted", key.id()))
}

pub(super) fn publish(place: &Place, file: &Path) -> Result<()> {
    let bytes = read_bundle(file).with_context(|| file.display().to_string())?;
    put_out(place, &bytes)
}

fn put_out(place: &Place, bytes: &[u8]) -> Result<()> {
    let (shelf, store) = open(place)?;
    let bundle = shelf.publish(bytes)?;
    let manifest = &bundle.manifest;
    log(
        &store,
        AuditAction::CataloguePublished,
        manifest.version.to_string(),
        manifest.catalogue_version.clone(),
    )?;
    output::line(&format!("published: {}", describe(&bundle, bytes.len())))
}

pub(super) fn rollback(place: &Place, key: &Path) -> Result<()> {
    let (shelf, _) = open(place)?;
    let previous = shelf
        .previous()?
        .context("there is no bundle before the published one")?;
    let older = Bundle::open_untrusted(&previous).context("the bundle before")?;
    let number = next_number(&shelf)?;
    let bytes = bundle::build(&older.files, number, &created())?;
    put_out(place, &bundle::sign(&bytes, &secret_key(key)?)?)
}

pub(super) fn status(place: &Place) -> Result<()> {
    let config = place.config()?;
    let shelf = Shelf::new(&config.data_dir);
    let key = shelf.trusted()?;
    let key = key.map_or_else(|| "none".to_owned(), |key| format!("{key} ({})", key.id()));
    output::line(&format!("trusted key: {key}"))?;
    for (name, bytes) in [
        ("published", shelf.published()?),
        ("before", shelf.previous()?),
    ] {
        let shown = match &bytes {
            None => "none".to_owned(),
            Some(bytes) => match shelf.open(bytes) {
                Ok(bundle) => describe(&bundle, bytes.len()),
                Err(error) => error.to_string(),
            },
        };
        output::line(&format!("{name}: {shown}"))?;
    }
    let live = Live::open(shelf, config.catalogue_local.as_deref());
    for problem in live.problems() {
        output::line(&format!("refused: {problem}"))?;
    }
    output::line(&format!("runs: catalogue {}", live.catalogue().version()))
}
