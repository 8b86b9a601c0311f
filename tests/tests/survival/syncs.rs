//! How often the agent waits for the disk.

use sluis_core::agent::Agent;
use sluis_core::store::Store;

use crate::check::STORE;
use crate::disk::{Op, Plan, Watch};
use crate::folder;
use crate::world::{Phone, Promised, publication};

fn syncs(ops: &[Op]) -> usize {
    let is_sync = |op: &&Op| matches!(op, Op::Sync { .. } | Op::SyncFolder);
    ops.iter().filter(is_sync).count()
}

/// The intent must be on the disk before the app is suspended, and nobody should wait for more than that.
#[test]
fn for_a_forbidden_app_that_arrives_the_disk_is_waited_for_once() {
    let folder = folder();
    let path = folder.path().join(STORE);
    let watch = Watch::over(folder.path(), Plan::Nothing);
    let mut say = |_: &str| {};
    let mut phone = Phone::new(Agent::open(&path).unwrap(), &Promised::default(), &mut say);
    phone.starts(&publication(1)).unwrap();
    let before = watch.done();
    let directives = phone.meets("org.example0.of1").unwrap();
    assert!(!directives.actions.is_empty());
    assert_eq!(syncs(&watch.ops()[before..]), 1);
}

/// The store, its folder, the second copy, its folder (docs/decisions/0012).
#[test]
fn a_store_is_made_with_four_syncs() {
    let folder = folder();
    let watch = Watch::over(folder.path(), Plan::Nothing);
    let store = Store::open(&folder.path().join(STORE)).unwrap();
    assert_eq!(syncs(&watch.ops()), 4);
    drop(store);
}
