//! The version of a catalogue: a day that people can compare, and a digest that tells two contents of one day apart.
//!
//! The digest is FNV-1a with 64 bits, cut to 48. It names content, it does not protect it: signatures do that.

use crate::model::Service;

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

/// Makes the version of `files`, whatever their order.
pub(crate) fn version_of<'s>(
    files: &[(String, String)],
    services: impl IntoIterator<Item = &'s Service>,
) -> String {
    let day = services
        .into_iter()
        .map(|service| service.last_checked.as_str())
        .max();
    let day = day.unwrap_or("0000-00-00").replace('-', ".");
    format!("{day}+{}", digest_of(files))
}

/// Makes the version of a catalogue `base` to which local files were added.
pub(crate) fn version_with(base: &str, local: &[(String, String)]) -> String {
    if local.is_empty() {
        return base.into();
    }
    format!("{base}.local.{}", digest_of(local))
}

fn digest_of(files: &[(String, String)]) -> String {
    let mut sorted: Vec<&(String, String)> = files.iter().collect();
    sorted.sort();
    let mut digest = FNV_OFFSET;
    for (name, text) in sorted {
        digest = fold(digest, name.as_bytes());
        digest = fold(digest, text.as_bytes());
    }
    format!("{:012x}", digest >> 16)
}

/// Adds `bytes` and their length, so that moving a byte from one text to the next changes the digest.
fn fold(digest: u64, bytes: &[u8]) -> u64 {
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes();
    length.iter().chain(bytes).fold(digest, |digest, byte| {
        (digest ^ u64::from(*byte)).wrapping_mul(FNV_PRIME)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, text)| ((*name).into(), (*text).into()))
            .collect()
    }

    #[test]
    fn does_not_depend_on_the_order_of_files() {
        let one = version_of(&files(&[("a", "x"), ("b", "y")]), &[]);
        assert_eq!(one, version_of(&files(&[("b", "y"), ("a", "x")]), &[]));
        assert_eq!(
            one,
            "0000.00.00+".to_owned() + one.split('+').nth(1).unwrap()
        );
    }

    #[test]
    fn depends_on_every_byte_and_where_it_stands() {
        let one = version_of(&files(&[("a", "xy"), ("b", "")]), &[]);
        assert_ne!(one, version_of(&files(&[("a", "x"), ("b", "y")]), &[]));
        assert_ne!(one, version_of(&files(&[("a", "xz"), ("b", "")]), &[]));
    }
}
