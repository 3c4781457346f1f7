//! GREASE values (RFC 8701): sent at random to keep servers tolerant, so no part of a fingerprint.

/// Whether `value` is one of the sixteen reserved values `0x0A0A`, `0x1A1A`, .. `0xFAFA`.
pub const fn is_grease(value: u16) -> bool {
    let [high, low] = value.to_be_bytes();
    high == low && low & 0x0f == 0x0a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_sixteen_values_of_rfc_8701() {
        let found: Vec<u16> = (0..=u16::MAX).filter(|value| is_grease(*value)).collect();
        assert_eq!(found.len(), 16);
        assert_eq!(found.first(), Some(&0x0a0a));
        assert_eq!(found.last(), Some(&0xfafa));
    }
}
