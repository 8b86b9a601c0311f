//! Timestamp: which snapshot is current (TUF 4.6).

use sluis_policy::json::Node;

use super::snapshot::Listed;
use super::{Content, fields};
use crate::feed::error::{Reason, Role};

/// What a timestamp says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timestamp {
    /// The current snapshot.
    pub snapshot: Listed,
    /// When it was signed, in seconds since 1970: the field `x-sluis-issued`, which Sluis adds.
    pub issued: Option<i64>,
}

impl Content for Timestamp {
    const ROLE: Role = Role::Timestamp;
    const TYPE: &'static str = "timestamp";

    fn read(signed: &Node) -> Result<Self, Reason> {
        let meta = fields::object(signed, "meta")?;
        let issued = match signed.get("x-sluis-issued") {
            None => None,
            Some(_) => Some(fields::moment(signed, "x-sluis-issued")?),
        };
        Ok(Self {
            snapshot: Listed::read(fields::member(meta, "snapshot.json")?)?,
            issued,
        })
    }
}
