//! A client of The Update Framework, specification 1.0: verifies what a feed serves before anything trusts it.
//!
//! The client does no I/O. [`Update`] asks for a path and a number of bytes, is given what came of it, and answers
//! with [`Commit`]s, each to be stored in one transaction before the next answer is given. So the same client runs
//! over HTTP, over an archive and over a test's folder, and a crash between two steps loses nothing that was trusted.
//!
//! References such as "TUF 5.3.4" are to that specification.

pub mod bundle;
mod clock;
mod error;
mod files;
mod gathering;
pub mod hex;
mod keys;
pub mod limits;
mod lookup;
pub mod metadata;
mod path;
mod rotation;
mod search;
mod state;
mod update;
mod workflow;

pub use sluis_policy::{canonical, rfc3339};

pub(crate) use clock::ClockFloor;
pub use clock::TrustedClock;
pub use error::{FeedError, Reason, Role};
pub use files::Wanted;
pub use keys::{PublicKey, RsaKey};
pub use lookup::{Lookup, Offer, Sought};
pub use metadata::{Release, sha256};
pub use path::url;
pub use state::{ActiveFile, Commit, FeedIdentity, Floor, Floors, TrustedState, VerifiedFile};
pub use update::{Answer, Next, Outcome, Update};

/// The policy of a feed's layer: every feed has one.
pub const POLICY: &str = "policy.json";
/// The catalogue of vendors, on feeds that publish one.
pub const CATALOGUE: &str = "catalogue.json";
/// The agent's own package, on feeds that bring new versions of it.
pub const AGENT: &str = "agent.apk";
