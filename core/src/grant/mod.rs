//! Grants: which groups a phone belongs to, by the word of those whom a policy trusts with that.
//!
//! Nothing in a grant is believed of itself. Whether it counts is found out anew under each policy that comes into force:
//! a key that a policy does not name any more has signed nothing, and a group that no exemption names is no group.

mod check;
mod link;
mod refusal;

use sluis_policy::decode::DocumentErrors;
use sluis_policy::grant::SignedGrant;
use sluis_policy::values::Id;

pub use check::{admit, admit_draft, may_sign, standing, succeeds, verifies};
pub use link::{MAX_BYTES, PREFIX, link};
pub use refusal::Refusal;

use crate::policy::Membership;

/// What a phone is given that may be a grant: the document, or the link that a QR code holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given<'a>(&'a [u8]);

/// Why what was given is no grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// The link is cut off, changed or too long.
    Link,
    /// What is in it is wrong; where and why.
    Document(DocumentErrors),
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Link => write!(
                f,
                "the link is cut off, changed or longer than {MAX_BYTES} characters"
            ),
            Self::Document(errors) => errors.fmt(f),
        }
    }
}

impl<'a> Given<'a> {
    /// Whether those bytes are meant as a grant; anything else that a phone takes begins otherwise.
    pub fn recognise(bytes: &'a [u8]) -> Option<Self> {
        let text = bytes.trim_ascii();
        (text.starts_with(b"{") || text.starts_with(PREFIX.as_bytes())).then_some(Self(text))
    }

    /// Reads it; `name` says in errors which one it is.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn read(self, name: &str) -> Result<SignedGrant, Unreadable> {
        let parsed = match link::document(self.0) {
            Some(document) => SignedGrant::parse(name, &document.ok_or(Unreadable::Link)?),
            None => SignedGrant::parse(name, self.0),
        };
        parsed.map_err(Unreadable::Document)
    }
}

/// The phone's places in those groups of a grant.
pub fn memberships(grant: &SignedGrant, groups: &[Id]) -> Vec<Membership> {
    let grant = &grant.grant;
    let member = |group: &Id| Membership {
        layer: grant.layer.clone(),
        group: group.clone(),
        from_ms: grant.from.map(|from| from.ms()),
        until_ms: grant.until.ms(),
    };
    groups.iter().map(member).collect()
}
