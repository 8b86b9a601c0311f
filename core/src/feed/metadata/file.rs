//! How one file describes another: length and hashes (TUF 4.4, 4.5).

use ring::digest::{SHA512, digest};
use sluis_policy::json::Node;

use super::{Release, fields, sha256};
use crate::feed::error::Reason;
use crate::feed::hex;

/// What a file must be like. The hashes of algorithms that are unknown here are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDescription {
    /// Its exact length in bytes, where listed.
    pub length: Option<u64>,
    /// Its SHA-256, where listed.
    pub sha256: Option<[u8; 32]>,
    /// Its SHA-512, where listed.
    pub sha512: Option<[u8; 64]>,
    /// Which version of the agent it is, where that is said.
    pub release: Option<Release>,
}

impl FileDescription {
    /// Length and hashes as timestamp and snapshot list them: both optional.
    pub(super) fn read_optional(node: &Node) -> Result<Self, Reason> {
        let length = match node.get("length") {
            None => None,
            Some(_) => Some(fields::number(node, "length", 0)?),
        };
        let Some(hashes) = node.get("hashes") else {
            return Ok(Self {
                length,
                sha256: None,
                sha512: None,
                release: None,
            });
        };
        let description = Self::read_hashes(length, hashes)?;
        // Somebody meant the content to be checked; going on unchecked would be looser than what was signed.
        description.name_hash()?;
        Ok(description)
    }

    /// Length and hashes as targets list them: both required. A file whose hashes are all unknown here is an error
    /// only for who wants that file.
    pub(super) fn read_required(node: &Node) -> Result<Self, Reason> {
        let length = fields::number(node, "length", 0)?;
        Ok(Self {
            release: Release::read(node),
            ..Self::read_hashes(Some(length), fields::member(node, "hashes")?)?
        })
    }

    fn read_hashes(length: Option<u64>, hashes: &Node) -> Result<Self, Reason> {
        fields::members(hashes, "hashes")?;
        Ok(Self {
            length,
            sha256: read_hash(hashes, "sha256")?,
            sha512: read_hash(hashes, "sha512")?,
            release: None,
        })
    }

    /// Whether these bytes are the file.
    ///
    /// # Errors
    /// In what they differ.
    pub fn check(&self, bytes: &[u8]) -> Result<(), Reason> {
        self.check_length(bytes)?;
        if let Some(listed) = self.sha256
            && sha256(bytes) != listed
        {
            return Err(Reason::WrongHash { algorithm: "SHA-256" });
        }
        self.check_sha512(bytes)
    }

    /// As [`FileDescription::check`], for bytes whose SHA-256 is known already.
    pub(in crate::feed) fn check_hashed(&self, bytes: &[u8], found: &[u8; 32]) -> Result<(), Reason> {
        self.check_length(bytes)?;
        if self.sha256.is_some_and(|listed| listed != *found) {
            return Err(Reason::WrongHash { algorithm: "SHA-256" });
        }
        self.check_sha512(bytes)
    }

    fn check_length(&self, bytes: &[u8]) -> Result<(), Reason> {
        let found = bytes.len() as u64;
        match self.length {
            Some(listed) if listed != found => Err(Reason::WrongLength { found, listed }),
            _ => Ok(()),
        }
    }

    fn check_sha512(&self, bytes: &[u8]) -> Result<(), Reason> {
        if let Some(listed) = self.sha512
            && digest(&SHA512, bytes).as_ref() != listed
        {
            return Err(Reason::WrongHash { algorithm: "SHA-512" });
        }
        Ok(())
    }

    /// The hash that stands in the file's name where snapshots are consistent (TUF 6.2.1).
    ///
    /// # Errors
    /// [`Reason::NoKnownHash`].
    pub fn name_hash(&self) -> Result<String, Reason> {
        let sha256 = self.sha256.map(|h| hex::encode(&h));
        sha256
            .or_else(|| self.sha512.map(|h| hex::encode(&h)))
            .ok_or(Reason::NoKnownHash)
    }
}

fn read_hash<const N: usize>(hashes: &Node, algorithm: &str) -> Result<Option<[u8; N]>, Reason> {
    let Some(node) = hashes.get(algorithm) else {
        return Ok(None);
    };
    let hash = node.as_str().and_then(hex::decode_exact);
    match hash {
        Some(hash) => Ok(Some(hash)),
        None => Err(fields::malformed(
            node,
            format!("{} hex digits for \"{algorithm}\"", 2 * N),
        )),
    }
}
