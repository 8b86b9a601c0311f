//! How much a repository may ask of a phone.

use sluis_policy::json::Limits;

use super::AGENT;
use super::error::Role;

/// Root versions taken in one update; a longer chain goes on at the next (TUF 5.3.3).
pub const ROOTS_PER_UPDATE: u32 = 64;

/// Delegated roles that are asked for one target file; it bounds the depth too.
pub const ROLES_PER_SEARCH: usize = 32;

const KIB: u64 = 1024;

/// The most bytes of a role's file. A phone holds the agent's package in memory while it installs it, so that nobody can
/// exchange it in between; it has as much room there as for a bundle.
pub fn max_bytes(role: &Role) -> u64 {
    match role {
        Role::File(name) if name == AGENT => 16 * 1024 * KIB,
        Role::Root => 64 * KIB,
        Role::Timestamp => 16 * KIB,
        Role::Snapshot => 256 * KIB,
        Role::Targets | Role::Delegated(_) => 1024 * KIB,
        Role::File(_) => 4096 * KIB,
    }
}

/// What the JSON of a role's metadata may ask of the reader.
pub(super) fn json(role: &Role) -> Limits {
    Limits {
        max_bytes: usize::try_from(max_bytes(role)).unwrap_or(usize::MAX),
        max_depth: 16,
    }
}
