//! Bounds how often one address may fail: a token bucket for each, spent by
//! failures only, so that a site full of agents behind one address never
//! notices.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Addresses that are remembered at once. When there are more, the one whose
/// last failure is longest ago is forgotten.
pub const MAX_ADDRESSES: usize = 4096;

/// How much failure is borne.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Failures in a row before an address is refused.
    pub burst: u32,
    /// One more is allowed after each of these.
    pub interval: Duration,
}

/// The recent failures of every address.
#[derive(Debug)]
pub struct Failures {
    allowance: Allowance,
    addresses: Mutex<BTreeMap<IpAddr, Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    spent: u32,
    since: Instant,
}

impl Failures {
    /// Nobody has failed yet.
    #[must_use]
    pub const fn new(allowance: Allowance) -> Self {
        Self {
            allowance,
            addresses: Mutex::new(BTreeMap::new()),
        }
    }

    /// Whether `address` may try now.
    #[must_use]
    pub fn allows(&self, address: IpAddr, now: Instant) -> bool {
        let addresses = self
            .addresses
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let Some(bucket) = addresses.get(&network(address)) else {
            return true;
        };
        self.refill(*bucket, now).spent < self.allowance.burst
    }

    /// Notes that `address` has failed.
    pub fn note(&self, address: IpAddr, now: Instant) {
        let address = network(address);
        let mut addresses = self
            .addresses
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if addresses.len() >= MAX_ADDRESSES && !addresses.contains_key(&address) {
            self.forget_one(&mut addresses, now);
        }
        let bucket = addresses.entry(address).or_insert(Bucket {
            spent: 0,
            since: now,
        });
        *bucket = self.refill(*bucket, now);
        bucket.spent = bucket.spent.saturating_add(1).min(self.allowance.burst);
    }

    /// Drops everything that is forgiven by now, and at least the oldest.
    fn forget_one(&self, addresses: &mut BTreeMap<IpAddr, Bucket>, now: Instant) {
        addresses.retain(|_, bucket| self.refill(*bucket, now).spent > 0);
        if addresses.len() < MAX_ADDRESSES {
            return;
        }
        let oldest = addresses.iter().min_by_key(|(_, bucket)| bucket.since);
        if let Some(address) = oldest.map(|(address, _)| *address) {
            addresses.remove(&address);
        }
    }

    fn refill(&self, bucket: Bucket, now: Instant) -> Bucket {
        let elapsed = now.saturating_duration_since(bucket.since).as_nanos();
        let interval = self.allowance.interval.as_nanos().max(1);
        let earned = u32::try_from(elapsed / interval).unwrap_or(u32::MAX);
        if earned == 0 {
            return bucket;
        }
        let used = self.allowance.interval.saturating_mul(earned);
        Bucket {
            spent: bucket.spent.saturating_sub(earned),
            since: bucket.since.checked_add(used).unwrap_or(now),
        }
    }
}

/// One party usually has a whole /64 of IPv6 to come from.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn failures() -> Failures {
        Failures::new(Allowance {
            burst: 3,
            interval: SECOND * 10,
        })
    }

    #[test]
    fn refuses_after_the_burst_and_forgives_with_time() {
        let (failures, now) = (failures(), Instant::now());
        let address = IpAddr::from([192, 0, 2, 1]);
        for _ in 0..3 {
            assert!(failures.allows(address, now));
            failures.note(address, now);
        }
        assert!(!failures.allows(address, now));
        assert!(!failures.allows(address, now + SECOND * 9));
        assert!(failures.allows(address, now + SECOND * 10));
        failures.note(address, now + SECOND * 10);
        assert!(!failures.allows(address, now + SECOND * 19));
        assert!(failures.allows(address, now + SECOND * 20));
        assert!(failures.allows(IpAddr::from([192, 0, 2, 2]), now));
    }

    #[test]
    fn a_64_of_ipv6_is_one_party_and_a_mapped_address_is_ipv4() {
        let (failures, now) = (failures(), Instant::now());
        for last in 1..=3u16 {
            failures.note(IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, last]), now);
        }
        assert!(!failures.allows(IpAddr::from([0x2001, 0xdb8, 0, 0, 9, 9, 9, 9]), now));
        assert!(failures.allows(IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, 1]), now));
        for _ in 0..3 {
            failures.note("::ffff:192.0.2.7".parse().unwrap(), now);
        }
        assert!(!failures.allows(IpAddr::from([192, 0, 2, 7]), now));
    }

    #[test]
    fn remembers_a_bounded_number_of_addresses() {
        let (failures, now) = (failures(), Instant::now());
        for n in 0..u32::try_from(MAX_ADDRESSES).unwrap() + 10 {
            failures.note(IpAddr::from(n.to_be_bytes()), now);
        }
        assert_eq!(failures.addresses.lock().unwrap().len(), MAX_ADDRESSES);
        let later = now + SECOND * 60;
        failures.note(IpAddr::from([203, 0, 113, 1]), later);
        assert_eq!(failures.addresses.lock().unwrap().len(), 1);
    }
}
