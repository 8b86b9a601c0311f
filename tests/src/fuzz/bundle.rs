//! The reader of bundles: files that arrive from anywhere.

use std::collections::BTreeMap;

use sluis_core::agent::message::Time;
use sluis_core::feed::bundle::{self, Bundle};
use sluis_core::feed::{FeedIdentity, Next, TrustedState, Update};

use super::choices::Choices;
use super::update::check_request;
use crate::repository::DAY_0;

const BLOCK: usize = 512;
/// More than any refresh asks for.
const MANY: usize = 200;

/// Reads the bytes as a bundle; and makes a bundle of them, changes some of its bytes with the checksums made right
/// again, and reads that.
pub fn bundle(data: &[u8]) {
    read(data);
    read(&built(data));
}

/// What is read is exactly what would be written, and an update from it ends.
fn read(bytes: &[u8]) {
    let Ok(bundle) = Bundle::read(bytes) else { return };
    let files: BTreeMap<String, Vec<u8>> = bundle
        .files()
        .map(|(name, content)| (name.to_owned(), content.to_vec()))
        .collect();
    assert_eq!(
        bundle::write(&files).as_deref(),
        Ok(bytes),
        "a bundle in two forms"
    );
    let feed = FeedIdentity {
        name: "national".into(),
        root_sha256: bundle.root_sha256(),
    };
    let time = Time {
        wall_ms: DAY_0 * 1000,
        elapsed_ms: 0,
        boot_count: 1,
    };
    let mut update = Update::start(&feed, TrustedState::default(), time);
    for _ in 0..MANY {
        match update.next() {
            Next::Done(_) => return,
            Next::Fetch { path, max_bytes } => {
                check_request(&path, max_bytes);
                update.received(&bundle.answer(&path, max_bytes));
            }
        }
    }
    panic!("an update that does not end");
}

fn built(data: &[u8]) -> Vec<u8> {
    let mut choices = Choices::new(data);
    let mut files = BTreeMap::from([("1.root.json".to_owned(), Vec::new())]);
    for _ in 0..choices.below(4) {
        let name = ["timestamp.json", "targets/é", "a", "targets/a/b"][choices.below(4)];
        let name = name.repeat(choices.below(9) + 1);
        files.insert(name, vec![choices.byte(); choices.below(3) * 300]);
    }
    let Ok(mut bytes) = bundle::write(&files) else {
        return Vec::new();
    };
    for _ in 0..choices.below(5) {
        let header = choices.below(bytes.len() / BLOCK) * BLOCK;
        let at = choices.below(2) * 256 + choices.below(256);
        bytes[header + at] = choices.byte();
        if choices.below(4) > 0 {
            mend_checksum(&mut bytes[header..header + BLOCK]);
        }
    }
    bytes
}

fn mend_checksum(header: &mut [u8]) {
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}
