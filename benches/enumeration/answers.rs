//! Compares answers: bytes without what is random, and times by their ranks.

use crate::client::Answer;

/// Times of one kind of question, in microseconds, and the bytes of some answers.
#[derive(Default)]
pub struct Answers {
    pub times: Vec<f64>,
    pub bytes: Vec<String>,
}

/// Compares each kind with the first, and prints the result.
pub fn cannot_be_told_apart(kinds: &[&str], answers: &mut [Answers]) -> bool {
    let mut same = true;
    for other in 1..kinds.len() {
        let (median_known, median_other) = (median(&mut answers[0].times), median(&mut answers[other].times));
        let p = rank_sum(&answers[0].times, &answers[other].times);
        let differing = answers[0].bytes.iter().zip(&answers[other].bytes).find(|(a, b)| a != b);
        let alike = differing.is_none();
        if let Some((a, b)) = differing {
            let lines = a.lines().zip(b.lines()).find(|(a, b)| a != b);
            println!("   the first lines that differ: {lines:?}");
        }
        // Either the ranks do not differ, or the medians differ by less than an attacker can use
        // over a network.
        let fine = alike && (p > 0.01 || (median_known - median_other).abs() < 100.0);
        same &= fine;
        println!(
            "{} against {}: median {median_known:.0} µs and {median_other:.0} µs, p = {p:.3}, bytes {}: {}",
            kinds[0],
            kinds[other],
            if alike { "alike" } else { "DIFFER" },
            if fine { "cannot be told apart" } else { "CAN BE TOLD APART" }
        );
    }
    same
}

/// Removes the random name of the attempt from a page.
fn without_ids(page: &str) -> String {
    let field = "name=\"attempt\" value=\"";
    let mut pieces = page.split(field);
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |page, rest| {
        let (id, rest) = rest.split_once('"').unwrap_or(("", rest));
        format!("{page}{field}{} characters\"{rest}", id.len())
    })
}

/// Removes what is random from an answer: ids, secrets, dates, and the address itself.
pub fn masked(answer: &Answer, email: &str) -> String {
    let mut head: Vec<String> = answer
        .head
        .lines()
        .filter(|line| !line.starts_with("date:") && !line.starts_with("x-request-id:"))
        .map(|line| match line.split_once('=') {
            Some((name, rest)) if line.starts_with("set-cookie:") => {
                let (value, attributes) = rest.split_once(';').unwrap_or((rest, ""));
                format!("{name}={} characters;{attributes}", value.len())
            }
            _ => line.to_owned(),
        })
        .collect();
    // Rocket keeps cookies in a set, so that their order is random.
    head.sort();
    // An address in a page may be broken before its domain.
    let body = String::from_utf8_lossy(&answer.body).replace("<wbr>", "").replace(email, "EMAIL");
    format!("{} {}", head.join("\n"), without_ids(&body))
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Returns the two-sided p-value of Mann and Whitney's U, by its normal approximation, with ties
/// averaged.
pub fn rank_sum(a: &[f64], b: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> = a.iter().map(|&x| (x, true)).chain(b.iter().map(|&x| (x, false))).collect();
    all.sort_by(|x, y| x.0.total_cmp(&y.0));
    let mut ranks_of_a = 0.0;
    let mut start = 0;
    while start < all.len() {
        let mut end = start;
        while end < all.len() && all[end].0 == all[start].0 {
            end += 1;
        }
        let rank = (start + end + 1) as f64 / 2.0;
        ranks_of_a += rank * all[start..end].iter().filter(|(_, is_a)| *is_a).count() as f64;
        start = end;
    }
    let (n, m) = (a.len() as f64, b.len() as f64);
    let u = ranks_of_a - n * (n + 1.0) / 2.0;
    let z = (u - n * m / 2.0) / (n * m * (n + m + 1.0) / 12.0).sqrt();
    2.0 * (1.0 - normal(z.abs()))
}

/// The standard normal distribution, after Abramowitz and Stegun 26.2.17.
fn normal(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * x);
    let tail =
        t * (0.319_381_53 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    1.0 - (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * tail
}
