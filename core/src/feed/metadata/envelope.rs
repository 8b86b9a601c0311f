//! What all metadata has in common: the signed part, its signatures, version and expiry.

use std::collections::BTreeSet;

use ring::digest::{SHA256, digest};
use sluis_policy::json::{self, Node};

use super::{Authority, Content, fields};
use crate::feed::canonical::canonical;
use crate::feed::error::{Reason, Role};
use crate::feed::{hex, limits};

/// Metadata as it came from outside: well-formed, trusted for nothing.
#[derive(Debug)]
pub struct Unverified<T> {
    bytes: Vec<u8>,
    /// What the signatures are made over.
    message: Vec<u8>,
    signatures: Vec<Signature>,
    version: u64,
    expires: i64,
    content: T,
}

#[derive(Debug)]
struct Signature {
    key_id: String,
    /// `None` where it was not even hex; it counts for nothing then, as one that does not verify.
    bytes: Option<Vec<u8>>,
}

/// Metadata that a threshold of its role's keys signed.
#[derive(Debug)]
pub struct Verified<T> {
    bytes: Vec<u8>,
    signed_sha256: [u8; 32],
    version: u64,
    expires: i64,
    content: T,
}

impl<T: Content> Unverified<T> {
    /// Reads a metadata file.
    ///
    /// # Errors
    /// Anything that keeps it from being this role's metadata in a version of the format that this client knows.
    pub fn parse(bytes: &[u8]) -> Result<Self, Reason> {
        check_length(&T::ROLE, bytes)?;
        let document = json::parse(bytes, limits::json(&T::ROLE)).map_err(Reason::Syntax)?;
        let signatures = read_signatures(&document)?;
        let signed = fields::object(&document, "signed")?;
        let kind = fields::member(signed, "_type")?;
        if kind.as_str() != Some(T::TYPE) {
            return Err(fields::malformed(kind, format!("\"{}\" for \"_type\"", T::TYPE)));
        }
        let spec_version = fields::string(signed, "spec_version")?;
        // Minor versions only add (TUF 4.3); 1.0 is what this client follows.
        if spec_version.split('.').next() != Some("1") {
            return Err(Reason::SpecVersion(spec_version.into()));
        }
        Ok(Self {
            bytes: bytes.to_vec(),
            message: canonical(signed),
            signatures,
            version: fields::number(signed, "version", 1)?,
            expires: fields::moment(signed, "expires")?,
            content: T::read(signed)?,
        })
    }

    /// Counts the distinct keys of `authority` that signed. The same key under two ids counts once, and a key that
    /// `authority` does not list for this role counts for nothing.
    ///
    /// # Errors
    /// How many signed and how many must.
    pub fn verify(self, authority: &Authority) -> Result<Verified<T>, Reason> {
        self.check_signatures(authority, false)?;
        let signed_sha256 = sha256(&self.message);
        Ok(Verified {
            bytes: self.bytes,
            signed_sha256,
            version: self.version,
            expires: self.expires,
            content: self.content,
        })
    }

    pub(super) fn check_signatures(
        &self,
        authority: &Authority,
        by_previous_root: bool,
    ) -> Result<(), Reason> {
        let mut signers = Vec::new();
        for signature in &self.signatures {
            let (Some(key), Some(bytes)) = (authority.key(&signature.key_id), &signature.bytes) else {
                continue;
            };
            if !signers.contains(&key) && key.verifies(&self.message, bytes) {
                signers.push(key);
            }
        }
        let (valid, threshold) = (signers.len(), authority.threshold());
        if valid >= threshold {
            return Ok(());
        }
        Err(Reason::Signatures {
            valid,
            threshold,
            by_previous_root,
        })
    }

    /// What it says, before anybody vouches for it: only a root has a use for that, since it names its own keys.
    pub(super) fn claim(&self) -> &T {
        &self.content
    }

    pub(in crate::feed) fn version(&self) -> u64 {
        self.version
    }
}

impl<T> Verified<T> {
    /// What it says.
    pub fn content(&self) -> &T {
        &self.content
    }

    /// What it says, without what vouched for it.
    pub(in crate::feed) fn into_content(self) -> T {
        self.content
    }

    /// Its version, 1 or more.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// When it stops being current, in seconds since 1970.
    pub fn expires(&self) -> i64 {
        self.expires
    }

    /// The file as it was served.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the canonical signed part: the same content signed by others has the same.
    pub fn signed_sha256(&self) -> [u8; 32] {
        self.signed_sha256
    }

    /// The freeze check (TUF 5.3.10, 5.4.4, 5.5.6, 5.6.5): the expiry must lie after `now_s`.
    ///
    /// # Errors
    /// When it expired and which time that was judged by.
    pub fn check_current(&self, now_s: i64) -> Result<(), Reason> {
        if self.expires > now_s {
            return Ok(());
        }
        Err(Reason::Expired {
            expired: self.expires,
            now: now_s,
        })
    }
}

fn read_signatures(document: &Node) -> Result<Vec<Signature>, Reason> {
    let (mut signatures, mut key_ids) = (Vec::new(), BTreeSet::new());
    for node in fields::array(document, "signatures")? {
        let key_id = fields::string(node, "keyid")?;
        // TUF 4.2.1: several signatures with the same key id are not allowed.
        if !key_ids.insert(key_id) {
            return Err(fields::malformed(node, "one signature for each key id"));
        }
        signatures.push(Signature {
            key_id: key_id.into(),
            bytes: hex::decode(fields::string(node, "sig")?),
        });
    }
    Ok(signatures)
}

/// A transport that was told the limit may still hand over more.
pub(in crate::feed) fn check_length(role: &Role, bytes: &[u8]) -> Result<(), Reason> {
    let (found, limit) = (bytes.len() as u64, limits::max_bytes(role));
    if found > limit {
        return Err(Reason::TooLong { found, limit });
    }
    Ok(())
}

/// SHA-256, the digest by which roots are pinned and files are listed.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    out
}
