//! Ticks of a job against a made-up tenant, with everything going wrong that can.

#[cfg(test)]
mod faults;
#[cfg(test)]
mod http;
#[cfg(test)]
mod rounds;
#[cfg(test)]
mod world;
