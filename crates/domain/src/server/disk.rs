//! The room on the disk that holds the database.

/// Admins hear of fewer percent than these.
const LITTLE: u64 = 5;

/// Returns how many percent of a disk are free, rounded down, if admins should hear of it. Both
/// figures count the same units. `None` also for a disk without a size, as some network file
/// systems have it.
pub fn little_room(free: u64, total: u64) -> Option<u64> {
    // Wide enough for every disk: a product that stops at the largest number looks like a full
    // disk.
    let percent = u128::from(free).saturating_mul(100).checked_div(u128::from(total))?;
    u64::try_from(percent).ok().filter(|percent| *percent < LITTLE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn five_percent_are_enough_and_any_less_is_not() {
        for (free, total, told) in [
            (50, 1_000, None),
            (49, 1_000, Some(4)),
            (9, 1_000, Some(0)),
            (0, 1_000, Some(0)),
            (0, 0, None),
            (u64::MAX, u64::MAX, None),
        ] {
            assert_eq!(little_room(free, total), told, "{free} of {total}");
        }
    }

    proptest! {
        #[test]
        fn admins_hear_of_less_than_a_twentieth_of_the_disk_and_of_nothing_else(free in any::<u64>(), total in 1..=u64::MAX) {
            for free in [free, free / 20, free / 1_000, total / 20] {
                let is_little = u128::from(free) * 20 < u128::from(total);
                prop_assert_eq!(little_room(free, total).is_some(), is_little, "{} of {}", free, total);
            }
        }

        #[test]
        fn never_more_room_is_told_than_there_is(free in any::<u64>(), total in 1..=u64::MAX) {
            let free = free % (total / 20 + 1);
            if let Some(percent) = little_room(free, total) {
                let (free, total, percent) = (u128::from(free) * 100, u128::from(total), u128::from(percent));
                prop_assert!(percent * total <= free && free < (percent + 1) * total);
            }
        }
    }
}
