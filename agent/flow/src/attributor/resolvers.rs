//! Programs that look up names on behalf of others: what they ask for says nothing about themselves.

use crate::attribution::ProcessIdentity;

/// Name of the program file, lower case, and why its look-ups are somebody else's.
///
/// Each is a forwarder or cache that programs on the machine are pointed to by the system's own
/// configuration: `/etc/resolv.conf`, NSS, or the resolver service of the system.
const RESOLVERS: [(&str, &str); 21] = [
    ("systemd-resolved", "the stub of systemd at 127.0.0.53"),
    ("dnsmasq", "a forwarder, also of NetworkManager and libvirt"),
    ("nscd", "the name service cache of glibc"),
    ("nsncd", "the name service cache of NixOS"),
    ("sssd_nss", "the name service of SSSD"),
    ("unbound", "a caching resolver"),
    ("named", "BIND"),
    ("kresd", "Knot Resolver"),
    ("pdns_recursor", "PowerDNS Recursor"),
    ("coredns", "the resolver of Kubernetes"),
    ("dnscrypt-proxy", "a forwarder to encrypted DNS"),
    ("stubby", "a forwarder to DNS over TLS"),
    ("smartdns", "a forwarder"),
    ("adguardhome", "a filtering forwarder"),
    ("pihole-ftl", "a filtering forwarder"),
    (
        "dockerd",
        "the resolver of Docker at 127.0.0.11, for containers",
    ),
    ("aardvark-dns", "the resolver of Podman, for containers"),
    ("tailscaled", "the resolver of Tailscale"),
    ("cloudflared", "a forwarder to DNS over HTTPS"),
    ("mdnsresponder", "the resolver of macOS"),
    ("svchost.exe", "the DNS client service of Windows"),
];

/// Where program files of the system lie; one of the same name elsewhere is what it is.
const SYSTEM_FOLDERS: [&str; 9] = [
    "/usr/",
    "/bin/",
    "/sbin/",
    "/lib/",
    "/opt/",
    "/snap/",
    "/nix/store/",
    "/System/",
    "C:\\Windows\\",
];

/// Why a look-up of this process is not its own; `None` when it is.
pub(super) fn reason(process: &ProcessIdentity) -> Option<String> {
    let is_system = SYSTEM_FOLDERS
        .iter()
        .any(|folder| process.executable.starts_with(folder));
    let file = process.executable.rsplit(['/', '\\']).next()?;
    let file = file.to_ascii_lowercase();
    let (name, what) = RESOLVERS.iter().find(|(name, _)| *name == file)?;
    is_system.then(|| format!("looked up by {name} ({what}) for a program that is not known"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(executable: &str) -> ProcessIdentity {
        ProcessIdentity {
            executable: executable.to_owned(),
            ..ProcessIdentity::default()
        }
    }

    #[test]
    fn a_resolver_of_the_system_asks_for_others_and_a_namesake_for_itself() {
        let said = reason(&process("/usr/lib/systemd/systemd-resolved")).unwrap();
        assert!(said.contains("systemd-resolved"), "{said}");
        assert!(reason(&process("C:\\Windows\\System32\\svchost.exe")).is_some());
        assert_eq!(reason(&process("/tmp/dnsmasq")), None);
        assert_eq!(reason(&process("/usr/bin/curl")), None);
        assert_eq!(reason(&process("")), None);
    }
}
