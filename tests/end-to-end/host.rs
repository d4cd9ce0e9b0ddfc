//! The program itself: how it starts, stops, and what it says to wrong use.

mod check;
mod component;
mod limits;
mod manifest;
pub(crate) mod probe;
mod run;
mod start;
mod stop;
mod wrong_use;
