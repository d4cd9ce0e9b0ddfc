//! How often callers were refused: a flood of refusals is counted, and only few of them are stored one by one.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// How many refusals of a minute are stored one by one.
const FEW: u64 = 10;

/// How many callers are told apart; strangers count as one of each tenant.
const MOST: usize = 1024;

/// The refusals that this instance has seen.
pub(crate) static REFUSALS: Refusals = Refusals(Mutex::new(BTreeMap::new()));

/// Counts by tenant and caller: the minute since 1970, and how many in it.
pub(crate) struct Refusals(Mutex<BTreeMap<(String, String), (i64, u64)>>);

impl Refusals {
    /// Counts one more; its number within its minute where it is to be stored: the first ten of a minute, and then each
    /// that makes a power of ten.
    pub(crate) fn count(&self, tenant: &str, caller: &str, minute: i64) -> Option<u64> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (tenant.to_owned(), caller.to_owned());
        if counts.len() >= MOST && !counts.contains_key(&key) {
            counts.clear();
        }
        let (at, count) = counts.entry(key).or_insert((minute, 0));
        if *at != minute {
            (*at, *count) = (minute, 0);
        }
        *count = count.saturating_add(1);
        (*count <= FEW || is_power_of_ten(*count)).then_some(*count)
    }
}

const fn is_power_of_ten(mut number: u64) -> bool {
    while number > 1 && number.is_multiple_of(10) {
        number /= 10;
    }
    number == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_counted() {
        let refusals = Refusals(Mutex::default());
        let stored: Vec<u64> = (0..10_000).filter_map(|_| refusals.count("t", "", 7)).collect();
        assert_eq!(stored, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 100, 1000, 10_000]);
        assert_eq!((refusals.count("t", "a", 7), refusals.count("other", "", 7)), (Some(1), Some(1)));
        assert_eq!((refusals.count("t", "", 7), refusals.count("t", "", 8)), (None, Some(1)));
    }
}
