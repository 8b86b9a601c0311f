//! The new version of the agent that a repository has for phones with an older one.

use serde::Serialize;
use sluis_core::agent::message::Time;
use sluis_core::feed::{AGENT, FeedIdentity, Lookup, Offer, Reason, Release, Role, Sought, hex, limits};

use super::{Memory, Visit};
use crate::failure::Failure;
use crate::http::Reply;

/// What a phone with an older version would take.
#[derive(Debug, Default)]
pub(crate) struct Agent {
    pub(super) offered: Option<Offered>,
    /// Why no phone takes it.
    pub(super) problem: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Offered {
    pub(super) version_code: u64,
    pub(super) package: String,
    pub(super) min_sdk: u64,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

/// Looks for it as a phone does that has just made this visit, and fetches it.
///
/// # Errors
/// It could not be fetched, or the memory could not be written.
pub(crate) fn agent(
    feed: &FeedIdentity,
    visit: &Visit,
    memory: &mut Memory,
    time: Time,
    mut get: impl FnMut(&str, u64) -> Result<Reply, Failure>,
) -> Result<Agent, Failure> {
    if visit.refused.is_some() || visit.unreached.is_some() {
        return Ok(Agent::default());
    }
    let mut look = Lookup::start(feed, visit.trusted.clone(), time);
    let limit = limits::max_bytes(&Role::File(AGENT.into()));
    loop {
        let (path, max_bytes) = match look.sought() {
            Sought::Metadata { path, max_bytes } => (path, max_bytes),
            Sought::Listed(Offer { release: None, .. }) => {
                return Ok(refused("the feed does not say which version it is"));
            }
            Sought::Listed(offer) if offer.length > limit => {
                let found = offer.length;
                return Ok(refused(Reason::TooLong { found, limit }));
            }
            Sought::Listed(offer) => (offer.path, offer.length),
            Sought::Verified(offer) => {
                return Ok(Agent {
                    offered: offered(offer),
                    problem: None,
                });
            }
            Sought::NotListed => return Ok(Agent::default()),
            Sought::Failed(error) => {
                return match error.reason {
                    Reason::Unavailable(why) => Err(Failure::unusable(why)),
                    _ => Ok(refused(error)),
                };
            }
        };
        let reply = get(&path, max_bytes)?;
        if let Some(commit) = look.received(&reply.answer()) {
            memory.take(feed, &[commit])?;
        }
    }
}

fn refused(why: impl ToString) -> Agent {
    Agent {
        offered: None,
        problem: Some(why.to_string()),
    }
}

fn offered(offer: Offer) -> Option<Offered> {
    let Release {
        package,
        version_code,
        min_sdk,
    } = offer.release?;
    Some(Offered {
        version_code,
        package,
        min_sdk,
        bytes: offer.length,
        sha256: hex::encode(&offer.sha256),
    })
}
