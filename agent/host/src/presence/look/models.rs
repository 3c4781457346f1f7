//! Models on the disk: name, size and format, by the folders of the tools that run them.

use std::path::{Path, PathBuf};

use flow::{Attribute, TraceKind};
use serde_json::Value;

use super::{Look, Place, tool};
use crate::presence::disk::{Entry, MAX_SETTINGS, name_of};
use crate::presence::read::{Format, text_at};
use crate::presence::text::MAX_PACKAGE;

/// Models of one tool in one place.
const MAX_MODELS: usize = 256;
/// Files of one model.
const MAX_FILES: usize = 512;
/// Where Ollama keeps models.
const OLLAMA_HOME: &[&str] = &[".ollama/models", "snap/ollama/common/models"];
const OLLAMA_SYSTEM: &[&str] = &[
    "usr/share/ollama/.ollama/models",
    "var/lib/ollama/models",
    "var/lib/ollama/.ollama/models",
    "var/snap/ollama/common/models",
];
/// Folders of one file for each model, or of folders with a model each.
const FILES: &[(&str, &str)] = &[
    ("gpt4all", ".local/share/nomic.ai/GPT4All"),
    ("gpt4all", ".cache/gpt4all"),
    ("jan", "jan/models"),
    ("jan", ".config/Jan/data/models"),
    ("jan", ".local/share/Jan/data/models"),
    ("jan", ".local/share/Jan/data/llamacpp/models"),
    ("jan", ".config/Jan/data/llamacpp/models"),
    ("llama-cpp", ".cache/llama.cpp"),
    ("llama-cpp", "llama.cpp/models"),
    ("llama-cpp", "models"),
    ("llama-cpp", "Downloads"),
];
/// Folders of publishers with folders of models.
const PUBLISHERS: &[(&str, &str)] = &[
    ("lm-studio", ".lmstudio/models"),
    ("lm-studio", ".cache/lm-studio/models"),
];
/// Ends of the names of files that hold a model.
const FORMATS: [&str; 4] = ["gguf", "safetensors", "ggml", "onnx"];

/// A model that was found.
struct Model<'m> {
    service: &'static str,
    name: &'m str,
    bytes: u64,
    format: &'static str,
}

/// Looks for models in a home folder.
pub(in crate::presence) fn look_in_home(look: &mut Look<'_>, place: &Place) {
    for folder in OLLAMA_HOME {
        look_at_ollama(look, place, &place.path.join(folder));
    }
    for (service, folder) in PUBLISHERS {
        for publisher in folders(look, &place.path.join(folder)) {
            for model in folders(look, &publisher.path) {
                let name = format!("{}/{}", publisher.name, model.name);
                add_folder(look, place, service, &name, &model.path);
            }
        }
    }
    for (service, folder) in FILES {
        look_at_files(look, place, service, &place.path.join(folder));
    }
    look_at_hub(look, place, &place.path.join(".cache/huggingface/hub"));
}

/// Looks for models that belong to the whole device.
pub(in crate::presence) fn look_in_system(look: &mut Look<'_>, place: &Place) {
    for folder in OLLAMA_SYSTEM {
        look_at_ollama(look, place, &place.path.join(folder));
    }
}

fn add(look: &mut Look<'_>, place: &Place, model: &Model<'_>) {
    let attributes = vec![
        Attribute::new("bytes", &model.bytes.to_string()),
        Attribute::new("format", model.format),
    ];
    let name = place.private.clean(model.name, MAX_PACKAGE);
    look.add(
        place,
        TraceKind::LocalModel,
        tool(model.service),
        &name,
        attributes,
    );
}

fn folders(look: &mut Look<'_>, folder: &Path) -> Vec<Entry> {
    let mut entries = look.disk.list(folder);
    entries.retain(|entry| entry.is_folder && !entry.name.starts_with('.'));
    entries.truncate(MAX_MODELS);
    entries
}

