//! The keyed pseudonym of a user.
//!
//! `label = "u-" + base32(HMAC-SHA-256(fleet key, "gnomon user label 1\0" + canonical login))`, the first 10 letters in
//! lower case (RFC 4648 alphabet): 50 bits. Of n users two share a label with a probability of about n² / 2^51: below one
//! in 20 million for 10,000 users, one in 220,000 for 100,000. Without the key nobody can try names until one fits.
//!
//! The canonical login has no space around it and lower-case letters, so that a person has one label however a directory
//! service writes the name. The same name on two machines is the same label; a name such as `root` is everybody's.

use data_encoding::BASE32_NOPAD;
use ring::hmac;

/// Letters of a label, besides its prefix.
const LETTERS: usize = 10;
const PREFIX: &str = "u-";
/// Keeps these digests apart from any other use of the key.
const PURPOSE: &[u8] = b"gnomon user label 1\0";

/// The label of the user `login` in the fleet of this key.
pub(super) fn pseudonym(fleet_key: &[u8; 32], login: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, fleet_key);
    let mut context = hmac::Context::with_key(&key);
    context.update(PURPOSE);
    context.update(canonical(login).as_bytes());
    let tag = context.sign();
    let letters = BASE32_NOPAD.encode(tag.as_ref()).to_ascii_lowercase();
    PREFIX
        .chars()
        .chain(letters.chars().take(LETTERS))
        .collect()
}

fn canonical(login: &str) -> String {
    login.trim().to_lowercase()
}
