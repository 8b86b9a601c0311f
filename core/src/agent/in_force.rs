//! The policies in force: what the feeds' files say, composed.

use sluis_policy::catalogue::Catalogue;
use sluis_policy::policy::Policy;

use super::error::AgentError;
use super::session::Feed;
use crate::feed::{CATALOGUE, POLICY};
use crate::policy::{Layer, Ruleset};
use crate::store::StoreError;

/// The policies in force.
#[derive(Debug)]
pub(super) struct InForce {
    pub(super) ruleset: Ruleset,
    /// The feeds whose policies are in it, in the order of its layers.
    feeds: Vec<String>,
    /// A feed has files in force that cannot be read: nothing is released until they can.
    pub(super) incomplete: bool,
}

impl InForce {
    /// Composes what `file` gives for each feed. What `fresh` brings has to be whole; another feed that cannot be
    /// read is left out and the result marked incomplete.
    ///
    /// # Errors
    /// The inner error says why the files of `fresh` cannot be put in force.
    pub(super) fn compose(
        feeds: &[Feed],
        fresh: &str,
        file: impl Fn(&Feed, &str) -> Result<Option<Vec<u8>>, StoreError>,
    ) -> Result<Result<Self, String>, AgentError> {
        let mut layers: Vec<Layer> = Vec::new();
        let mut names = Vec::new();
        let mut incomplete = false;
        for feed in feeds {
            let policy = file(feed, POLICY)?;
            let catalogue = file(feed, CATALOGUE)?;
            let Some(policy) = policy else { continue };
            match layer(feed.name(), &policy, catalogue.as_deref()) {
                Ok(layer)
                    if layers
                        .iter()
                        .all(|other| other.policy.layer != layer.policy.layer) =>
                {
                    layers.push(layer);
                    names.push(feed.name().to_owned());
                }
                Ok(layer) if feed.name() == fresh || names.iter().any(|name| name == fresh) => {
                    let layer = layer.policy.layer;
                    return Ok(Err(format!(
                        "feed {fresh}: its policy names the layer `{layer}`, which another feed has"
                    )));
                }
                Err(why) if feed.name() == fresh => return Ok(Err(why)),
                _ => incomplete = true,
            }
        }
        Ok(match Ruleset::compile(layers) {
            Ok(ruleset) => Ok(Self {
                ruleset,
                feeds: names,
                incomplete,
            }),
            Err(why) => Err(why.to_string()),
        })
    }

    /// The place of a feed's policy among the layers.
    pub(super) fn place_of(&self, feed: &str) -> Option<usize> {
        self.feeds.iter().position(|name| name == feed)
    }

    /// A feed's policy.
    pub(super) fn policy_of(&self, feed: &str) -> Option<&Policy> {
        self.ruleset.layers().get(self.place_of(feed)?)
    }

    /// Whether any policy is in force.
    pub(super) fn is_empty(&self) -> bool {
        self.feeds.is_empty()
    }
}

fn layer(feed: &str, policy: &[u8], catalogue: Option<&[u8]>) -> Result<Layer, String> {
    let named = |name: &str| format!("feed {feed}: {name}");
    let policy = Policy::parse(&named(POLICY), policy).map_err(|e| e.to_string())?;
    let catalogue = match catalogue {
        Some(bytes) => Catalogue::parse(&named(CATALOGUE), bytes).map_err(|e| e.to_string())?,
        None => Catalogue::default(),
    };
    Ok(Layer { policy, catalogue })
}
