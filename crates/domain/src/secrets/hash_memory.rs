//! Memory for slow hashes, lent to one hash after another.
//!
//! Argon2id needs 19 MiB for a password. Allocating that for each hash costs half of the time in
//! page faults. Worse, glibc keeps it: after the first free it serves such sizes from its arenas.
//! Thirty passwords took a server from 19 to 292 MB for good.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Blocks of 1 KiB that each piece reserves at least. This is more than 32 MiB, the size from which
/// glibc always maps memory separately and returns it when freed. Only what a hash touches takes
/// memory.
const RESERVED: usize = 33 * 1024;

/// Pieces of memory for slow hashes. A server has one of these, and each hash borrows a piece.
#[derive(Default)]
pub struct HashMemory {
    idle: Mutex<Vec<Piece>>,
}

/// The memory of one hash.
struct Piece {
    blocks: Vec<Block>,
    /// True if a hash has used it since [`HashMemory::release_unused`] looked.
    used: bool,
}

/// A secret could not be hashed, because memory ran out or the stored hash is damaged.
#[derive(Clone, Copy, Debug)]
pub struct HashFault;

/// Cost of an Argon2id hash.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub memory_kib: u32,
    pub passes: u32,
    pub lanes: u32,
}

impl HashMemory {
    /// Returns the Argon2id hash of a secret, 32 bytes.
    pub(crate) fn argon2id(&self, cost: Cost, secret: &[u8], salt: &[u8]) -> Result<[u8; 32], HashFault> {
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).map_err(|_| HashFault)?;
        let hash = self.hash(&Argon2::new(Algorithm::Argon2id, Version::V0x13, params), secret, salt)?;
        hash.try_into().map_err(|_| HashFault)
    }

    /// The same with any parameters, which say how long the hash is.
    pub(crate) fn hash(&self, argon2: &Argon2<'_>, secret: &[u8], salt: &[u8]) -> Result<Vec<u8>, HashFault> {
        let mut hash = vec![0; argon2.params().output_len().ok_or(HashFault)?];
        let count = argon2.params().block_count();
        let mut piece = self.borrow(count)?;
        let blocks = piece.blocks.get_mut(..count).ok_or(HashFault)?;
        let hashed = argon2.hash_password_into_with_memory(secret, salt, &mut hash, &mut *blocks);
        // Clears what the secret left in this memory before anything else happens.
        blocks.fill(Block::new());
        piece.used = true;
        self.idle().push(piece);
        hashed.map(|()| hash).map_err(|_| HashFault)
    }

    /// Returns to the system every piece that no hash has used since the last call.
    pub fn release_unused(&self) {
        let mut idle = self.idle();
        idle.retain(|piece| piece.used);
        idle.iter_mut().for_each(|piece| piece.used = false);
    }

    /// Returns how many pieces wait for the next hash.
    pub fn idle_pieces(&self) -> usize {
        self.idle().len()
    }

    fn borrow(&self, count: usize) -> Result<Piece, HashFault> {
        let mut piece = self.idle().pop().unwrap_or(Piece { blocks: Vec::new(), used: false });
        let missing = count.saturating_sub(piece.blocks.len());
        let room = RESERVED.max(count).saturating_sub(piece.blocks.len());
        piece.blocks.try_reserve_exact(room).map_err(|_| HashFault)?;
        piece.blocks.extend(std::iter::repeat_n(Block::new(), missing));
        Ok(piece)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Piece>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };
    const LARGE: Cost = Cost { memory_kib: 256, passes: 2, lanes: 1 };

    fn hash(memory: &HashMemory, cost: Cost, secret: &[u8]) -> [u8; 32] {
        memory.argon2id(cost, secret, &[7; 16]).unwrap()
    }

    #[test]
    fn a_hash_is_what_it_is_in_memory_of_any_history() {
        let memory = HashMemory::default();
        for cost in [SMALL, LARGE, SMALL, LARGE] {
            let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).unwrap();
            let mut expected = [0; 32];
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            argon2.hash_password_into(b"secret", &[7; 16], &mut expected).unwrap();
            assert_eq!(hash(&memory, cost, b"secret"), expected);
        }
    }

    #[test]
    fn one_piece_serves_one_hash_after_another_and_holds_nothing_of_them() {
        let memory = HashMemory::default();
        for cost in [SMALL, LARGE, SMALL] {
            hash(&memory, cost, b"secret");
            assert_eq!(memory.idle_pieces(), 1);
            let idle = memory.idle();
            assert!(idle[0].blocks.iter().all(|block| block.as_ref().iter().all(|word| *word == 0)));
            assert!(idle[0].blocks.capacity() >= RESERVED, "so that the system gets it back");
        }
    }

    #[test]
    fn there_are_as_many_pieces_as_hashes_at_once() {
        let memory = HashMemory::default();
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| (0..20).for_each(|_| assert_eq!(hash(&memory, SMALL, b"secret").len(), 32)));
            }
        });
        assert!((1..=3).contains(&memory.idle_pieces()), "{}", memory.idle_pieces());
    }

    #[test]
    fn what_no_hash_uses_any_more_goes_back_to_the_system() {
        let memory = HashMemory::default();
        hash(&memory, SMALL, b"secret");
        memory.release_unused();
        assert_eq!(memory.idle_pieces(), 1, "used a moment ago");
        memory.release_unused();
        assert_eq!(memory.idle_pieces(), 0);
    }
}
