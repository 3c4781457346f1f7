//! What a JA4 fingerprint says about the sort of a program: whether it offers the cipher suites that a browser's own
//! library offers.
//!
//! A hint and no more: programs imitate browsers, and what is built on a browser's library (Electron, CFNetwork)
//! offers the same. The middle part of a JA4, over the sorted cipher suites, stays the same over many versions of a
//! browser, while the last part changes with each extension.

use crate::attribution::ClientClass;

/// The middle part of JA4 over TCP, and whose library offers these suites; as published fingerprints of these
/// browsers show (FoxIO's JA4 database).
const LIBRARIES: [(&str, &str); 3] = [
    ("8daaf6152771", "Chromium"),
    ("5b57614c22b0", "Firefox"),
    ("a09f3c656075", "Safari and other programs of Apple"),
];

/// What the opening of the connection adds to the reason for `class`, if it says anything.
///
/// Over QUIC every client of TLS 1.3 offers the same three suites, so nothing is said about that.
pub(super) fn hint(class: ClientClass, ja4: &str) -> Option<String> {
    let (head, rest) = ja4.split_once('_')?;
    let (ciphers, _) = rest.split_once('_')?;
    if !head.starts_with("t13") {
        return None;
    }
    let library = LIBRARIES
        .iter()
        .find_map(|(known, library)| (*known == ciphers).then_some(*library));
    let is_browser = matches!(class, ClientClass::Browser | ClientClass::AiBrowser);
    match library {
        Some(library) => Some(format!("it opens connections as {library} does")),
        None if is_browser => Some(format!(
            "but it does not open connections as a browser does (JA4 {ja4})"
        )),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHROME: &str = "t13d1516h2_8daaf6152771_02713d6af862";
    const CURL: &str = "t13d3112h2_e8f1e7e78f70_b26ce05bbdd6";

    #[test]
    fn a_browser_that_opens_like_one_and_one_that_does_not() {
        let agrees = hint(ClientClass::Browser, CHROME).expect("a hint");
        assert!(agrees.contains("as Chromium does"), "{agrees}");
        let doubt = hint(ClientClass::Browser, CURL).expect("a hint");
        assert!(
            doubt.contains("not open connections as a browser"),
            "{doubt}"
        );
        assert!(doubt.contains(CURL), "{doubt}");
    }

    #[test]
    fn a_script_says_something_only_when_it_opens_like_a_browser() {
        assert_eq!(hint(ClientClass::SdkScript, CURL), None);
        assert!(hint(ClientClass::SdkScript, CHROME).is_some());
    }

    #[test]
    fn quic_and_old_versions_say_nothing() {
        assert_eq!(
            hint(ClientClass::Browser, "q13d0310h3_55b375c5d22e_06cda9e17597"),
            None
        );
        assert_eq!(
            hint(ClientClass::Browser, "t12d1209h2_d34a8e72043a_b39be8c56a14"),
            None
        );
        assert_eq!(hint(ClientClass::Browser, ""), None);
    }
}
