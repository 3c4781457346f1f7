//! How long to wait before trying again: exponential, bounded, and random in full, so that a
//! thousand agents do not come back in the same second.

use std::time::Duration;

use ring::rand::{SecureRandom, SystemRandom};

/// Longest wait after the first failure.
const FIRST: Duration = Duration::from_millis(500);
/// Longest wait after any number of failures.
const LONGEST: Duration = Duration::from_secs(30);
/// Longest wait when trying again is of little use.
const LONGEST_LASTING: Duration = Duration::from_secs(300);

/// Waits between attempts.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The wait before the next attempt; `lasting` when the failure will not pass by itself.
    pub(crate) fn next(&mut self, lasting: bool) -> Duration {
        self.next_with(lasting, random_fraction())
    }

    fn next_with(&mut self, lasting: bool, fraction: f64) -> Duration {
        let longest = if lasting { LONGEST_LASTING } else { LONGEST };
        let factor = 1_u32.checked_shl(self.failures.min(16)).unwrap_or(u32::MAX);
        self.failures = self.failures.saturating_add(1);
        FIRST.saturating_mul(factor).min(longest).mul_f64(fraction)
    }

    /// Something worked: the next wait is short again.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

/// A number from 0 to 1; the middle when the system has no randomness to give.
fn random_fraction() -> f64 {
    let mut bytes = [0; 4];
    match SystemRandom::new().fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_ne_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 0.5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound_and_start_over() {
        let mut backoff = Backoff::default();
        let waits: Vec<Duration> = (0..9).map(|_| backoff.next_with(false, 1.0)).collect();
        assert_eq!(waits[0], FIRST);
        assert_eq!(waits[1], FIRST * 2);
        assert_eq!(waits[8], LONGEST);
        backoff.reset();
        assert_eq!(backoff.next_with(false, 0.5), FIRST / 2);
        for _ in 0..100 {
            assert!(backoff.next(true) <= LONGEST_LASTING);
        }
    }
}
