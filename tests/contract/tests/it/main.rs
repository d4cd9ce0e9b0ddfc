//! The rules, held against exchanges.

#[cfg(test)]
mod exchanges;
