//! Purposes of connections.

/// Purpose of a connection. The database itself keeps a reader from writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::db) enum Role {
    Reader,
    Writer,
}
