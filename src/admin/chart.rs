//! The chart of sign-ins: rectangles in an SVG, and the same numbers as a table.

use crate::domain::{
    Timestamp,
    sign_ins::{Kind, SignIns},
};

/// Size of the picture, in its own units.
pub(super) const WIDTH: i64 = 900;
pub(super) const HEIGHT: i64 = 200;

/// The kinds in the order of the legend.
const KINDS: [Kind; 5] = [Kind::Email, Kind::Passkey, Kind::Password, Kind::Other, Kind::Failed];

pub(super) struct Chart {
    pub bars: Vec<Bar>,
    /// The class and the name's key of each kind that has a bar.
    pub legend: Vec<(&'static str, &'static str)>,
    /// Each day with its numbers, the newest first.
    pub rows: Vec<(Timestamp, Vec<i64>, i64)>,
    /// The greatest number of a day.
    pub most: i64,
    pub is_empty: bool,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
}

/// One rectangle. Its class names its colour.
pub(super) struct Bar {
    pub class: &'static str,
    pub x: i64,
    pub y: i64,
    pub width: i64,
    pub height: i64,
}

impl Chart {
    pub(super) fn new(days: &[(Timestamp, SignIns)]) -> Self {
        let most = days.iter().map(|(_, day)| day.all().max(day.failed())).max().unwrap_or(0);
        let step = WIDTH.checked_div(i64::try_from(days.len()).unwrap_or(1)).unwrap_or(WIDTH);
        let bars = days.iter().zip(0_i64..).flat_map(|((_, day), at)| bars(day, at.saturating_mul(step), step, most));
        let row = |(at, day): &(Timestamp, SignIns)| (*at, numbers(day), day.failed());
        let has = |kind: Kind| days.iter().any(|(_, day)| day.iter().any(|(of, number)| of == kind && number.0 > 0));
        let legend = KINDS.into_iter().filter(|kind| has(*kind)).map(|kind| (class(kind), key(kind)));
        Self {
            bars: bars.collect(),
            legend: legend.collect(),
            rows: days.iter().rev().map(row).collect(),
            most,
            is_empty: most == 0,
            first: days.first().map(|(at, _)| *at),
            last: days.last().map(|(at, _)| *at),
        }
    }
}

fn numbers(day: &SignIns) -> Vec<i64> {
    day.iter().filter(|(kind, _)| *kind != Kind::Failed).map(|(_, number)| number.0).collect()
}

/// Returns the stack of one day's sign-ins, and the failed attempts beside it.
fn bars(day: &SignIns, left: i64, step: i64, most: i64) -> Vec<Bar> {
    let height = |number: i64| match number.saturating_mul(HEIGHT).checked_div(most) {
        // Even a single one can be seen.
        Some(height) if number > 0 => height.max(4),
        _ => 0,
    };
    let (wide, narrow) = (step.saturating_mul(5) / 10, step.saturating_mul(2) / 10);
    let mut bottom = HEIGHT;
    let mut bars = Vec::new();
    for (kind, number) in day.iter() {
        let height = height(number.0);
        if height == 0 {
            continue;
        }
        let (x, width, foot) = if kind == Kind::Failed { (left + wide, narrow, HEIGHT) } else { (left, wide, bottom) };
        let y = (foot - height).max(0);
        bars.push(Bar { class: class(kind), x, y, width, height });
        if kind != Kind::Failed {
            bottom = y;
        }
    }
    bars
}

const fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Email => "bar-email",
        Kind::Passkey => "bar-passkey",
        Kind::Password => "bar-password",
        Kind::Other => "bar-other",
        Kind::Failed => "bar-failed",
    }
}

const fn key(kind: Kind) -> &'static str {
    match kind {
        Kind::Email => "chart-email",
        Kind::Passkey => "chart-passkey",
        Kind::Password => "chart-password",
        Kind::Other => "chart-other",
        Kind::Failed => "chart-failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(numbers: &[(Kind, i64)]) -> (Timestamp, SignIns) {
        let mut day = SignIns::default();
        numbers.iter().for_each(|(kind, number)| day.add(*kind, *number));
        (Timestamp::from_millis(0), day)
    }

    #[test]
    fn the_greatest_day_fills_the_picture_and_a_single_sign_in_is_seen() {
        let days = [
            day(&[(Kind::Email, 300), (Kind::Passkey, 100)]),
            day(&[(Kind::Password, 1), (Kind::Failed, 200)]),
            day(&[]),
        ];
        let chart = Chart::new(&days);
        let shapes: Vec<_> = chart.bars.iter().map(|bar| (bar.class, bar.x, bar.y, bar.height)).collect();
        assert_eq!(
            shapes,
            [
                ("bar-email", 0, 50, 150),
                ("bar-passkey", 0, 0, 50),
                ("bar-password", 300, 196, 4),
                ("bar-failed", 450, 100, 100)
            ]
        );
        assert!(!chart.is_empty && chart.most == 400 && chart.rows.len() == 3);
        let named: Vec<_> = chart.legend.iter().map(|(class, _)| *class).collect();
        assert_eq!(
            named,
            ["bar-email", "bar-passkey", "bar-password", "bar-failed"],
            "no console links, no word of them"
        );
    }

    #[test]
    fn without_sign_ins_there_is_nothing_to_draw() {
        let chart = Chart::new(&[day(&[]), day(&[])]);
        assert!(chart.is_empty && chart.bars.is_empty());
        assert!(Chart::new(&[]).is_empty);
    }
}
