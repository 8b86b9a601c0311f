//! Why a grant does not count.

use std::fmt;

use sluis_policy::policy::PublicKey;
use sluis_policy::values::{Digest, Id, Moment};

/// Why a grant does not count on this phone under these policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No policy of that layer is in force.
    Layer(Id),
    /// Nobody signed it.
    Unsigned,
    /// It is signed, but by nobody whom the layer's policy names.
    Signers(Vec<PublicKey>),
    /// A key that the policy names is said to have signed it, and did not: the grant was changed.
    Changed {
        /// Which signature, from 0.
        place: usize,
        /// Whose.
        key: PublicKey,
    },
    /// The policy has taken it back.
    Revoked(Id),
    /// It is for another phone.
    Phone {
        /// For which one.
        found: Digest,
        /// Which one this is.
        this: Digest,
    },
    /// Who signed it may not take phones into that group.
    NotTheirs {
        /// Which group, from 0.
        place: usize,
        /// The group.
        group: Id,
    },
    /// No exemption of that layer names the group.
    Group {
        /// Which group, from 0.
        place: usize,
        /// The group.
        group: Id,
    },
    /// The phone has one of the same name that was issued later, or another one that was issued at the same moment.
    Older {
        /// When it was issued.
        found: Moment,
        /// When the phone's was.
        held: Moment,
    },
    /// Its time is over.
    Over {
        /// Its end.
        until: Moment,
    },
    /// It lasts longer than any exemption for the group may.
    TooLong {
        /// Its end.
        until: Moment,
        /// The group.
        group: Id,
        /// The last end that is allowed, in milliseconds since 1970.
        latest_ms: i64,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layer(layer) => write!(f, "/signed/layer: no policy of layer `{layer}` is in force"),
            Self::Unsigned => f.write_str("/signatures: nobody has signed it"),
            Self::Signers(keys) => {
                let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
                write!(
                    f,
                    "/signatures: found a signature by {}; `grants` of the policy names no such key",
                    keys.join(", ")
                )
            }
            Self::Changed { place, key } => write!(
                f,
                "/signatures/{place}/sig: this is no signature by {key} over this grant; it was changed, or signed with \
                 another key"
            ),
            Self::Revoked(id) => write!(f, "/signed/id: the policy has revoked grant `{id}`"),
            Self::Phone { found, this } => {
                write!(f, "/signed/phone: found {found}; this phone is {this}")
            }
            Self::NotTheirs { place, group } => write!(
                f,
                "/signed/groups/{place}: no key that signed it may take phones into `{group}`, by `grants` of the policy"
            ),
            Self::Group { place, group } => write!(
                f,
                "/signed/groups/{place}: no exemption of the policy that can be used is for group `{group}`"
            ),
            Self::Older { found, held } => write!(
                f,
                "/signed/issued: found {found}; this phone has one of that name that was issued at {held}"
            ),
            Self::Over { until } => write!(f, "/signed/until: it ended at {until}"),
            Self::TooLong {
                until,
                group,
                latest_ms,
            } => write!(
                f,
                "/signed/until: found {until}; the policy exempts `{group}` until {} at most",
                sluis_policy::rfc3339::format(latest_ms.div_euclid(1000))
            ),
        }
    }
}

impl std::error::Error for Refusal {}
