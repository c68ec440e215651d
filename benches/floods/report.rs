//! The results: a cell for each flood and each kind of request.

use crate::flood::Answers;
use std::{collections::BTreeMap, time::Duration};

/// The limit for 99 of 100 requests.
const PATIENCE: Duration = Duration::from_millis(300);

/// One request: how long it took, and why it failed.
pub struct Step {
    pub kind: &'static str,
    pub took: Duration,
    pub trouble: Option<String>,
}

pub struct Cell {
    flood: &'static str,
    kind: &'static str,
    /// In ascending order.
    times: Vec<Duration>,
    troubles: Vec<String>,
}

impl Cell {
    /// The time that this share of the requests stays within (nearest rank, so that few times count
    /// their worst).
    fn at(&self, share: f64) -> Duration {
        self.times[((self.times.len() as f64 * share).ceil() as usize).max(1) - 1]
    }

    fn is_fine(&self) -> bool {
        self.troubles.is_empty() && self.at(0.99) < PATIENCE
    }
}

pub fn cells(flood: &'static str, steps: &[Step]) -> Vec<Cell> {
    let mut of_kind: BTreeMap<&'static str, Vec<&Step>> = BTreeMap::new();
    for step in steps {
        of_kind.entry(step.kind).or_default().push(step);
    }
    let cell = |(kind, steps): (&'static str, Vec<&Step>)| {
        let mut times: Vec<_> = steps.iter().map(|step| step.took).collect();
        times.sort_unstable();
        Cell { flood, kind, times, troubles: steps.iter().filter_map(|step| step.trouble.clone()).collect() }
    };
    of_kind.into_iter().map(cell).collect()
}

/// Prints the answers to the flood itself.
pub fn flood(name: &str, answers: &[Answers], span: Duration) {
    let mut all = Answers::new();
    for (answer, count) in answers.iter().flatten() {
        *all.entry(answer.clone()).or_default() += count;
    }
    let each_second = all.values().sum::<usize>() as f64 / span.as_secs_f64();
    println!("-- {name}: {each_second:.0} requests a second, answered {all:?}");
}

/// Prints every cell beside the limit. Returns whether all are within it.
pub fn print(cells: &[(&'static str, Cell)]) -> bool {
    println!(
        "{:<11} {:<24} {:<14} {:>6} {:>8} {:>8} {:>8}   of the limit",
        "database", "flood", "request", "times", "p50 ms", "p99 ms", "max ms"
    );
    let millis = |time: Duration| time.as_secs_f64() * 1000.0;
    for (database, cell) in cells {
        println!(
            "{database:<11} {:<24} {:<14} {:>6} {:>8.2} {:>8.2} {:>8.2}   {:>4.0} %   {}",
            cell.flood,
            cell.kind,
            cell.times.len(),
            millis(cell.at(0.5)),
            millis(cell.at(0.99)),
            millis(cell.at(1.0)),
            cell.at(0.99).as_secs_f64() / PATIENCE.as_secs_f64() * 100.0,
            if cell.is_fine() { "PASS".to_owned() } else { format!("FAIL {:?}", cell.troubles) }
        );
    }
    let failed = cells.iter().filter(|(_, cell)| !cell.is_fine()).count();
    println!("{} of {} cells pass", cells.len() - failed, cells.len());
    failed == 0
}
