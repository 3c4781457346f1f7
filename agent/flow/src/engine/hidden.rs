//! Names that Encrypted ClientHello hides: inferred, with the reason, never guessed.
//!
//! An ECH extension alone shows nothing, since browsers send a random one to every server that
//! offers none (GREASE). The name is taken as hidden when the visible one is a known public name of
//! an ECH provider, or when the client was lately told, in an HTTPS record, that a name at this
//! address may be hidden, and the visible name is not one that it resolved to this address.

use std::net::IpAddr;

use wire::dissect::tls::Ech;

use crate::names::{NameCache, name_hash};

/// Public names of ECH providers: a client that shows one of them means another host.
const PUBLIC_NAMES: [&[u8]; 3] = [
    b"cloudflare-ech.com",
    b"public.tls-ech.dev",
    b"cover.defo.ie",
];

/// Whether the name of a hello is hidden.
pub(super) fn is_hidden(
    ech: Ech,
    name: Option<&[u8]>,
    (client, server): (IpAddr, IpAddr),
    names: &NameCache,
    now: u64,
) -> bool {
    match ech {
        Ech::None => false,
        Ech::Esni => true,
        Ech::Present => {
            let visible = name.unwrap_or_default();
            PUBLIC_NAMES.contains(&visible)
                || (names.may_be_hidden(client, server, now)
                    && !names.is_recent(client, server, name_hash(visible), now))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::expiry;

    #[test]
    fn grease_hides_nothing_and_an_offer_does() {
        let ends: (IpAddr, IpAddr) = ([10, 0, 0, 2].into(), [104, 18, 0, 1].into());
        let mut names = NameCache::new(8);
        let hidden =
            |names: &NameCache, name: &[u8]| is_hidden(Ech::Present, Some(name), ends, names, 1);
        assert!(hidden(&names, b"cloudflare-ech.com"));
        assert!(!hidden(&names, b"example.org"));
        let hash = name_hash(b"chatgpt.com");
        names.resolved(ends.0, ends.1, (hash, None), expiry(0, 60), 0);
        assert!(!hidden(&names, b"public.example"));
        names.may_hide(ends.0, hash, expiry(0, 60));
        assert!(hidden(&names, b"public.example"));
        assert!(!hidden(&names, b"chatgpt.com"));
        assert!(is_hidden(Ech::Esni, None, ends, &names, 1));
        assert!(!is_hidden(
            Ech::None,
            Some(b"cloudflare-ech.com"),
            ends,
            &names,
            1
        ));
    }
}
