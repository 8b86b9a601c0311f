//! Private keys at rest: PKCS#8 in PEM, encrypted with a passphrase unless somebody decided otherwise.

use std::fs::{self, Metadata, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use pkcs8::der::SecretDocument;
use pkcs8::pkcs5::pbes2::Parameters;
use pkcs8::{EncryptedPrivateKeyInfoOwned, LineEnding, PrivateKeyInfoRef};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use super::passphrase::Passphrase;
use crate::failure::Failure;
use crate::files;

const PLAIN: &str = "PRIVATE KEY";
const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// scrypt with N = 2^14, r = 8, p = 5: as slow for who guesses as N = 2^17 with p = 1 (OWASP's table), in the 32 MiB
/// that `openssl` allows itself.
const SCRYPT_LOG_N: u8 = 14;
const SCRYPT_R: u32 = 8;
const SCRYPT_P: u32 = 5;

/// More than any key in PEM has, or any list of passphrases.
pub(super) const MAX_BYTES: u64 = 64 * 1024;

/// Whether a PEM file holds a private key.
pub(super) fn is_private(pem: &str) -> bool {
    [PLAIN, ENCRYPTED]
        .iter()
        .any(|label| pem.contains(&format!("-----BEGIN {label}-----")))
}

/// What a key's file holds.
pub(super) enum KeyFile {
    Plain(SecretDocument),
    Encrypted(EncryptedPrivateKeyInfoOwned),
}

/// Reads a key's file, if nobody else can read it.
pub(super) fn read(path: &Path) -> Result<KeyFile, Failure> {
    refuse_if_shared(path)?;
    let pem = Zeroizing::new(files::read_text(path, MAX_BYTES)?);
    let not_a_key = || Failure::file(path, "this is not a private key in PEM (PKCS#8)");
    let (label, der) = SecretDocument::from_pem(pem.trim_ascii()).map_err(|_| not_a_key())?;
    match label {
        PLAIN => Ok(KeyFile::Plain(der)),
        ENCRYPTED => EncryptedPrivateKeyInfoOwned::try_from(der.as_bytes())
            .map(KeyFile::Encrypted)
            .map_err(|error| {
                Failure::file(
                    path,
                    format!("this key is encrypted in a way that is not known here: {error}"),
                )
            }),
        _ => Err(not_a_key()),
    }
}

/// A key's file as it is written.
pub(super) fn to_pem(
    der: &SecretDocument,
    passphrase: Option<&Passphrase>,
) -> Result<Zeroizing<String>, Failure> {
    let cannot = |error: String| Failure::unusable(format!("a private key cannot be written: {error}"));
    let Some(passphrase) = passphrase else {
        return der
            .to_pem(PLAIN, LineEnding::LF)
            .map_err(|error| cannot(error.to_string()));
    };
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    let random = SystemRandom::new();
    random
        .fill(&mut salt)
        .and_then(|()| random.fill(&mut iv))
        .map_err(|_| Failure::unusable("this machine gave no random numbers for a key"))?;
    let parameters =
        scrypt::Params::new(SCRYPT_LOG_N, SCRYPT_R, SCRYPT_P).map_err(|error| cannot(error.to_string()))?;
    let parameters = Parameters::generate_scrypt_aes256cbc(parameters, &salt, iv)
        .map_err(|error| cannot(error.to_string()))?;
    let key = PrivateKeyInfoRef::try_from(der.as_bytes()).map_err(|error| cannot(error.to_string()))?;
    key.encrypt_with_params(parameters, passphrase.as_bytes())
        .map_err(|error| cannot(error.to_string()))?
        .to_pem(ENCRYPTED, LineEnding::LF)
        .map_err(|error| cannot(error.to_string()))
}

/// Writes a new file that only its owner may read.
pub(super) fn write_secret(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    // A key that is overwritten is a feed that is lost.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(path)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Failure::file(path, "there is a key already, and it will not be overwritten")
        }
        _ => Failure::file(path, error),
    })
}

/// A secret that others can read is not one: that is found out while it can still be helped.
pub(super) fn refuse_if_shared(path: &Path) -> Result<(), Failure> {
    let metadata = fs::metadata(path).map_err(|error| Failure::file(path, error))?;
    if is_shared(&metadata) {
        let problem = format!(
            "other users of this machine can read this secret; if none did, `chmod 600 {}` makes it yours alone, else \
             make another",
            path.display()
        );
        return Err(Failure::file(path, problem));
    }
    Ok(())
}

#[cfg(unix)]
fn is_shared(metadata: &Metadata) -> bool {
    // What comes through a pipe has no mode of its own.
    metadata.is_file() && std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0
}

#[cfg(not(unix))]
fn is_shared(_metadata: &Metadata) -> bool {
    false
}
