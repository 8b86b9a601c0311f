//! Private keys as files: Ed25519 in PKCS#8, PEM.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use sluis_core::feed::{PublicKey, hex};

use super::signing;
use crate::failure::Failure;

const PEM_BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const PEM_END: &str = "-----END PRIVATE KEY-----";

/// What stands before the 32 secret bytes in RFC 8410's form of an Ed25519 key: version 1 of PKCS#8, without the
/// public key, which is the form that every tool reads.
const PKCS8_PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// A private key, with the id that its public half has in the feed.
pub(super) struct SigningKey {
    pair: Ed25519KeyPair,
    id: String,
}

impl SigningKey {
    /// Makes a key and writes it to a new file that only its owner may read.
    pub(super) fn generate(path: &Path) -> Result<Self, Failure> {
        let mut seed = [0; 32];
        SystemRandom::new()
            .fill(&mut seed)
            .map_err(|_| Failure::unusable("this machine gave no random numbers for a key"))?;
        let der = [PKCS8_PREFIX.as_slice(), &seed].concat();
        let pem = format!("{PEM_BEGIN}\n{}\n{PEM_END}\n", BASE64_STANDARD.encode(&der));
        write_secret(path, pem.as_bytes()).map_err(|error| Failure::file(path, error))?;
        Self::from_pkcs8(path, &der)
    }

    /// Reads a key from its file.
    pub(super) fn load(path: &Path) -> Result<Self, Failure> {
        let pem = fs::read_to_string(path).map_err(|error| Failure::file(path, error))?;
        let base64: Option<String> = pem
            .trim()
            .strip_prefix(PEM_BEGIN)
            .and_then(|rest| rest.strip_suffix(PEM_END))
            .map(|body| body.split_whitespace().collect());
        let der = base64.and_then(|text| BASE64_STANDARD.decode(text).ok());
        let der = der.ok_or_else(|| Failure::file(path, "this is not a private key in PEM (PKCS#8)"))?;
        Self::from_pkcs8(path, &der)
    }

    fn from_pkcs8(path: &Path, der: &[u8]) -> Result<Self, Failure> {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der)
            .map_err(|error| Failure::file(path, format!("this is not an Ed25519 key in PKCS#8: {error}")))?;
        let id = signing::key_id(&public_object(&pair))?;
        Ok(Self { pair, id })
    }

    /// The SHA-256 of its public key object in canonical form (TUF 4.2.1).
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Its public half as metadata lists it.
    pub(super) fn public_object(&self) -> Value {
        public_object(&self.pair)
    }

    /// Whether this is the private half of that key.
    pub(super) fn is(&self, key: &PublicKey) -> bool {
        match key {
            PublicKey::Ed25519(bytes) => bytes == self.pair.public_key().as_ref(),
            _ => false,
        }
    }

    pub(super) fn sign(&self, message: &[u8]) -> String {
        hex::encode(self.pair.sign(message).as_ref())
    }
}

fn public_object(pair: &Ed25519KeyPair) -> Value {
    json!({
        "keytype": "ed25519",
        "scheme": "ed25519",
        "keyval": { "public": hex::encode(pair.public_key().as_ref()) },
    })
}

/// The file of a role's key.
pub(super) fn path(folder: &Path, role: &str) -> PathBuf {
    folder.join(format!("{role}.pem"))
}

/// Makes the folder for keys, for its owner alone.
pub(super) fn make_folder(folder: &Path) -> Result<(), Failure> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|error| Failure::file(folder, error))
}

fn write_secret(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let mut options = OpenOptions::new();
    // A key that is overwritten is a feed that is lost.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(path)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => "there is a key already, and it will not be overwritten".into(),
        _ => error.to_string(),
    })
}
