//! Paths without what they say about a person.

/// Folders whose entries are named after people.
const HOMES: [&str; 6] = [
    "/home/",
    "/var/home/",
    "/Users/",
    "/media/",
    "/run/media/",
    "/export/home/",
];

/// The path, or `~/…/` and the file name where it lies below a home folder or names the user.
///
/// `home` is the user's home folder where it is known, `login` the user's login name.
pub(super) fn shortened(path: &str, home: Option<&str>, login: Option<&str>) -> String {
    let below = |folder: &str| {
        let folder = folder.trim_end_matches('/');
        !folder.is_empty()
            && path
                .strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/'))
    };
    // A service may have a folder such as `/` or `/usr/sbin` for a home: that is nobody's.
    let own = home.filter(|home| !SHARED.contains(home) && home.len() > 1);
    let personal = HOMES.iter().any(|folder| path.starts_with(folder))
        || below("/root")
        || own.is_some_and(below)
        || login.is_some_and(|login| names(path, login));
    if !personal {
        return path.to_owned();
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    format!("~/…/{name}")
}

const SHARED: [&str; 8] = [
    "/",
    "/bin",
    "/sbin",
    "/usr/bin",
    "/usr/sbin",
    "/usr/games",
    "/nonexistent",
    "/dev",
];

/// Whether a folder on the way is called like the user; `root`, `bin` and so on name nobody.
fn names(path: &str, login: &str) -> bool {
    let Some((folders, _)) = path.rsplit_once('/') else {
        return false;
    };
    !login.is_empty()
        && !SHARED
            .iter()
            .any(|folder| folder.trim_start_matches('/') == login)
        && folders.split('/').any(|folder| folder == login)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_a_home_only_the_file_name_is_left() {
        let cases = [
            ("/home/ada/.local/bin/claude", "~/…/claude"),
            ("/root/x/y", "~/…/y"),
            ("/srv/people/ada/tool", "~/…/tool"),
            ("/data/homes/a/tool", "~/…/tool"),
            ("/data/homes/another/tool", "/data/homes/another/tool"),
            ("/usr/bin/curl", "/usr/bin/curl"),
            ("/rooted/x", "/rooted/x"),
            ("/opt/ada", "/opt/ada"),
        ];
        for (path, expected) in cases {
            assert_eq!(
                shortened(path, Some("/data/homes/a"), Some("ada")),
                expected
            );
        }
    }

    #[test]
    fn a_home_that_everybody_has_is_no_home() {
        assert_eq!(
            shortened("/usr/sbin/named", Some("/"), Some("bin")),
            "/usr/sbin/named"
        );
        assert_eq!(
            shortened("/usr/bin/x", Some("/usr/bin"), None),
            "/usr/bin/x"
        );
    }
}
