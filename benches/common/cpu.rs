//! The CPU time of a process.

/// Ticks a second in `/proc`, on every Linux that Gatepost runs on.
const TICKS: f64 = 100.0;

/// Returns the seconds of CPU time that a process has used, in its own code and in the system's.
pub fn used(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("a process");
    // The name, in brackets, may hold spaces.
    let (_, fields) = stat.rsplit_once(')').expect("a name");
    let ticks = fields.split_whitespace().skip(11).take(2).map(|field| field.parse::<f64>().expect("ticks"));
    ticks.sum::<f64>() / TICKS
}
