//! Units of time.

/// The unit of an interface's timestamps (option `if_tsresol`).
#[derive(Clone, Copy, Debug)]
pub(super) enum TimeUnit {
    /// This many nanoseconds.
    Nanos(u64),
    /// This many of them make a nanosecond.
    PerNano(u64),
    /// Two to the power of minus this many seconds.
    Binary(u32),
}

impl TimeUnit {
    /// What holds when nothing is said.
    pub(super) const MICROS: Self = Self::Nanos(1_000);

    /// Reads the option: an exponent of ten, or of two when the first bit is set.
    pub(super) fn from_option(value: u8) -> Self {
        let exponent = u32::from(value & 0x7f);
        if value & 0x80 != 0 {
            return Self::Binary(exponent);
        }
        match exponent.checked_sub(9) {
            None => Self::Nanos(10_u64.pow(9 - exponent)),
            // 10^19 is the largest power that fits; finer units than that leave no whole nanosecond.
            Some(finer) => Self::PerNano(10_u64.checked_pow(finer).unwrap_or(u64::MAX)),
        }
    }

    /// So many units in nanoseconds, the latest time there is when that is more.
    #[inline]
    pub(super) fn nanos(self, units: u64) -> i64 {
        let nanos = match self {
            Self::Nanos(nanos) => units.checked_mul(nanos),
            Self::PerNano(units_per_nano) => units.checked_div(units_per_nano),
            Self::Binary(exponent) => (u128::from(units) * 1_000_000_000)
                .checked_shr(exponent)
                .and_then(|nanos| u64::try_from(nanos).ok()),
        };
        nanos
            .and_then(|nanos| i64::try_from(nanos).ok())
            .unwrap_or(i64::MAX)
    }
}
