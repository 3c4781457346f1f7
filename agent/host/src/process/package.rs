//! The package that a program file came in, as far as its path says it.

use flow::Package;

/// The package, by the folder that its package system owns.
pub(super) fn package_of_path(path: &str) -> Option<Package> {
    let found = |kind, name: &str| {
        let fits = |c: u8| c.is_ascii_alphanumeric() || b"._+-@".contains(&c);
        let usable = !name.is_empty() && name.len() <= 128 && name.bytes().all(fits);
        usable.then(|| Package {
            kind,
            name: name.to_owned(),
        })
    };
    for folder in ["/snap/", "/var/lib/snapd/snap/"] {
        if let Some(rest) = path.strip_prefix(folder) {
            return found("snap", first(rest));
        }
    }
    if let Some(rest) = path.strip_prefix("/tmp/.mount_") {
        // Its runtime mounts at the first letters of the file's name and six random ones.
        let mount = first(rest);
        let name = mount
            .len()
            .checked_sub(6)
            .and_then(|end| mount.get(..end))?;
        return found("appimage", name);
    }
    if let Some(rest) = path.strip_prefix("/nix/store/") {
        return found("nix", first(rest).split_once('-')?.1);
    }
    for cellar in [
        "/home/linuxbrew/.linuxbrew/Cellar/",
        "/opt/homebrew/Cellar/",
    ] {
        if let Some(rest) = path.strip_prefix(cellar) {
            return found("homebrew", first(rest));
        }
    }
    None
}

fn first(path: &str) -> &str {
    path.split('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_tells_the_package() {
        let cases = [
            (
                "/snap/firefox/4955/usr/lib/firefox/firefox",
                "snap",
                "firefox",
            ),
            (
                "/tmp/.mount_CursorAbC1x2/usr/share/cursor/cursor",
                "appimage",
                "Cursor",
            ),
            ("/nix/store/abc-curl-8.1/bin/curl", "nix", "curl-8.1"),
            (
                "/home/linuxbrew/.linuxbrew/Cellar/ollama/0.5/bin/ollama",
                "homebrew",
                "ollama",
            ),
        ];
        for (path, kind, name) in cases {
            let package = package_of_path(path).unwrap();
            assert_eq!((package.kind, package.name.as_str()), (kind, name));
        }
        for path in [
            "/usr/bin/curl",
            "/tmp/.mount_x/y",
            "/snap//x",
            "/snap/\u{e9}/x",
        ] {
            assert_eq!(package_of_path(path), None, "{path}");
        }
    }
}
