//! The bodies of the fuzz targets, here so that tests run them on committed inputs as well.
//!
//! They take any bytes and return nothing: what they check is that nothing panics and that what loads can be asked.

use crate::bundle::{self, Bundle, SecretKey};
use crate::local::LocalRequest;
use crate::{Catalogue, Matcher};

/// Loads bytes as one catalogue file; what loads is asked about every name and request that it lists.
pub fn signature_toml(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(catalogue) = Catalogue::load(&[("fuzz.toml".into(), text.into())]) else {
        return;
    };
    debug_assert_eq!(
        catalogue.services().count(),
        catalogue.service_count(),
        "every service reads back"
    );
    for indicator in catalogue.services().flat_map(|service| &service.indicators) {
        ask(catalogue.matcher(), indicator.value().as_bytes());
    }
}

/// Looks bytes up in the built-in catalogue, as a name and as the parts of a request.
pub fn match_name(data: &[u8]) {
    ask(Catalogue::builtin().matcher(), data);
}

/// Reads bytes as a bundle from a stranger, and as what somebody with the right key signed.
pub fn bundle(data: &[u8]) {
    let Ok(key) = SecretKey::from_seed([7; 32]) else {
        return;
    };
    let public = key.public_key();
    if let Ok(bundle) = Bundle::open(data, &public) {
        debug_assert!(bundle.manifest.version > 0, "versions count from 1");
    }
    let untrusted = Bundle::open_untrusted(data);
    if untrusted.is_ok() {
        let signed = bundle::sign(data, &key);
        let opened = signed.and_then(|signed| Bundle::open(&signed, &public));
        debug_assert!(opened.is_ok(), "a good bundle that is signed opens");
    }
    bundle::read_signed_part(data);
}

fn ask(matcher: &Matcher, data: &[u8]) {
    if let Some(found) = matcher.match_name(data) {
        debug_assert!(
            data.len() <= crate::MAX_NAME.saturating_add(1),
            "longer than any name"
        );
        debug_assert!(
            !found.indicator.to_string().is_empty(),
            "an indicator has a text form"
        );
    }
    let mut words = data.splitn(2, |byte| *byte == b' ');
    let (Some(method), Some(path)) = (words.next(), words.next()) else {
        return;
    };
    for port in [80, 8_080, 11_434] {
        let request = LocalRequest {
            host: Some(data),
            method,
            path,
            port,
            user_agent: Some(data),
            mcp: port == 80,
        };
        if let Some(found) = matcher.match_local(&request) {
            debug_assert!(
                !found.service.local_rules.is_empty(),
                "only local rules match requests"
            );
        }
    }
}
