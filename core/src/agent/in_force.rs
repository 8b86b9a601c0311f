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
    /// The feeds that have files in force which cannot be read or claim an earlier feed's layer, or had some under another root of trust and have
    /// none under the new one yet: nothing is released until they can.
    unread: Vec<String>,
}

/// Where [`InForce::compose`] finds what feeds say.
pub(super) trait Files {
    /// A file of a feed.
    fn file(&self, feed: &Feed, name: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Whether a feed of that name had files in force, with whatever root of trust.
    fn any(&self, feed: &Feed) -> Result<bool, StoreError>;
}

impl InForce {
    /// Composes what `files` has of each feed. What `fresh` brings has to be whole; another feed that cannot be read
    /// is left out and the result incomplete.
    ///
    /// # Errors
    /// The inner error says why the files of `fresh` cannot be put in force.
    pub(super) fn compose(
        feeds: &[Feed],
        fresh: Option<&str>,
        files: &impl Files,
    ) -> Result<Result<Self, String>, AgentError> {
        let mut layers: Vec<Layer> = Vec::new();
        let mut names: Vec<String> = Vec::new();
        let mut unread = Vec::new();
        let mut catalogues = Catalogues::default();
        for feed in feeds {
            let name = feed.name();
            let Some(policy) = files.file(feed, POLICY)? else {
                if files.any(feed)? {
                    unread.push(name.to_owned());
                }
                continue;
            };
            let is_fresh = fresh == Some(name);
            let layer = match layer(files, feed, &policy, is_fresh, &mut catalogues)? {
                Ok(layer) => layer,
                Err(why) if is_fresh => return Ok(Err(why)),
                Err(_) => {
                    unread.push(name.to_owned());
                    continue;
                }
            };
            // A layer that two feeds claim is the earlier feed's, whichever of them spoke first: else any feed could
            // keep the baseline out by taking its name.
            let id = &layer.policy.layer;
            let namesake = layers
                .iter()
                .zip(&names)
                .find(|(other, _)| other.policy.layer == *id);
            match namesake {
                None => {
                    layers.push(layer);
                    names.push(name.to_owned());
                }
                Some((_, other)) if is_fresh => {
                    return Ok(Err(format!(
                        "feed {name}: its policy names the layer `{id}`, which feed {other} has"
                    )));
                }
                Some(_) => unread.push(name.to_owned()),
            }
        }
        Ok(match Ruleset::compile(layers) {
            Ok(ruleset) => Ok(Self {
                ruleset,
                feeds: names,
                unread,
            }),
            Err(why) => Err(why.to_string()),
        })
    }

    /// The same policies, of which no file can be read any more.
    pub(super) fn without_files(self, feeds: &[Feed]) -> Self {
        Self {
            unread: feeds.iter().map(|feed| feed.name().to_owned()).collect(),
            ..self
        }
    }

    /// Whether a policy that was in force is missing.
    pub(super) fn incomplete(&self) -> bool {
        !self.unread.is_empty()
    }

    /// Whether a policy goes by what is in apps' manifests.
    pub(super) fn consults_manifests(&self) -> bool {
        self.ruleset
            .layers()
            .iter()
            .any(|policy| policy.consults_manifests())
    }

    /// Whether that feed's files cannot be read.
    pub(super) fn misses(&self, feed: &str) -> bool {
        self.unread.iter().any(|name| name == feed)
    }

    /// The feeds whose policies are in force, in the order of the rule set's layers.
    pub(super) fn feeds(&self) -> impl Iterator<Item = &str> {
        self.feeds.iter().map(String::as_str)
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

/// The inner error says why the feed's files cannot be put in force.
fn layer(
    files: &impl Files,
    feed: &Feed,
    policy: &[u8],
    is_fresh: bool,
    catalogues: &mut Catalogues,
) -> Result<Result<Layer, String>, StoreError> {
    let named = |name: &str| format!("feed {}: {name}", feed.name());
    let policy = match Policy::parse(&named(POLICY), policy) {
        Ok(policy) => policy,
        Err(errors) => return Ok(Err(errors.to_string())),
    };
    // The longest document of all is read when it comes, so that one that is wrong is refused; afterwards only for a
    // policy that needs it.
    let catalogue = match is_fresh || policy.consults_catalogue() {
        true => files.file(feed, CATALOGUE)?,
        false => None,
    };
    let catalogue = match catalogue {
        Some(bytes) => catalogues.parse(&named(CATALOGUE), bytes),
        None => Ok(Catalogue::default()),
    };
    Ok(catalogue.map(|catalogue| Layer { policy, catalogue }))
}

/// Catalogues that were read, with their bytes: feeds often publish the same one, and it is the longest document.
#[derive(Default)]
struct Catalogues(Vec<(Vec<u8>, Catalogue)>);

impl Catalogues {
    fn parse(&mut self, name: &str, bytes: Vec<u8>) -> Result<Catalogue, String> {
        if let Some((_, same)) = self.0.iter().find(|(read, _)| *read == bytes) {
            return Ok(same.clone());
        }
        let catalogue = Catalogue::parse(name, &bytes).map_err(|e| e.to_string())?;
        self.0.push((bytes, catalogue.clone()));
        Ok(catalogue)
    }
}
