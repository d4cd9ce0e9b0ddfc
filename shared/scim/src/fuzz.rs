//! A short run of the fuzz targets: the corpus, and what a seeded mutator makes of it. `fuzz/run` runs them for longer.

#[path = "../fuzz/src/targets.rs"]
mod targets;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long each target runs.
const TIME: Duration = Duration::from_secs(2);
/// The longest input, in bytes.
const MAX_LENGTH: usize = 4096;

/// Numbers that look random and are the same in each run: the generator xorshift64*.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn pick<'a>(&mut self, from: &'a [Vec<u8>]) -> &'a [u8] {
        &from[self.below(from.len())]
    }
}

/// Changes the input in one place.
fn mutate(input: &mut Vec<u8>, corpus: &[Vec<u8>], words: &[Vec<u8>], numbers: &mut Numbers) {
    let at = numbers.below(input.len() + 1);
    let end = (at + numbers.below(12)).min(input.len());
    match numbers.below(6) {
        0 => drop(input.splice(at..end, [])),
        1 => drop(input.splice(at..end, numbers.pick(words).to_vec())),
        2 => drop(input.splice(at..at, numbers.pick(words).to_vec())),
        3 if at < input.len() => input[at] = b" \"\\()[]{}:,.0aZ$\xc3"[numbers.below(17)],
        4 => drop(input.splice(at..at, input[at..end].to_vec())),
        _ => {
            let other = numbers.pick(corpus);
            let from = numbers.below(other.len());
            let piece = &other[from..(from + 1 + numbers.below(40)).min(other.len())];
            drop(input.splice(at..end, piece.to_vec()));
        }
    }
    input.truncate(MAX_LENGTH);
}

fn run(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let mut files = fs::read_dir(folder.join("corpus").join(name)).unwrap().map(|entry| entry.unwrap().path());
    let mut files = files.by_ref().collect::<Vec<_>>();
    files.sort();
    let corpus = files.iter().map(|file| fs::read(file).unwrap()).collect::<Vec<_>>();
    let words = fs::read_to_string(folder.join("words.dict")).unwrap();
    let words = words.lines().map(|line| serde_json::from_str::<String>(line).unwrap().into_bytes());
    let words = words.collect::<Vec<_>>();
    let (_, target) = targets::ALL.into_iter().find(|(known, _)| *known == name).unwrap();

    let mut numbers = Numbers(0x5c13_0000_0000_7644);
    let start = Instant::now();
    let mut rounds = 0;
    while start.elapsed() < TIME {
        let mut input = corpus[rounds % corpus.len()].clone();
        // The first rounds take the corpus as it is.
        for _ in 0..if rounds < corpus.len() { 0 } else { 1 + numbers.below(4) } {
            mutate(&mut input, &corpus, &words, &mut numbers);
        }
        rounds += 1;
        if catch_unwind(AssertUnwindSafe(|| target(&input))).is_err() {
            panic!("{name} fails on {}", String::from_utf8_lossy(&input).escape_debug());
        }
    }
    assert!(rounds > corpus.len(), "{name}: {rounds} rounds");
}

#[test]
fn ok_filter() {
    run("filter");
}

#[test]
fn ok_path() {
    run("path");
}

#[test]
fn ok_patch() {
    run("patch");
}

#[test]
fn ok_bulk() {
    run("bulk");
}
