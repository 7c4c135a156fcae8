//! Points in time, in UTC, cut to microseconds (PostgreSQL keeps no more, and what was hashed must read back the same).

use chrono::{DateTime, Duration, NaiveDateTime, SubsecRound, TimeZone, Utc};
use chrono_tz::Tz;

/// A point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(NaiveDateTime);

impl Moment {
    /// The moment of a UTC time; finer than microseconds is cut off.
    pub fn from_utc(at: DateTime<Utc>) -> Self {
        Self(at.naive_utc().trunc_subsecs(6))
    }

    /// The moment as it stands in a table: UTC, without a zone.
    pub fn from_naive_utc(at: NaiveDateTime) -> Self {
        Self(at.trunc_subsecs(6))
    }

    /// The moment as it stands in a table.
    pub fn naive_utc(&self) -> &NaiveDateTime {
        &self.0
    }

    /// The moment as a UTC time.
    pub fn utc(self) -> DateTime<Utc> {
        self.0.and_utc()
    }

    /// This long after. Saturates at the end of time.
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.checked_add_signed(span).unwrap_or(NaiveDateTime::MAX))
    }

    /// This long before. Saturates at the beginning of time.
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.checked_sub_signed(span).unwrap_or(NaiveDateTime::MIN))
    }

    /// RFC 3339 in UTC, to the second: `2026-11-21T10:02:00Z`.
    pub fn rfc3339(self) -> String {
        self.utc().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }

    /// RFC 3339 in UTC with all that is stored, for hashing.
    pub fn rfc3339_exact(self) -> String {
        self.utc().to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
    }

    /// `2026-11-21 11:02 CET`: the wall clock at the site.
    pub fn in_zone(self, zone: Tz) -> String {
        self.utc().with_timezone(&zone).format("%Y-%m-%d %H:%M %Z").to_string()
    }

    /// `2026-11-21`: the calendar day in a zone of the IANA database; in UTC where there is no such zone.
    pub fn day_in(self, zone: &str) -> String {
        let zone: Tz = zone.trim().parse().unwrap_or(Tz::UTC);
        self.utc().with_timezone(&zone).date_naive().to_string()
    }
}

impl serde::Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.rfc3339_exact())
    }
}

/// Why a typed date, time and zone name no moment.
#[derive(Debug, PartialEq, Eq)]
pub enum ClockProblem {
    /// No such zone in the IANA database.
    Zone,
    /// No such calendar day, or not written as `2026-11-21`.
    Date,
    /// No such time of day, or not written as `09:30`.
    Time,
    /// The clocks were put forward over this time: it never was.
    Skipped,
}

/// The moment that a wall clock at `zone` showed. Of a time that came twice (clocks put back), the earlier.
pub fn from_wall_clock(date: &str, time: &str, zone: &str) -> Result<Moment, ClockProblem> {
    let zone: Tz = zone.trim().parse().map_err(|_| ClockProblem::Zone)?;
    let date = chrono::NaiveDate::parse_from_str(date.trim(), "%Y-%m-%d").map_err(|_| ClockProblem::Date)?;
    let time = chrono::NaiveTime::parse_from_str(time.trim(), "%H:%M:%S")
        .or_else(|_| chrono::NaiveTime::parse_from_str(time.trim(), "%H:%M"))
        .map_err(|_| ClockProblem::Time)?;
    let local = zone.from_local_datetime(&date.and_time(time)).earliest().ok_or(ClockProblem::Skipped)?;
    Ok(Moment::from_utc(local.with_timezone(&Utc)))
}

/// Reads a calendar day as it was typed, `2026-11-30`.
pub fn read_day(typed: &str) -> Option<String> {
    let day = chrono::NaiveDate::parse_from_str(typed.trim(), "%Y-%m-%d").ok()?;
    (chrono::Datelike::year(&day) >= 2000 && chrono::Datelike::year(&day) < 10_000).then(|| day.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_clock_is_read_in_its_zone() {
        let at = from_wall_clock("2026-07-01", "09:30", "Europe/Berlin").map(Moment::rfc3339);
        assert_eq!(at.as_deref(), Ok("2026-07-01T07:30:00Z"));
    }

    #[test]
    fn a_day_is_that_of_the_zone() {
        let late = from_wall_clock("2026-11-21", "23:30", "UTC").unwrap();
        assert_eq!(late.day_in("Europe/Berlin"), "2026-11-22");
        assert_eq!(late.day_in("America/Chicago"), "2026-11-21");
        assert_eq!(late.day_in("Mars/Olympus"), "2026-11-21");
    }

    #[test]
    fn times_that_never_were_are_told_apart() {
        assert_eq!(from_wall_clock("2026-03-29", "02:30", "Europe/Berlin"), Err(ClockProblem::Skipped));
        assert_eq!(from_wall_clock("2026-02-30", "02:30", "Europe/Berlin"), Err(ClockProblem::Date));
        assert_eq!(from_wall_clock("2026-02-20", "25:00", "Europe/Berlin"), Err(ClockProblem::Time));
        assert_eq!(from_wall_clock("2026-02-20", "12:00", "Mars/Olympus"), Err(ClockProblem::Zone));
    }
}
