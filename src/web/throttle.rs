//! Slows down guessing of passwords: per account and per address, on this node.

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

/// Tries at once; then one more every [`REFILL_SECONDS`].
const BURST_PER_ACCOUNT: u32 = 10;
const BURST_PER_ADDRESS: u32 = 30;
/// Forms kept at once for visitors of whom nothing is known.
const BURST_OF_DRAFTS: u32 = 10;
const REFILL_SECONDS: u64 = 30;

pub(super) struct Throttle {
    accounts: DefaultKeyedRateLimiter<String>,
    addresses: DefaultKeyedRateLimiter<String>,
    drafts: DefaultKeyedRateLimiter<String>,
    admitted: AtomicU32,
}

/// After so many tries the keys whose time is over are forgotten: each forgetting walks all keys.
const FORGET_EVERY: u32 = 256;
/// Characters of an account that count: the longest e-mail address.
const ACCOUNT_MAX: usize = 254;

impl Throttle {
    pub(super) fn new() -> Self {
        Self {
            accounts: limiter(BURST_PER_ACCOUNT),
            addresses: limiter(BURST_PER_ADDRESS),
            drafts: limiter(BURST_OF_DRAFTS),
            admitted: AtomicU32::new(0),
        }
    }

    /// May somebody at this address try this account? Otherwise: the seconds to wait.
    pub(super) fn admit(&self, account: &str, address: &str) -> Result<(), u64> {
        if self.admitted.fetch_add(1, Ordering::Relaxed).is_multiple_of(FORGET_EVERY) {
            for limiter in [&self.addresses, &self.accounts, &self.drafts] {
                limiter.retain_recent();
            }
        }
        let account: String = account.trim().to_lowercase().chars().take(ACCOUNT_MAX).collect();
        for (limiter, key) in [(&self.addresses, address.to_owned()), (&self.accounts, account)] {
            if let Err(early) = limiter.check_key(&key) {
                return Err(early.wait_time_from(DefaultClock::default().now()).as_secs() + 1);
            }
        }
        Ok(())
    }
}

impl Throttle {
    /// May one more form be kept for a visitor at this address?
    pub(super) fn admit_draft(&self, address: &str) -> bool {
        self.drafts.check_key(&address.to_owned()).is_ok()
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
