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
    load_with_tail(name, clients, connect, work).0
}

/// Does the same, and also returns the milliseconds that the slowest hundredth took at least.
pub fn load_with_tail<C>(
    name: &str,
    (clients, span): (usize, Duration),
    connect: impl Fn(usize) -> C + Sync,
    work: impl Fn(&mut C, usize) + Sync,
) -> (f64, f64) {
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
    times.sort_unstable();
    let each_second = times.len() as f64 / begun.elapsed().as_secs_f64();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    println!(
        "{name:<46} {each_second:>8.0}/s   p50 {:>7.2} ms   p99 {:>7.2} ms   max {:>7.2} ms",
        at(0.5),
        at(0.99),
        times[times.len() - 1].as_secs_f64() * 1000.0
    );
    (each_second, at(0.99))
}
