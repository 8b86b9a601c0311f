//! TUF metadata: what each role's file says, once its signatures hold (TUF 4).
//!
//! Bytes become [`Unverified`] by parsing; only [`Unverified::verify`] makes a [`Verified`] of that, and only a
//! [`Verified`] tells what it says.

mod authority;
mod delegation;
mod envelope;
pub(super) mod fields;
mod file;
mod pattern;
mod release;
mod root;
mod snapshot;
mod targets;
mod timestamp;

pub use authority::Authority;
pub use delegation::{Covers, Delegation};
pub use envelope::sha256;
pub use envelope::{Unverified, Verified};
pub use file::FileDescription;
pub use pattern::Pattern;
pub use release::Release;
pub use root::Root;
pub use snapshot::{Listed, Snapshot};
pub use targets::Targets;
pub use timestamp::Timestamp;

use sluis_policy::json::Node;

use super::error::{Reason, Role};

/// The content of one role's metadata.
pub trait Content: Sized {
    /// The role whose metadata this is.
    const ROLE: Role;
    /// The `_type` that its metadata carries.
    const TYPE: &'static str;

    /// Reads the `signed` part.
    ///
    /// # Errors
    /// [`Reason::Malformed`] where it is not what the specification says.
    fn read(signed: &Node) -> Result<Self, Reason>;
}
