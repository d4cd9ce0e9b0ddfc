//! The warehouse over a real SQLite file.

#[cfg(test)]
mod store;
