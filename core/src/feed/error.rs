//! Why a feed's files were not accepted: which feed, which role, what was wrong.

use std::fmt;

use sluis_policy::json::{Position, SyntaxError};

use super::limits::ROLES_PER_SEARCH;
use super::rfc3339;

/// A feed's update stopped here; what was trusted before still is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedError {
    /// The feed's name.
    pub feed: String,
    /// The file that was not accepted.
    pub role: Role,
    /// What was wrong with it.
    pub reason: Reason,
}

impl fmt::Display for FeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "feed {}: {} {}", self.feed, self.role, self.reason)
    }
}

impl std::error::Error for FeedError {}

/// Who signs, or what is signed for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Says which keys sign for the others.
    Root,
    /// Says which snapshot is current.
    Timestamp,
    /// Says which versions of targets belong together.
    Snapshot,
    /// Says which target files there are.
    Targets,
    /// A role that targets delegates to.
    Delegated(String),
    /// A target file.
    File(String),
}

impl Role {
    /// What metadata and the store call it. A delegated role cannot have a top-level role's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Root => "root",
            Self::Timestamp => "timestamp",
            Self::Snapshot => "snapshot",
            Self::Targets => "targets",
            Self::Delegated(name) | Self::File(name) => name,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root | Self::Timestamp | Self::Snapshot | Self::Targets => f.write_str(self.name()),
            Self::Delegated(name) => write!(f, "delegated role {name:?}"),
            Self::File(name) => write!(f, "file {name:?}"),
        }
    }
}

/// What was wrong. Each reads on after a role: "snapshot …".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It could not be fetched.
    Unavailable(String),
    /// The repository does not have it.
    Missing,
    /// More bytes than are taken.
    TooLong {
        /// Bytes found or announced.
        found: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// More bytes than are taken; how many, nobody waited for.
    Endless,
    /// Not a JSON document as signed documents must be.
    Syntax(SyntaxError),
    /// JSON, but not what the specification says it should be.
    Malformed {
        /// Where.
        at: Position,
        /// What should have stood there.
        expected: String,
    },
    /// Written for a version of the specification that this client does not follow.
    SpecVersion(String),
    /// The first root is not the one that configuration names.
    NotPinned {
        /// SHA-256 of what was served.
        found: String,
        /// SHA-256 that configuration names.
        expected: String,
    },
    /// Too few keys signed.
    Signatures {
        /// Distinct keys of the role that signed.
        valid: usize,
        /// Distinct keys that must sign.
        threshold: usize,
        /// Whose keys were asked: the role's own, or for a new root also the root before it.
        by_previous_root: bool,
    },
    /// Older than what was trusted before.
    Rollback {
        /// The version served or listed.
        found: u64,
        /// The highest version trusted before.
        floor: u64,
    },
    /// Not the version that was asked for.
    WrongVersion {
        /// The version inside.
        found: u64,
        /// The version that was asked for.
        expected: u64,
    },
    /// Other content under a version that was trusted before.
    Changed {
        /// The version.
        version: u64,
    },
    /// Listed in the snapshot before and not any more (TUF 5.5.5).
    NoLongerListed,
    /// Not listed where it must be.
    NotListed,
    /// The time up to which it may be trusted has passed.
    Expired {
        /// When it expired, in seconds since 1970.
        expired: i64,
        /// The time that the update went by, in seconds since 1970.
        now: i64,
    },
    /// Not as long as its list says.
    WrongLength {
        /// Bytes found.
        found: u64,
        /// Bytes listed.
        listed: u64,
    },
    /// Not the content that its list says.
    WrongHash {
        /// The hash algorithm.
        algorithm: &'static str,
    },
    /// The name of a target file that leads elsewhere, or is more than a name.
    UnsafeName,
    /// Looking for it led to more roles than are asked.
    TooManyRoles,
    /// Listed with no hash that this client can compute.
    NoKnownHash,
    /// `x-sluis-issued` is later than the metadata's own `expires`.
    IssuedAfterExpiry,
    /// `x-sluis-issued` is earlier than one seen before.
    IssuedEarlier {
        /// The time served, in seconds since 1970.
        found: i64,
        /// The time seen before, in seconds since 1970.
        last: i64,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(why) => write!(f, "could not be fetched: {why}"),
            Self::Missing => f.write_str("is missing"),
            Self::TooLong { found, limit } => write!(f, "has {found} bytes, more than the {limit} allowed"),
            Self::Endless => f.write_str("has more bytes than are allowed"),
            Self::Syntax(error) => write!(f, "is not valid: {error}"),
            Self::Malformed { at, expected } => write!(f, "is not valid: {at}: expected {expected}"),
            Self::SpecVersion(found) => {
                write!(f, "follows version {found:?} of the TUF specification, not 1.x")
            }
            Self::NotPinned { found, expected } => {
                write!(
                    f,
                    "version 1 has SHA-256 {found}, but this phone was told to trust {expected}"
                )
            }
            Self::Signatures {
                valid,
                threshold,
                by_previous_root,
            } => {
                let whose = if *by_previous_root {
                    "the previous root's keys"
                } else {
                    "its keys"
                };
                write!(f, "is signed by {valid} of {whose}, {threshold} must sign")
            }
            Self::Rollback { found, floor } => {
                write!(f, "version {found} is older than {floor}, which was seen before")
            }
            Self::WrongVersion { found, expected } => {
                write!(f, "has version {found}, but version {expected} was asked for")
            }
            Self::Changed { version } => {
                write!(
                    f,
                    "version {version} has other content than the version {version} seen before"
                )
            }
            Self::NoLongerListed => f.write_str("was listed in the snapshot before and no longer is"),
            Self::NotListed => f.write_str("is not listed"),
            // Not what time it is: the same refusal reads the same tomorrow.
            Self::Expired { expired, .. } => write!(f, "expired at {}", rfc3339::format(*expired)),
            Self::WrongLength { found, listed } => {
                write!(f, "has {found} bytes, but {listed} are listed for it")
            }
            Self::WrongHash { algorithm } => write!(f, "does not have the {algorithm} that is listed for it"),
            Self::UnsafeName => f.write_str(
                "has a name that is refused: it has an empty step, `.`, `..`, `\\` or a control character",
            ),
            Self::TooManyRoles => write!(f, "is delegated through more than {ROLES_PER_SEARCH} roles"),
            Self::NoKnownHash => f.write_str("is listed without a SHA-256 or SHA-512 hash"),
            Self::IssuedAfterExpiry => f.write_str("says that it was issued after it expires"),
            Self::IssuedEarlier { found, last } => {
                let (found, last) = (rfc3339::format(*found), rfc3339::format(*last));
                write!(
                    f,
                    "says that it was issued at {found}, earlier than {last}, which was seen before"
                )
            }
        }
    }
}
