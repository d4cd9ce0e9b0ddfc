//! The whole, over HTTP: the real components in the real host, in front of the tenant in a box.
//!
//! A folder a component, a file an operation. Each test has a host, a tenant and a state directory of its own.

#[cfg(test)]
mod audit;
#[cfg(test)]
mod callers;
#[cfg(test)]
mod clients;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod edge;
#[cfg(test)]
mod graph;
#[cfg(test)]
mod groups;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod host;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod inventory;
#[cfg(test)]
mod operations;
#[cfg(test)]
mod resources;
#[cfg(test)]
mod rights;
#[cfg(test)]
mod root;
#[cfg(test)]
mod suites;
#[cfg(test)]
mod tenants;
#[cfg(test)]
mod users;
