//! How many connections one address may have.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use super::rate::caller;

/// A quarter of all that there may be: nobody alone keeps the others out.
pub(crate) const ADDRESS_LIMIT: usize = 1024;

/// The connections that there are, by address.
#[derive(Clone, Default)]
pub(crate) struct Connections(Arc<Mutex<BTreeMap<u128, usize>>>);

/// A connection, as long as this lives.
pub(crate) struct Place {
    connections: Connections,
    caller: u128,
}

impl Connections {
    /// A place for one more of an address; none if it has its share.
    pub(crate) fn place(&self, address: IpAddr) -> Option<Place> {
        let caller = caller(address);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(caller).or_default();
        if *count >= ADDRESS_LIMIT {
            return None;
        }
        *count += 1;
        Some(Place { connections: self.clone(), caller })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.connections.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.caller) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_share() {
        let connections = Connections::default();
        let (one, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let mut places = (0..ADDRESS_LIMIT).map(|_| connections.place(one).unwrap()).collect::<Vec<_>>();
        assert!(connections.place(one).is_none());
        assert!(connections.place(other).is_some());
        places.pop();
        assert!(connections.place(one).is_some());
        drop(places);
        assert!(connections.0.lock().unwrap().is_empty());
    }
}
