//! Secrets and ids: how they are made, written, hashed and sealed.

pub mod code;
pub(crate) mod crockford;
pub mod entropy;
pub mod hash_memory;
pub mod id;
pub mod key_id;
pub(crate) mod sealed_place;
pub mod token;
