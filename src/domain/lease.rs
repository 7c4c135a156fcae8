//! A lease: a short permission to run that an open gate hands out, and the rules by which it is checked offline.
//!
//! Form: a JWS in compact form (RFC 7515), algorithm EdDSA (RFC 8037), `typ` [`TYPE`]. `docs/leases.md` is the contract.

use super::automation::{Environment, RunScope};
use super::moment::Moment;
use serde::{Deserialize, Serialize};

/// `typ` of a lease's header: a signature over another kind of document is no lease.
pub const TYPE: &str = "allclear-lease+jwt";
/// `iss` of every lease.
pub const ISSUER: &str = "allclear";
/// Seconds by which the clock of whoever checks may differ from ours, unless a setting says otherwise.
pub const SKEW_SECONDS: i64 = 30;
/// The most that such a setting may say: with more, a lease would be good for long after its end.
pub const SKEW_SECONDS_MAX: i64 = 300;

/// What a lease says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Who issued it: [`ISSUER`].
    pub iss: String,
    /// Slug of the automation that may run.
    pub sub: String,
    /// How far it may go.
    pub scope: RunScope,
    /// Where.
    pub environment: Environment,
    /// When it was issued, seconds since 1970.
    pub iat: i64,
    /// From then on it is over, seconds since 1970.
    pub exp: i64,
    /// A nonce: no two leases are alike.
    pub jti: String,
}

/// Why a lease permits nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaseProblem {
    /// No lease at all: cut off, not in compact form, not what `typ` says.
    Malformed,
    /// Signed by a key that is not published.
    UnknownKey(String),
    /// The signature does not hold.
    Forged,
    /// For another automation.
    OtherAutomation(String),
    /// For another environment.
    OtherEnvironment(Environment),
    /// Issued in the future, by more than the clocks may differ.
    NotYetValid,
    /// Over, by more than the clocks may differ.
    Expired,
}

impl std::fmt::Display for LeaseProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            LeaseProblem::Malformed => f.write_str("this is no lease"),
            LeaseProblem::UnknownKey(kid) => write!(f, "the lease is signed by {kid}, which is no published key"),
            LeaseProblem::Forged => f.write_str("the lease is forged: its signature does not hold"),
            LeaseProblem::OtherAutomation(slug) => write!(f, "the lease is for another automation, {slug}"),
            LeaseProblem::OtherEnvironment(other) => write!(f, "the lease is for another environment, {other}"),
            LeaseProblem::NotYetValid => f.write_str("the lease is not valid yet: compare the clocks"),
            LeaseProblem::Expired => f.write_str("the lease has expired"),
        }
    }
}

impl Lease {
    /// Does it permit a run of this automation here and now? `skew` is how many seconds the clocks may differ.
    pub fn check(
        &self,
        automation: &str,
        environment: Environment,
        now: Moment,
        skew: i64,
    ) -> Result<(), LeaseProblem> {
        let (now, skew) = (now.utc().timestamp(), skew.clamp(0, SKEW_SECONDS_MAX));
        if self.iss != ISSUER || self.iat >= self.exp {
            return Err(LeaseProblem::Malformed);
        }
        if self.sub != automation {
            return Err(LeaseProblem::OtherAutomation(self.sub.clone()));
        }
        if self.environment != environment {
            return Err(LeaseProblem::OtherEnvironment(self.environment));
        }
        if self.iat > now.saturating_add(skew) {
            return Err(LeaseProblem::NotYetValid);
        }
        if now >= self.exp.saturating_add(skew) {
            return Err(LeaseProblem::Expired);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lease() -> Lease {
        Lease {
            iss: ISSUER.into(),
            sub: "order-mails".into(),
            scope: RunScope::ReadOnly,
            environment: Environment::Production,
            iat: 1_000,
            exp: 1_060,
            jti: "n".into(),
        }
    }

    fn at(seconds: i64) -> Moment {
        Moment::from_naive_utc(chrono::NaiveDateTime::default()).plus(chrono::Duration::seconds(seconds))
    }

    #[test]
    fn it_holds_between_its_ends_and_a_little_beyond() {
        let checked = |now, skew| lease().check("order-mails", Environment::Production, at(now), skew);
        assert_eq!(checked(1_000, 0), Ok(()));
        assert_eq!(checked(1_059, 0), Ok(()));
        assert_eq!(checked(1_060, 0), Err(LeaseProblem::Expired));
        assert_eq!(checked(999, 0), Err(LeaseProblem::NotYetValid));
        assert_eq!((checked(970, 30), checked(1_089, 30)), (Ok(()), Ok(())));
        assert_eq!(checked(969, 30), Err(LeaseProblem::NotYetValid));
        assert_eq!(checked(1_090, 30), Err(LeaseProblem::Expired));
        // However large a skew somebody sets, it is bounded.
        assert_eq!(checked(1_060 + SKEW_SECONDS_MAX, i64::MAX), Err(LeaseProblem::Expired));
    }

    #[test]
    fn it_is_good_for_one_automation_in_one_environment() {
        let other = lease().check("restock", Environment::Production, at(1_001), 30);
        assert_eq!(other, Err(LeaseProblem::OtherAutomation("order-mails".into())));
        let elsewhere = lease().check("order-mails", Environment::Staging, at(1_001), 30);
        assert_eq!(elsewhere, Err(LeaseProblem::OtherEnvironment(Environment::Production)));
        let foreign = Lease { iss: "other".into(), ..lease() };
        let checked = foreign.check("order-mails", Environment::Production, at(1_001), 30);
        assert_eq!(checked, Err(LeaseProblem::Malformed));
    }
}