/// Ollama: a manifest for each model, by registry, owner, name and tag.
fn look_at_ollama(look: &mut Look<'_>, place: &Place, models: &Path) {
    for path in look.disk.expand(&models.join("manifests"), "*/*/*/*") {
        let part = |up: usize| {
            path.ancestors()
                .nth(up)
                .map(name_of)
                .unwrap_or_default()
                .to_owned()
        };
        let (tag, model, owner) = (part(0), part(1), part(2));
        let Some(manifest) = look.settings(&path, Format::Json, MAX_SETTINGS) else {
            continue;
        };
        let name = if owner == "library" {
            format!("{model}:{tag}")
        } else {
            format!("{owner}/{model}:{tag}")
        };
        let bytes = bytes_of(&manifest);
        let model = Model {
            service: "ollama",
            name: &name,
            bytes,
            format: "gguf",
        };
        add(look, place, &model);
    }
}

/// Bytes of all layers of a manifest.
pub(in crate::presence) fn bytes_of(manifest: &Value) -> u64 {
    let layers = manifest.get("layers").and_then(Value::as_array);
    let layers = layers.into_iter().flatten().take(MAX_FILES);
    let models = layers
        .filter(|layer| text_at(layer, &["mediaType"]).is_none_or(|kind| kind.ends_with(".model")));
    let sizes = models.filter_map(|layer| layer.get("size")?.as_u64());
    sizes.fold(0, u64::saturating_add)
}

/// A folder with files of models, or with folders of a model each.
fn look_at_files(look: &mut Look<'_>, place: &Place, service: &'static str, folder: &Path) {
    let entries = look.disk.list(folder);
    let is_common = matches!(name_of(folder), "models" | "Downloads");
    for entry in entries.iter().take(MAX_FILES) {
        if let Some((name, format)) = model_file(&entry.name) {
            // In a folder of all sorts of files only the format of this family of tools counts.
            if format == "gguf" || !is_common {
                let bytes = look.disk.length(&entry.path).unwrap_or_default();
                add(
                    look,
                    place,
                    &Model {
                        service,
                        name,
                        bytes,
                        format,
                    },
                );
            }
        } else if entry.is_folder && service == "jan" {
            add_folder(look, place, service, &entry.name, &entry.path);
        }
    }
}

/// A folder that is a model when it has a file of one.
fn add_folder(
    look: &mut Look<'_>,
    place: &Place,
    service: &'static str,
    name: &str,
    folder: &Path,
) {
    let files = look.disk.list(folder);
    let files = files
        .iter()
        .filter_map(|file| Some((&file.path, model_file(&file.name)?.1)));
    let files: Vec<(&PathBuf, &'static str)> = files.take(MAX_FILES).collect();
    let Some((_, format)) = files.first().copied() else {
        return;
    };
    let sizes = files.iter().filter_map(|(path, _)| look.disk.length(path));
    let bytes = sizes.fold(0, u64::saturating_add);
    add(
        look,
        place,
        &Model {
            service,
            name,
            bytes,
            format,
        },
    );
}

/// The cache of Hugging Face: a folder for each model, with its files under their digests.
fn look_at_hub(look: &mut Look<'_>, place: &Place, hub: &Path) {
    for entry in folders(look, hub) {
        let Some(name) = entry.name.strip_prefix("models--") else {
            continue;
        };
        let name = name.replacen("--", "/", 1);
        let blobs = look.disk.list(&entry.path.join("blobs"));
        let sizes = blobs
            .iter()
            .take(MAX_FILES)
            .filter_map(|blob| look.disk.length(&blob.path));
        let bytes = sizes.fold(0, u64::saturating_add);
        let files = look.disk.expand(&entry.path, "snapshots/*/*");
        let format = files.iter().find_map(|file| model_file(name_of(file)));
        let format = format.map_or("other", |(_, format)| format);
        let model = Model {
            service: "huggingface",
            name: &name,
            bytes,
            format,
        };
        add(look, place, &model);
    }
}

/// Name and format of a file that holds a model.
fn model_file(name: &str) -> Option<(&str, &'static str)> {
    FORMATS.into_iter().find_map(|format| {
        let name = name.strip_suffix(format)?.strip_suffix('.')?;
        (!name.is_empty()).then_some((name, format))
    })
}

/// Services of the tools whose models are looked for.
pub(in crate::presence) fn tools() -> impl Iterator<Item = &'static str> {
    let files = FILES.iter().chain(PUBLISHERS).map(|(service, _)| *service);
    files.chain(["huggingface", "ollama"])
}
