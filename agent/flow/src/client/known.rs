//! Programs by the name of their file: browsers, editors, runtimes, shells and the like.
//!
//! Names are lower case without `.exe`. They are field knowledge: what packages, vendors' installers
//! and process lists of Linux, macOS and Windows show.

/// Web browsers.
pub(super) const BROWSERS: [&str; 44] = [
    "brave",
    "brave browser",
    "brave-browser",
    "chrome",
    "chrome-headless-shell",
    "chromium",
    "chromium-browser",
    "com.apple.webkit.networking",
    "epiphany",
    "falkon",
    "firefox",
    "firefox-bin",
    "firefox-esr",
    "floorp",
    "google chrome",
    "google chrome helper",
    "google-chrome",
    "google-chrome-stable",
    "headless_shell",
    "iexplore",
    "konqueror",
    "librewolf",
    "microsoft edge",
    "microsoft edge helper",
    "microsoft-edge",
    "microsoft-edge-stable",
    "midori",
    "msedge",
    "msedgewebview2",
    "mullvad-browser",
    "opera",
    "opera_gx",
    "palemoon",
    "qutebrowser",
    "safari",
    "thorium",
    "tor browser",
    "ungoogled-chromium",
    "vivaldi",
    "vivaldi-bin",
    "waterfox",
    "webkitnetworkprocess",
    "zen",
    "zen-browser",
];

/// Browsers whose first purpose is the assistant in them; the catalogue adds to these.
pub(super) const AI_BROWSERS: [&str; 6] =
    ["arc", "chatgpt atlas", "comet", "dia", "fellou", "sigma"];

/// Editors and development environments.
pub(super) const IDES: [&str; 36] = [
    "android studio",
    "clion",
    "code",
    "code - insiders",
    "code helper",
    "code helper (plugin)",
    "code-insiders",
    "code-oss",
    "codium",
    "cursor",
    "datagrip",
    "devenv",
    "eclipse",
    "emacs",
    "fleet",
    "goland",
    "idea",
    "idea64",
    "kiro",
    "neovim",
    "nvim",
    "phpstorm",
    "positron",
    "pycharm",
    "pycharm64",
    "rider",
    "rubymine",
    "rustrover",
    "studio64",
    "sublime_text",
    "trae",
    "vscodium",
    "webstorm",
    "windsurf",
    "xcode",
    "zed",
];

/// Programs that run programs that are written in a language.
pub(super) const RUNTIMES: [&str; 22] = [
    "bun", "deno", "dotnet", "erl", "beam.smp", "ipython", "java", "javaw", "julia", "lua", "node",
    "nodejs", "perl", "php", "pypy3", "python", "pythonw", "r", "ruby", "rscript", "tsx", "uv",
];

/// Programs that fetch what a command or a script asks for.
pub(super) const FETCHERS: [&str; 14] = [
    "aria2c",
    "curl",
    "git-remote-https",
    "grpcurl",
    "http",
    "httpie",
    "https",
    "invoke-webrequest",
    "k6",
    "openssl",
    "powershell",
    "pwsh",
    "wget",
    "xh",
];

/// Programs with a window that talk to services, by name.
pub(super) const DESKTOP_APPS: [&str; 26] = [
    "1password",
    "chatgpt",
    "claude",
    "discord",
    "evolution",
    "figma",
    "grammarly desktop",
    "libreoffice",
    "notion",
    "obs",
    "obsidian",
    "outlook",
    "postman",
    "raycast",
    "signal-desktop",
    "skype",
    "slack",
    "soffice.bin",
    "spotify",
    "superhuman",
    "teams",
    "telegram-desktop",
    "thunderbird",
    "warp",
    "winword",
    "zoom",
];

/// Shells: what a person or a script types into.
pub(super) const SHELLS: [&str; 16] = [
    "ash",
    "bash",
    "cmd",
    "csh",
    "dash",
    "elvish",
    "fish",
    "ksh",
    "nu",
    "powershell",
    "pwsh",
    "sh",
    "tcsh",
    "tmux: server",
    "xonsh",
    "zsh",
];

/// Programs that start services, or that serve what somebody else wrote.
pub(super) const SERVERS: [&str; 24] = [
    "apache2",
    "catatonit",
    "conmon",
    "containerd-shim",
    "containerd-shim-runc-v2",
    "cron",
    "crond",
    "daphne",
    "docker-init",
    "dumb-init",
    "gunicorn",
    "httpd",
    "hypercorn",
    "kubelet",
    "nginx",
    "php-fpm",
    "pm2",
    "runsv",
    "s6-supervise",
    "supervisord",
    "tini",
    "uvicorn",
    "uwsgi",
    "services",
];

/// Folders that only an administrator or the system's packages write to, on each system.
pub(super) const TRUSTED_FOLDERS: [&str; 11] = [
    "/usr/",
    "/opt/",
    "/bin/",
    "/sbin/",
    "/lib/",
    "/snap/",
    "/nix/store/",
    "/app/",
    "/Applications/",
    "/System/",
    "C:\\Program Files",
];

/// The file name of a path, lower case and without `.exe`, and without the version at its end.
pub(super) fn file_name(path: &str) -> String {
    let file = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let file = file.to_ascii_lowercase();
    file.strip_suffix(".exe").unwrap_or(&file).to_owned()
}

/// Whether `name` is one of `list`, which is in no particular order.
pub(super) fn is_one_of(name: &str, list: &[&str]) -> bool {
    list.contains(&name)
}

/// Whether `name` is a runtime, whatever version its name ends with: `python3.12`, `node20`.
pub(super) fn is_runtime(name: &str) -> bool {
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    is_one_of(name, &RUNTIMES) || is_one_of(plain, &RUNTIMES)
}

/// Whether the path is one that only an administrator or a package writes to.
pub(super) fn is_trusted(path: &str) -> bool {
    TRUSTED_FOLDERS
        .iter()
        .any(|folder| path.starts_with(folder))
}
