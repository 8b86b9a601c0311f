//! Root: which keys sign for which role (TUF 4.3).

use sluis_policy::json::Node;

use super::authority::Keys;
use super::{Authority, Content, Unverified, Verified, fields};
use crate::feed::error::{Reason, Role};

/// What a root says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Whether metadata files carry their version and target files their hash in their names.
    pub consistent_snapshot: bool,
    /// Who signs the next root.
    pub root: Authority,
    /// Who signs timestamps.
    pub timestamp: Authority,
    /// Who signs snapshots.
    pub snapshot: Authority,
    /// Who signs the top-level targets.
    pub targets: Authority,
}

impl Root {
    /// Whether timestamp keys were rotated from this root to `new` (TUF 5.3.11).
    pub fn rotates_timestamp(&self, new: &Self) -> bool {
        self.timestamp.was_rotated(&new.timestamp)
    }

    /// Whether snapshot keys were rotated from this root to `new` (TUF 5.3.11).
    pub fn rotates_snapshot(&self, new: &Self) -> bool {
        self.snapshot.was_rotated(&new.snapshot)
    }
}

impl Content for Root {
    const ROLE: Role = Role::Root;
    const TYPE: &'static str = "root";

    fn read(signed: &Node) -> Result<Self, Reason> {
        let keys = Keys::read(signed)?;
        let roles = fields::object(signed, "roles")?;
        let authority = |name| Authority::read(fields::member(roles, name)?, &keys);
        Ok(Self {
            consistent_snapshot: match signed.get("consistent_snapshot") {
                None => false,
                Some(node) => node
                    .as_bool()
                    .ok_or_else(|| fields::malformed(node, "true or false for \"consistent_snapshot\""))?,
            },
            root: authority("root")?,
            timestamp: authority("timestamp")?,
            snapshot: authority("snapshot")?,
            targets: authority("targets")?,
        })
    }
}

impl Unverified<Root> {
    /// Verifies a root that nothing but itself vouches for: the one that configuration pins, or one from the store.
    ///
    /// # Errors
    /// How many signed and how many must.
    pub fn verify_self(self) -> Result<Verified<Root>, Reason> {
        let own = self.claim().root.clone();
        self.verify(&own)
    }

    /// Verifies the successor of a trusted root: signed by both (TUF 5.3.4), one version on (TUF 5.3.5).
    ///
    /// # Errors
    /// Whose signatures are missing, or the version that it should have.
    pub fn verify_successor(self, of: &Verified<Root>) -> Result<Verified<Root>, Reason> {
        self.check_signatures(&of.content().root, true)?;
        let (found, expected) = (self.version(), of.version().saturating_add(1));
        if found != expected {
            return Err(Reason::WrongVersion { found, expected });
        }
        self.verify_self()
    }
}
