//! Keys: who signs, and with what.

mod file;
mod folder;
mod passphrase;
mod public;
mod ring;
mod signing;

pub(super) use folder::KeyFolder;
pub(super) use passphrase::{PassphraseOptions, Passphrases};
pub(super) use public::{PublicKey, short};
pub(super) use ring::KeyRing;
pub(super) use signing::{KeyKind, SigningKey};
