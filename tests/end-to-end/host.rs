//! The program itself: how it starts, stops, and what it says to wrong use.

mod limits;
mod start;
mod stop;
mod wrong_use;
