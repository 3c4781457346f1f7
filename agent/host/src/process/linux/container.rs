//! The container that a process runs in, by the names of its control groups.

/// Digits of an id of Docker, containerd, Podman and CRI-O.
const ID_DIGITS: usize = 64;

/// The id of a container in one path or name of control groups, such as
/// `/system.slice/docker-<id>.scope`, `/docker/<id>` or `/machine.slice/libpod-<id>.scope/container`.
pub(super) fn container_id(path: &str) -> Option<&str> {
    path.split('/').rev().find_map(id_in_name)
}

/// The id in a name: it is the whole of it, or stands behind a prefix such as `cri-containerd-`.
fn id_in_name(name: &str) -> Option<&str> {
    let name = name.strip_suffix(".scope").unwrap_or(name);
    // Podman's monitor runs beside the container, not in it.
    if name.starts_with("libpod-conmon-") || name.starts_with("crio-conmon-") {
        return None;
    }
    let id = name.rsplit(['-', ':']).next()?;
    let digits = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
    (id.len() == ID_DIGITS && id.bytes().all(digits)).then_some(id)
}

/// The application id in the name of a Flatpak's scope, `app-flatpak-<id>-<number>.scope`.
pub(super) fn flatpak_id(path: &str) -> Option<&str> {
    path.split('/').rev().find_map(|name| {
        let name = name.strip_suffix(".scope")?;
        let (id, number) = name.strip_prefix("app-flatpak-")?.rsplit_once('-')?;
        let fits = |c: u8| c.is_ascii_alphanumeric() || b"._-".contains(&c);
        (number.bytes().all(|c| c.is_ascii_digit()) && id.bytes().all(fits)).then_some(id)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_id_that_each_engine_writes() {
        let id = "0123456789abcdef".repeat(4);
        for path in [
            format!("/docker/{id}"),
            format!("/system.slice/docker-{id}.scope"),
            format!("/machine.slice/libpod-{id}.scope/container"),
            format!("/kubepods.slice/kubepods-pod1.slice/cri-containerd-{id}.scope"),
            format!("/kubepods/besteffort/pod1/{id}"),
            format!("/system.slice/containerd.service/kubepods-x:cri-containerd:{id}"),
            format!("crio-{id}.scope"),
        ] {
            assert_eq!(container_id(&path), Some(id.as_str()), "{path}");
        }
        let near = [
            format!("/machine.slice/libpod-conmon-{id}.scope"),
            format!("/docker/{}", id.get(1..).unwrap()),
            format!("/docker/{}", id.to_uppercase()),
            "/user.slice/user-1000.slice/session-2.scope".into(),
        ];
        for path in near {
            assert_eq!(container_id(&path), None, "{path}");
        }
    }

    #[test]
    fn finds_the_flatpak() {
        let scope =
            "/user.slice/user-1000.slice/app.slice/app-flatpak-org.mozilla.firefox-4711.scope";
        assert_eq!(flatpak_id(scope), Some("org.mozilla.firefox"));
        assert_eq!(flatpak_id("/app-flatpak-.scope"), None);
        assert_eq!(flatpak_id("/app-gnome-firefox-1.scope"), None);
    }
}
