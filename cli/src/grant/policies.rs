//! The policies by which a grant counts.

use std::path::PathBuf;

use clap::Args;
use sluis_core::grant::{self, Refusal};
use sluis_core::policy::{Layer, Ruleset};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::grant::SignedGrant;
use sluis_policy::policy::PublicKey;
use sluis_policy::values::Digest;

use crate::failure::Failure;
use crate::policy_file::PolicyFile;

/// The policies that the phone obeys, where they are at hand.
#[derive(Debug, Args)]
pub(super) struct Policies {
    /// A policy that the phone obeys, in JSON or YAML; give all of them, the national one first.
    #[arg(long = "policy", value_name = "FILE")]
    policies: Vec<PathBuf>,
}

impl Policies {
    /// All of them together; `None` where none was given.
    pub(super) fn compose(&self) -> Result<Option<Ruleset>, Failure> {
        if self.policies.is_empty() {
            return Ok(None);
        }
        let layer = |path: &PathBuf| {
            Ok(Layer {
                policy: PolicyFile::read(path)?.parse()?,
                // Who makes which app is no matter here.
                catalogue: Catalogue::default(),
            })
        };
        let layers = self.policies.iter().map(layer).collect::<Result<_, Failure>>()?;
        let ruleset = Ruleset::compile(layers).map_err(|error| Failure::unusable(error.to_string()))?;
        Ok(Some(ruleset))
    }
}

/// The keys that may sign a grant for its layer.
pub(super) fn signers(ruleset: &Ruleset, grant: &SignedGrant) -> Vec<PublicKey> {
    let policies = ruleset.layers().iter();
    let named = policies.filter(|policy| policy.layer == grant.grant.layer);
    let mut keys: Vec<PublicKey> = Vec::new();
    for entry in named.flat_map(|policy| &policy.grants) {
        if !keys.contains(&entry.key) {
            keys.push(entry.key.clone());
        }
    }
    keys
}

/// Whether a phone takes it; of that id, or whichever it is for.
pub(super) fn admit(
    grant: &SignedGrant,
    ruleset: &Ruleset,
    phone: Option<Digest>,
    now_s: i64,
) -> Result<(), Refusal> {
    let phone = phone.unwrap_or(grant.grant.phone);
    grant::admit(grant, ruleset, phone, now_s.saturating_mul(1000))
}
