//! Slows down guessing of passwords: per account and per address, on this node.

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;

/// Tries at once; then one more every [`REFILL_SECONDS`].
const BURST_PER_ACCOUNT: u32 = 10;
const BURST_PER_ADDRESS: u32 = 30;
const REFILL_SECONDS: u64 = 30;

pub(super) struct Throttle {
    accounts: DefaultKeyedRateLimiter<String>,
    addresses: DefaultKeyedRateLimiter<String>,
}

impl Throttle {
    pub(super) fn new() -> Self {
        Self { accounts: limiter(BURST_PER_ACCOUNT), addresses: limiter(BURST_PER_ADDRESS) }
    }

    /// May somebody at this address try this account? Otherwise: the seconds to wait.
    pub(super) fn admit(&self, account: &str, address: &str) -> Result<(), u64> {
        let account = account.trim().to_lowercase();
        for (limiter, key) in [(&self.addresses, address.to_owned()), (&self.accounts, account)] {
            limiter.retain_recent();
            if let Err(early) = limiter.check_key(&key) {
                return Err(early.wait_time_from(DefaultClock::default().now()).as_secs() + 1);
            }
        }
        Ok(())
    }
}

fn limiter(burst: u32) -> DefaultKeyedRateLimiter<String> {
    let period = std::time::Duration::from_secs(REFILL_SECONDS);
    let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
    let quota = Quota::with_period(period).unwrap_or_else(|| Quota::per_minute(burst)).allow_burst(burst);
    RateLimiter::keyed(quota)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_is_slowed_per_account_and_per_address() {
        let throttle = Throttle::new();
        for _ in 0..BURST_PER_ACCOUNT {
            assert!(throttle.admit("kim@example.org", "192.0.2.1").is_ok());
        }
        assert!(throttle.admit("KIM@example.org", "192.0.2.2").is_err());
        assert!(throttle.admit("lee@example.org", "192.0.2.2").is_ok());
    }
}
