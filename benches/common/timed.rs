//! A load with measured times.

use std::time::{Duration, Instant};

/// Runs `work` on `clients` threads for `span`, and prints how often it ran and how long it took.
/// Returns how often it ran in a second.
pub fn load<C>(
    name: &str,
    clients: (usize, Duration),
    connect: impl Fn(usize) -> C + Sync,
    work: impl Fn(&mut C, usize) + Sync,
) -> f64 {
    let timed = timed(clients, connect, work);
    println!(
        "{name:<46} {:>8.0}/s   p50 {:>7.2} ms   p99 {:>7.2} ms   max {:>7.2} ms",
        timed.each_second(),
        timed.at(0.5),
        timed.at(0.99),
        timed.at(1.0)
    );
    timed.each_second()
}

/// Number of runs, and the time of each.
pub struct Timed {
    took: Duration,
    /// The shortest first.
    times: Vec<Duration>,
}

impl Timed {
    /// Returns the milliseconds that this share of the work took at most.
    pub fn at(&self, share: f64) -> f64 {
        self.times[((self.times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0
    }

    pub fn each_second(&self) -> f64 {
        self.count() as f64 / self.took.as_secs_f64()
    }

    pub fn count(&self) -> usize {
        self.times.len()
    }
}

/// Runs `work` on `clients` threads for `span`, and prints nothing.
pub fn timed<C>(
    (clients, span): (usize, Duration),
    connect: impl Fn(usize) -> C + Sync,
    work: impl Fn(&mut C, usize) + Sync,
) -> Timed {
    let begun = Instant::now();
    let mut times: Vec<Duration> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..clients)
            .map(|n| {
                let (connect, work) = (&connect, &work);
                scope.spawn(move || {
                    let mut client = connect(n);
                    let mut times = Vec::new();
                    while begun.elapsed() < span {
                        let start = Instant::now();
                        work(&mut client, times.len() * clients + n);
                        times.push(start.elapsed());
                    }
                    times
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a client")).collect()
    });
    let took = begun.elapsed();
    times.sort_unstable();
    Timed { took, times }
}
