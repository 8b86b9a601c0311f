//! The disk is full, broken or read-only: an event fails with a clear error, and all is well once that is over.

use std::collections::BTreeMap;
use std::ffi::c_int;

use sluis_core::agent::{Agent, AgentError};
use sluis_core::store::StoreError;

use crate::check::{STORE, check};
use crate::disk::{Plan, Watch};
use crate::world::{Phone, Promised, publication};
use crate::{folder, full};

/// A phone on which, from an operation on, nothing can be written; then it can again.
fn survives(errno: c_int, from: usize, errors: &mut BTreeMap<String, usize>) -> bool {
    let folder = folder();
    let path = folder.path().join(STORE);
    let watch = Watch::over(folder.path(), Plan::Nothing);
    let mut promised = Promised::default();
    let mut lines = Vec::new();
    let mut say = |line: &str| lines.push(line.to_owned());
    let mut phone = Phone::new(Agent::open(&path).unwrap(), &promised, &mut say);
    phone.starts(&publication(1)).unwrap();

    watch.plan(Plan::Fail { from, errno });
    let failed = phone.refreshes(&publication(2));
    let reached = watch.asked() > from;
    watch.plan(Plan::Nothing);
    if let Err(error) = failed {
        *errors.entry(kind(&error)).or_default() += 1;
        // The same process goes on.
        phone.refreshes(&publication(2)).unwrap();
    }
    phone.refreshes(&publication(3)).unwrap();
    drop(phone);
    drop(watch);
    lines.iter().for_each(|line| promised.hear(line));
    assert_eq!(promised.in_force, 3);
    if let Err(why) = check(folder.path(), &promised) {
        panic!("errno {errno} from operation {from} on: {why}");
    }
    reached
}

fn kind(error: &AgentError) -> String {
    match error {
        AgentError::Store(StoreError::Full(_)) => "full".into(),
        AgentError::Store(StoreError::ReadOnly(_)) => "read-only".into(),
        AgentError::Store(StoreError::Io(_)) => "input or output".into(),
        other => panic!("{other}"),
    }
}

fn from_every_operation_on(errno: c_int) -> BTreeMap<String, usize> {
    let mut errors = BTreeMap::new();
    let step = if full() { 1 } else { 7 };
    let mut from = 0;
    while survives(errno, from, &mut errors) {
        from += step;
    }
    assert!(from > 10, "the fault is reached");
    println!("errno {errno}: {errors:?}");
    errors
}

#[test]
fn a_disk_that_fills_up_during_a_refresh_loses_nothing_and_later_refreshes_work() {
    let errors = from_every_operation_on(libc::ENOSPC);
    assert!(errors.contains_key("full"), "{errors:?}");
}

#[test]
fn a_disk_that_fails_during_a_refresh_loses_nothing_and_later_refreshes_work() {
    assert!(!from_every_operation_on(libc::EIO).is_empty());
}

#[test]
fn a_disk_that_becomes_read_only_loses_nothing_and_later_refreshes_work() {
    assert!(!from_every_operation_on(libc::EROFS).is_empty());
}

#[test]
fn a_store_that_cannot_be_opened_for_want_of_room_or_permission_is_no_damaged_store() {
    for errno in [libc::ENOSPC, libc::EROFS, libc::EACCES, libc::EIO] {
        let folder = folder();
        let path = folder.path().join(STORE);
        let mut lines = Vec::new();
        let mut say = |line: &str| lines.push(line.to_owned());
        let mut phone = Phone::new(Agent::open(&path).unwrap(), &Promised::default(), &mut say);
        phone.starts(&publication(1)).unwrap();
        drop(phone);
        let watch = Watch::over(folder.path(), Plan::Fail { from: 0, errno });
        let error = Agent::open(&path).map(drop).unwrap_err();
        println!("errno {errno}: {error}");
        assert!(
            matches!(error, AgentError::Store(ref error) if !error.is_damage()),
            "{error}"
        );
        watch.plan(Plan::Nothing);
        drop(watch);
        let mut promised = Promised::default();
        lines.iter().for_each(|line| promised.hear(line));
        assert_eq!(check(folder.path(), &promised), Ok(()));
    }
}
