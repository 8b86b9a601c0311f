//! The private keys at hand. An encrypted one is opened when it has to sign, not before.

use std::path::{Path, PathBuf};

use pkcs8::EncryptedPrivateKeyInfoOwned;

use super::file::KeyFile;
use super::{Passphrases, PublicKey, SigningKey, file, folder};
use crate::failure::Failure;

/// All keys that this run may sign with.
pub(in crate::feed) struct KeyRing {
    entries: Vec<Entry>,
    passphrases: Passphrases,
}

struct Entry {
    path: PathBuf,
    /// Whether the file is.
    encrypted: bool,
    key: Key,
}

enum Key {
    Open(SigningKey),
    Locked {
        encrypted: EncryptedPrivateKeyInfoOwned,
        /// What its public half is said to be; `None` where only opening it will tell.
        public: Option<PublicKey>,
    },
}

impl KeyRing {
    /// The keys in these files and folders.
    pub(in crate::feed) fn open(paths: &[PathBuf], passphrases: Passphrases) -> Result<Self, Failure> {
        let mut entries = Vec::new();
        for path in paths {
            let files = if path.is_dir() {
                folder::private_keys(path)?
            } else {
                vec![path.clone()]
            };
            for path in files {
                let key = read(&path)?;
                let encrypted = matches!(key, Key::Locked { .. });
                entries.push(Entry { path, encrypted, key });
            }
        }
        Ok(Self { entries, passphrases })
    }

    /// Takes in a key that was just made.
    pub(in crate::feed) fn add(&mut self, key: SigningKey, path: PathBuf) {
        let key = Key::Open(key);
        // It is open now, so nobody asks any more.
        let encrypted = false;
        self.entries.push(Entry { path, encrypted, key });
    }

    pub(in crate::feed) fn passphrases(&mut self) -> &mut Passphrases {
        &mut self.passphrases
    }

    /// The file of a key, as far as that can be told without opening anything.
    pub(in crate::feed) fn path_of(&self, wanted: &PublicKey) -> Option<&Path> {
        self.kept(wanted).map(|(path, _)| path)
    }

    /// The file of a key, and whether it is encrypted.
    pub(in crate::feed) fn kept(&self, wanted: &PublicKey) -> Option<(&Path, bool)> {
        let found = self.entries.iter().find(|entry| entry.is(wanted));
        found.map(|entry| (entry.path.as_path(), entry.encrypted))
    }

    /// Whether there are keys of which only opening them will tell which they are.
    pub(in crate::feed) fn has_unknown(&self) -> bool {
        self.entries.iter().any(Entry::is_unknown)
    }

    /// A signature in hex with this key, if it is at hand.
    pub(in crate::feed) fn sign(
        &mut self,
        wanted: &PublicKey,
        message: &[u8],
    ) -> Result<Option<String>, Failure> {
        if self.path_of(wanted).is_none() {
            for entry in self.entries.iter_mut().filter(|entry| entry.is_unknown()) {
                entry.unlock(&mut self.passphrases)?;
            }
        }
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.is(wanted)) else {
            return Ok(None);
        };
        let key = entry.unlock(&mut self.passphrases)?;
        if !key.public().is(wanted) {
            let problem = "holds another key than the public half beside it says";
            return Err(Failure::file(&entry.path, problem));
        }
        key.sign(message).map(Some)
    }

    /// A signature in hex with each key at hand.
    pub(in crate::feed) fn sign_with_all(
        &mut self,
        message: &[u8],
    ) -> Result<Vec<(PublicKey, String)>, Failure> {
        let mut signatures = Vec::new();
        for entry in &mut self.entries {
            let key = entry.unlock(&mut self.passphrases)?;
            signatures.push((key.public().clone(), key.sign(message)?));
        }
        Ok(signatures)
    }
}

impl Entry {
    fn is(&self, wanted: &PublicKey) -> bool {
        match &self.key {
            Key::Open(key) => key.public().is(wanted),
            Key::Locked { public, .. } => public.as_ref().is_some_and(|public| public.is(wanted)),
        }
    }

    fn is_unknown(&self) -> bool {
        matches!(self.key, Key::Locked { public: None, .. })
    }

    fn unlock(&mut self, passphrases: &mut Passphrases) -> Result<&SigningKey, Failure> {
        if let Key::Locked { encrypted, .. } = &self.key {
            let der = passphrases.open(&self.path, |passphrase| {
                encrypted.decrypt(passphrase.as_bytes()).ok()
            })?;
            let key = SigningKey::from_pkcs8(der.as_bytes())
                .map_err(|problem| Failure::file(&self.path, problem))?;
            self.key = Key::Open(key);
        }
        match &self.key {
            Key::Open(key) => Ok(key),
            Key::Locked { .. } => Err(Failure::file(&self.path, "this key could not be opened")),
        }
    }
}

fn read(path: &Path) -> Result<Key, Failure> {
    Ok(match file::read(path)? {
        KeyFile::Plain(der) => {
            Key::Open(SigningKey::from_pkcs8(der.as_bytes()).map_err(|problem| Failure::file(path, problem))?)
        }
        KeyFile::Encrypted(encrypted) => Key::Locked {
            encrypted,
            public: folder::public_beside(path),
        },
    })
}
