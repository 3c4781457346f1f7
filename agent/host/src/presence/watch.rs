//! Says when something changed in the few folders in which AI tools are set up and installed.
//!
//! The number of watches is bounded. What cannot be watched is told, and found by the scans that
//! come anyway.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use notify::{Config, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

/// Folders that are watched, all home folders together.
const MAX_WATCHES: usize = 512;
/// Folders below a home folder, each without what is below it; `""` is the home folder itself.
const FOLDERS: &[&str] = &[
    "",
    ".claude",
    ".cursor",
    ".cursor/extensions",
    ".codeium/windsurf",
    ".windsurf/extensions",
    ".codex",
    ".gemini",
    ".config/Claude",
    ".config/Code/User",
    ".config/Cursor/User",
    ".config/zed",
    ".config/goose",
    ".config/opencode",
    ".config/google-chrome/Default/Extensions",
    ".config/chromium/Default/Extensions",
    ".config/microsoft-edge/Default/Extensions",
    ".config/BraveSoftware/Brave-Browser/Default/Extensions",
    ".continue",
    ".kiro/settings",
    ".lmstudio",
    ".lmstudio/models",
    ".local/bin",
    ".local/share/applications",
    ".local/share/pipx/venvs",
    ".local/share/uv/tools",
    ".npm-global/lib/node_modules",
    ".ollama/models/manifests/registry.ollama.ai/library",
    ".qwen",
    ".vscode/extensions",
    ".vscode-server/extensions",
];
/// The same for the whole device.
const SYSTEM: &[&str] = &[
    "opt",
    "usr/bin",
    "usr/local/bin",
    "usr/lib/node_modules",
    "usr/local/lib/node_modules",
    "usr/share/applications",
    "var/lib/flatpak/app",
    "snap",
];
/// Files in a home folder itself that count: all others there change all the time.
const FILES: &[&str] = &[".claude.json", ".mcp.json", ".aider.conf.yml"];

/// Watches; they end when this is dropped.
#[derive(Debug)]
pub(super) struct Watch {
    watcher: Option<RecommendedWatcher>,
    watched: BTreeSet<PathBuf>,
    problem: Option<String>,
}

impl Watch {
    /// Starts watching nothing; `changed` is called from another thread and must not wait.
    pub(super) fn new(homes: Vec<PathBuf>, changed: impl Fn() + Send + 'static) -> Self {
        let handle = move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| counts(&event, &homes)) {
                changed();
            }
        };
        let started =
            RecommendedWatcher::new(handle, Config::default().with_follow_symlinks(false));
        let problem = started.as_ref().err().map(words_for);
        Self {
            watcher: started.ok(),
            watched: BTreeSet::new(),
            problem,
        }
    }

    /// Watches what there is to watch now.
    pub(super) fn renew(&mut self, root: &Path, homes: &[PathBuf]) {
        let Some(watcher) = &mut self.watcher else {
            return;
        };
        self.problem = None;
        let in_homes = homes
            .iter()
            .flat_map(|home| FOLDERS.iter().map(move |folder| home.join(folder)));
        let wanted = SYSTEM
            .iter()
            .map(|folder| root.join(folder))
            .chain(in_homes);
        self.watched.retain(|folder| folder.is_dir());
        for folder in wanted {
            let is_new = !self.watched.contains(&folder) && folder.is_dir();
            if !is_new {
                continue;
            }
            if self.watched.len() >= MAX_WATCHES {
                self.problem = Some(format!(
                    "more than {MAX_WATCHES} folders would have to be watched"
                ));
                break;
            }
            match watcher.watch(&folder, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.watched.insert(folder);
                }
                Err(error) => {
                    self.problem = Some(words_for(&error));
                    if matches!(error.kind, notify::ErrorKind::MaxFilesWatch) {
                        break;
                    }
                }
            }
        }
    }

    /// What cannot be watched, and what that means.
    pub(super) fn degradation(&self) -> Option<String> {
        let problem = self.problem.as_ref()?;
        Some(format!(
            "presence: changes are not watched everywhere ({problem}): what is installed or set up shows with the next timed scan"
        ))
    }

    /// Number of folders that are watched.
    pub(super) fn folders(&self) -> usize {
        self.watched.len()
    }
}

/// Why watching is refused, without paths.
fn words_for(error: &notify::Error) -> String {
    match &error.kind {
        notify::ErrorKind::MaxFilesWatch => "the limit of inotify watches is reached".to_owned(),
        notify::ErrorKind::Io(error) if error.raw_os_error() == Some(24) => {
            "the limit of inotify instances or open files is reached".to_owned()
        }
        notify::ErrorKind::Io(error) => format!("the system refused: {}", error.kind()),
        notify::ErrorKind::Generic(_)
        | notify::ErrorKind::PathNotFound
        | notify::ErrorKind::WatchNotFound
        | notify::ErrorKind::InvalidConfig(_) => "the system refused".to_owned(),
    }
}

/// Whether an event may be news: something came, went or was written, and not any file of a home folder.
fn counts(event: &Event, homes: &[PathBuf]) -> bool {
    if matches!(event.kind, EventKind::Access(_)) {
        return false;
    }
    event.paths.is_empty()
        || event.paths.iter().any(|path| {
            let in_home = path
                .parent()
                .is_some_and(|parent| homes.iter().any(|home| home == parent));
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            !in_home || FILES.contains(&name) || (name.starts_with('.') && path.is_dir())
        })
}
