//! Longest times to wait for a mail server.

use crate::happy_eyeballs;
use std::time::Duration;

/// Three times within a lease.
const RENEW: Duration = Duration::from_secs(6);

/// Time limits. The defaults are those of RFC 5321 §4.5.3.2: a server that scans for viruses, or
/// asks another one, takes minutes.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For each address of the server.
    pub connect: Duration,
    /// Until the next address is tried beside the one before (RFC 8305).
    pub stagger: Duration,
    /// The TLS handshake.
    pub handshake: Duration,
    pub greeting: Duration,
    /// EHLO, STARTTLS, AUTH, MAIL and RCPT.
    pub command: Duration,
    pub data: Duration,
    /// Each piece of the email.
    pub block: Duration,
    /// The answer to the final dot.
    pub dot: Duration,
    /// RSET and QUIT, which change nothing.
    pub farewell: Duration,
    /// Time for which an unused connection is trusted.
    pub idle: Duration,
    /// Interval at which an email under way renews its lease and its link.
    pub renew: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let minutes = |n: u64| Duration::from_secs(n * 60);
        Self {
            connect: Duration::from_secs(10),
            stagger: happy_eyeballs::STAGGER,
            handshake: Duration::from_secs(30),
            greeting: minutes(5),
            command: minutes(5),
            data: minutes(2),
            block: minutes(3),
            dot: minutes(10),
            farewell: Duration::from_secs(5),
            idle: Duration::from_secs(20),
            renew: RENEW,
        }
    }
}

impl Timeouts {
    /// Returns the same limits, with at most `budget` for steps before the email is handed over.
    /// The answer to the final dot keeps its time, because it alone tells the outcome.
    #[must_use]
    pub fn within(self, budget: Duration) -> Self {
        Self {
            connect: self.connect.min(budget),
            handshake: self.handshake.min(budget),
            greeting: self.greeting.min(budget),
            command: self.command.min(budget),
            data: self.data.min(budget),
            block: self.block.min(budget),
            ..self
        }
    }

    /// Returns one limit for every step, for tests that cannot wait for minutes.
    pub const fn of(span: Duration) -> Self {
        Self {
            connect: span,
            stagger: span,
            handshake: span,
            greeting: span,
            command: span,
            data: span,
            block: span,
            dot: span,
            farewell: span,
            idle: Duration::from_secs(20),
            renew: RENEW,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5321 §4.5.3.2: the least that each step is given.
    #[test]
    fn each_step_has_the_time_that_the_standard_gives_it() {
        let usual = Timeouts::default();
        for (given, minutes) in
            [(usual.greeting, 5), (usual.command, 5), (usual.data, 2), (usual.block, 3), (usual.dot, 10)]
        {
            assert_eq!(given, Duration::from_secs(60 * minutes));
        }
    }

    #[test]
    fn an_email_soon_worth_nothing_cuts_every_step_but_the_answer_to_the_dot() {
        let (usual, budget) = (Timeouts::default(), Duration::from_secs(2));
        let cut = usual.within(budget);
        for limit in [cut.connect, cut.handshake, cut.greeting, cut.command, cut.data, cut.block] {
            assert_eq!(limit, budget);
        }
        assert_eq!(cut.dot, usual.dot);
    }

    #[test]
    fn a_server_that_is_silent_is_given_up_soon_and_an_unused_connection_too() {
        let usual = Timeouts::default();
        for (given, seconds) in [(usual.connect, 10), (usual.handshake, 30), (usual.farewell, 5), (usual.idle, 20)] {
            assert_eq!(given, Duration::from_secs(seconds));
        }
    }
}
