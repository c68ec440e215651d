//! The memory that request bodies take while they arrive and are answered.
//!
//! With many slow connections, a client could fill the memory with halves of bodies. The server
//! therefore counts octets as they arrive. All bodies together have a limit, and one client has an
//! eighth of it. A connection that sends no body takes nothing.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Most octets of all bodies together.
const ROOM: usize = 32 * 1024 * 1024;
/// Most octets of one client's bodies: sixteen of the largest.
const SHARE: usize = ROOM / 8;

/// Room that all bodies take at this moment.
#[derive(Clone, Default)]
pub(super) struct Bodies(Arc<Mutex<Taken>>);

#[derive(Default)]
struct Taken {
    all: usize,
    of: HashMap<IpAddr, usize>,
}

/// There is no room for more of this client's bodies, or of any.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoRoom;

/// The room that one body takes, given back when it is dropped.
pub(super) struct Room {
    bodies: Bodies,
    client: IpAddr,
    octets: usize,
}

impl Bodies {
    /// Makes room for a body that has sent nothing yet.
    pub(super) fn begin(&self, client: IpAddr) -> Room {
        Room { bodies: self.clone(), client, octets: 0 }
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        // No code that holds this lock can panic during a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Room {
    /// Takes room for more octets.
    ///
    /// # Errors
    ///
    /// [`NoRoom`]. It then takes none.
    pub(super) fn take(&mut self, octets: usize) -> Result<(), NoRoom> {
        let mut taken = self.bodies.lock();
        let of_client = taken.of.get(&self.client).copied().unwrap_or_default();
        if taken.all + octets > ROOM || of_client + octets > SHARE {
            return Err(NoRoom);
        }
        taken.all += octets;
        taken.of.insert(self.client, of_client + octets);
        self.octets += octets;
        Ok(())
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        // Most requests have no body, and need not wait for the lock.
        if self.octets == 0 {
            return;
        }
        let mut taken = self.bodies.lock();
        taken.all -= self.octets;
        if let Some(of_client) = taken.of.get_mut(&self.client) {
            *of_client -= self.octets;
            if *of_client == 0 {
                taken.of.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const BODY: usize = 256 * 1024;

    fn client(n: u8) -> IpAddr {
        Ipv4Addr::new(192, 0, 2, n).into()
    }

    /// Fills the room with as many bodies as it holds.
    fn fill(bodies: &Bodies, client: IpAddr) -> Vec<Room> {
        std::iter::repeat_with(|| bodies.begin(client))
            .map_while(|mut room| room.take(BODY).ok().map(|()| room))
            .collect()
    }

    #[test]
    fn one_client_has_a_share_and_all_of_them_have_an_end() {
        let bodies = Bodies::default();
        let mut all = Vec::new();
        for n in 0..8 {
            let of_one = fill(&bodies, client(n));
            assert_eq!(of_one.len(), 16, "its share, regardless of others");
            all.push(of_one);
        }
        assert!(fill(&bodies, client(8)).is_empty(), "there is an end");
        assert_eq!(bodies.begin(client(8)).take(1), Err(NoRoom));
        drop(all.pop());
        assert_eq!(fill(&bodies, client(8)).len(), 16);
        drop(all);
        let taken = bodies.lock();
        assert!(taken.all == 0 && taken.of.is_empty(), "all of it is given back, and no client is remembered");
    }
}
