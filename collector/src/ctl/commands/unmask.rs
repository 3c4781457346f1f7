//! `gnomon unmask`: from a pseudonym to its name, in three steps by three people.
//!
//! 1. An analyst asks the collector for the sealed name, with a reason.
//! 2. The first officer opens the outer layer with his own key on his own machine.
//! 3. The second officer opens the inner one and reads the name.
//!
//! Each step tells the collector's audit log first. Neither a key nor the name is ever sent anywhere.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use inventory::Timestamp;
use serde::{Deserialize, Serialize};

use super::Session;
use super::show::{line, note};
use crate::api::views::{OpenedView, SealedNameView, UnmaskView};
use crate::cli::passphrase;
use crate::ctl::args::{Place, UnmaskAsk, UnmaskOpen};
use crate::ctl::failure::Failure;
use crate::ctl::output::clean;
use crate::enrol::create_secret;
use crate::privacy::officer::PrivateKey;
use crate::privacy::sealed::{self, Layer};

/// Longest file that is read.
const MAX_FILE: u64 = 1 << 20;
/// Version of the files' format.
const FORMAT: u32 = 1;

/// What goes from one step to the next.
#[derive(Debug, Serialize, Deserialize)]
struct Parcel {
    format: u32,
    label: String,
    reason: String,
    /// Whose turn it is.
    layer: Layer,
    names: Vec<Name>,
}

/// A name as one sensor sealed it.
#[derive(Debug, Serialize, Deserialize)]
struct Name {
    sensor: String,
    last_seen: Timestamp,
    /// Base64.
    sealed: String,
}

#[derive(Debug, Deserialize)]
struct Rows {
    items: Vec<SealedNameView>,
}

pub(in crate::ctl) fn ask(session: &Session, ask: UnmaskAsk) -> Result<(), Failure> {
    let label = ask.label.unwrap_or_default();
    let reason = ask.reason.unwrap_or_default();
    let body = json(&UnmaskView {
        label: label.clone(),
        reason: reason.clone(),
    })?;
    let text = session.client.post_json("/unmask", &body)?;
    let rows: Rows = serde_json::from_str(&text)
        .map_err(|_| Failure::failed("the collector's answer is of another version"))?;
    let names = rows.items.into_iter().map(|row| Name {
        sensor: row.sensor,
        last_seen: row.last_seen,
        sealed: row.sealed,
    });
    let parcel = Parcel {
        format: FORMAT,
        layer: Layer::Outer,
        names: names.collect(),
        label,
        reason,
    };
    let out = write(&parcel, ask.out, "sealed")?;
    line(&format!(
        "{}: the sealed name of {}. The first officer goes on with:\n  gnomon unmask open --key KEY {}",
        out.display(),
        clean(&parcel.label),
        out.display()
    ))
}

pub(in crate::ctl) fn open(place: &Place, open: UnmaskOpen) -> Result<(), Failure> {
    let parcel = read(&open.file)?;
    let key = key(&open)?;
    let opened = take_off(&parcel, &key)?;
    // Told before anything is shown.
    if open.offline {
        note("gnomon: the collector's audit log does not know of this step");
    } else {
        let body = json(&OpenedView {
            label: parcel.label.clone(),
            layer: parcel.layer,
            reason: parcel.reason.clone(),
        })?;
        let told = Session::open(place)
            .and_then(|session| session.client.post_json("/unmask/opened", &body));
        told.map_err(|failure| {
            failure.hint(
                "nothing is shown that the audit log does not know of; --offline does without it",
            )
        })?;
    }
    match parcel.layer {
        Layer::Outer => hand_on(parcel, opened, open.out),
        Layer::Inner => tell(&parcel, &opened),
    }
}

/// One layer less, of each name that this key fits.
fn take_off(parcel: &Parcel, key: &PrivateKey) -> Result<Vec<(usize, Vec<u8>)>, Failure> {
    let mut opened = Vec::new();
    let mut why = None;
    for (index, name) in parcel.names.iter().enumerate() {
        let sealed = BASE64.decode(name.sealed.as_bytes()).unwrap_or_default();
        match sealed::open(key, parcel.layer, &parcel.label, &sealed) {
            Ok(content) => opened.push((index, content)),
            Err(error) => why = Some(error),
        }
    }
    match why {
        Some(error) if opened.is_empty() => Err(Failure::failed(error.to_string())
            .hint("the officers open one after the other: the first that the collector's config names, then the second")),
        _ => Ok(opened),
    }
}

fn hand_on(
    parcel: Parcel,
    opened: Vec<(usize, Vec<u8>)>,
    out: Option<PathBuf>,
) -> Result<(), Failure> {
    let names = opened.iter().filter_map(|(index, content)| {
        let name = parcel.names.get(*index)?;
        Some(Name {
            sensor: name.sensor.clone(),
            last_seen: name.last_seen,
            sealed: BASE64.encode(content),
        })
    });
    let half = Parcel {
        names: names.collect(),
        layer: Layer::Inner,
        ..parcel
    };
    let out = write(&half, out, "half")?;
    line(&format!(
        "{}: half open. The second officer goes on with:\n  gnomon unmask open --key KEY {}",
        out.display(),
        out.display()
    ))
}

fn tell(parcel: &Parcel, opened: &[(usize, Vec<u8>)]) -> Result<(), Failure> {
    for (index, content) in opened {
        let name = sealed::name(content).map_err(|error| Failure::failed(error.to_string()))?;
        let sensor = parcel.names.get(*index).map_or("", |name| &name.sensor);
        line(&format!(
            "{} is {}, as sensor {} says",
            clean(&parcel.label),
            clean(&name),
            clean(sensor)
        ))?;
    }
    Ok(())
}

fn key(open: &UnmaskOpen) -> Result<PrivateKey, Failure> {
    let wrong = |error: String| Failure::usage(format!("{}: {error}", open.key.display()));
    let phrase = (open.passphrase_file.as_deref().map(passphrase))
        .transpose()
        .map_err(|error| Failure::usage(format!("{error:#}")))?;
    let text = fs::read_to_string(&open.key).map_err(|error| wrong(error.to_string()))?;
    PrivateKey::read(&text, phrase.as_deref()).map_err(|error| wrong(error.to_string()))
}

fn read(path: &Path) -> Result<Parcel, Failure> {
    let wrong = |error: String| Failure::usage(format!("{}: {error}", path.display()));
    let file = fs::File::open(path).map_err(|error| wrong(error.to_string()))?;
    let mut text = String::new();
    file.take(MAX_FILE)
        .read_to_string(&mut text)
        .map_err(|error| wrong(error.to_string()))?;
    serde_json::from_str(&text)
        .ok()
        .filter(|parcel: &Parcel| parcel.format == FORMAT)
        .ok_or_else(|| wrong("is not what `gnomon unmask` writes".to_owned()))
}

fn write(parcel: &Parcel, out: Option<PathBuf>, what: &str) -> Result<PathBuf, Failure> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let name: String = (parcel.label.chars()).filter(|c| plain(*c)).collect();
    let out = out.unwrap_or_else(|| PathBuf::from(format!("{name}.{what}.json")));
    create_secret(&out, json(parcel)?.as_bytes())
        .map_err(|error| Failure::failed(format!("cannot write {}: {error}", out.display())))?;
    Ok(out)
}

fn json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map_err(|error| Failure::failed(error.to_string()))
}
