//! The body of a fuzz target; the target itself is one line.

use super::officer::{PrivateKey, PublicKey};
use super::sealed::{Layer, name, open};

/// `unmask_files`: bytes as what officers get from others: key files, sealed names, and what is below both layers.
///
/// # Panics
/// When a public key does not read back as it was written, or bytes that nobody sealed open.
pub fn unmask_files(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Ok(key) = text.parse::<PublicKey>() {
            assert!(
                key.to_string().parse::<PublicKey>().as_ref() == Ok(&key),
                "a key reads back"
            );
        }
        if let Ok(key) = PrivateKey::read(text, None) {
            for layer in [Layer::Outer, Layer::Inner] {
                assert!(
                    open(&key, layer, "u-a", bytes).is_err(),
                    "nobody sealed this"
                );
            }
        }
    }
    if let Ok(name) = name(bytes) {
        assert!(name.len() < bytes.len(), "a name is part of what holds it");
    }
    let Ok(key) = PrivateKey::read(KEY, None) else {
        return;
    };
    let mut addressed = vec![1];
    addressed.extend(key.public().id());
    addressed.extend_from_slice(bytes);
    for layer in [Layer::Outer, Layer::Inner] {
        assert!(
            open(&key, layer, "u-a", &addressed).is_err(),
            "nobody sealed this"
        );
    }
}

/// A key that nobody uses.
const KEY: &str = "gnomon-officer-private-1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
