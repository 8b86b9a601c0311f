//! The readers of metadata: bytes from outside, before and after a signature was looked at.

use sluis_core::feed::canonical::canonical;
use sluis_core::feed::metadata::{Content, Root, Snapshot, Targets, Timestamp, Unverified};
use sluis_policy::json::{Limits, parse};

use crate::repository::{Repository, file};

/// Reads the bytes as each role's metadata, and as a document that is signed.
pub fn metadata(data: &[u8]) {
    if let Some(root) = read::<Root>(data)
        && let Ok(root) = root.verify_self()
    {
        // Whoever vouches for a root that says this must at least have been able to say it.
        assert!(root.version() > 0 && root.content().root.threshold() > 0);
        assert_eq!(root.bytes(), data);
    }
    read::<Timestamp>(data);
    read::<Snapshot>(data);
    read::<Targets>(data);
    signed(data);
}

fn read<T: Content>(data: &[u8]) -> Option<Unverified<T>> {
    Unverified::<T>::parse(data).ok()
}

/// What a reader takes in of a document must be what its signatures are made over: signed anew, it reads the same.
fn signed(data: &[u8]) {
    let limits = Limits {
        max_bytes: 4096,
        max_depth: 12,
    };
    let Ok(document) = parse(data, limits) else { return };
    let Some(part) = document.get("signed") else {
        return;
    };
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(data) else {
        panic!("a document that the strict reader takes must be JSON for every other reader, too");
    };
    let repository = Repository::unpublished();
    let again = file(&value["signed"], &repository.root.keys);
    let Ok(document) = parse(
        &again,
        Limits {
            max_bytes: usize::MAX,
            ..limits
        },
    ) else {
        panic!("the same document in another layout must be readable");
    };
    assert_eq!(document.get("signed").map(canonical), Some(canonical(part)));
}
