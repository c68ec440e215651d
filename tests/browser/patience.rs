//! Waits for another program: asks again and again, a bounded number of times, never a fixed pause.

use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// Minutes, for a slow machine. Nothing that works takes that long.
const TRIES: u32 = 4000;
pub const PERIOD: Duration = Duration::from_millis(50);

/// Asks until there is an answer.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let mut pulse = interval(PERIOD);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for _ in 0..TRIES {
        pulse.tick().await;
        if let Some(answer) = ask().await {
            return answer;
        }
    }
    panic!("waited in vain for {what}");
}
