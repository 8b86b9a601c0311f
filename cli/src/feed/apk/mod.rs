//! What an Android package says of itself.

mod manifest;

use std::io::{Cursor, Read};

use sluis_core::feed::Release;
use zip::ZipArchive;

const MANIFEST: &str = "AndroidManifest.xml";
/// A manifest of a megabyte would be no agent's.
const MAX_MANIFEST_BYTES: u64 = 1024 * 1024;
/// What the block of signatures of schemes 2 and newer ends with; it lies just before the archive's directory.
const SIGNED: &[u8; 16] = b"APK Sig Block 42";

/// Which version of which app a package is, and from which Android on it runs.
///
/// # Errors
/// Why it is no package, for people.
pub(super) fn release(bytes: &[u8]) -> Result<Release, String> {
    let unreadable = |error: &dyn std::fmt::Display| format!("this is no Android package: {error}");
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| unreadable(&error))?;
    let mut places = Vec::new();
    for place in 0..zip.len() {
        let entry = zip.by_index_raw(place).map_err(|error| unreadable(&error))?;
        if entry.name().map_err(|error| unreadable(&error))? == MANIFEST {
            places.push(place);
        }
    }
    // Where there are two, we and Android could read different ones.
    let [place] = places.as_slice() else {
        return Err(unreadable(&format!(
            "it has {} files called {MANIFEST}",
            places.len()
        )));
    };
    let entry = zip.by_index(*place).map_err(|error| unreadable(&error))?;
    let mut manifest = Vec::new();
    entry
        .take(MAX_MANIFEST_BYTES + 1)
        .read_to_end(&mut manifest)
        .map_err(|error| unreadable(&error))?;
    if manifest.len() as u64 > MAX_MANIFEST_BYTES {
        return Err(unreadable(&format!("its {MANIFEST} is too large")));
    }
    manifest::read(&manifest).ok_or_else(|| unreadable(&format!("its {MANIFEST} cannot be read")))
}

/// Whether it is signed by a scheme that Android 8.0 and newer know. By whom, each phone knows best: Android takes only
/// the signer of what is there.
pub(super) fn is_signed(bytes: &[u8]) -> bool {
    bytes.windows(SIGNED.len()).any(|window| window == SIGNED)
}
