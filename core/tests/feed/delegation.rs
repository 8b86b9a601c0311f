//! Target files that the top-level targets leave to other roles, and what such a role may try.

use serde_json::json;
use sluis_core::feed::{Outcome, Role};

use crate::phone::{Phone, serve};
use crate::repository::{DAY, DAY_0, Delegated, Key, Repository, Signers, file, sha256};

/// Roles below the top-level targets; the policy is in none of them yet.
fn delegating(roles: impl IntoIterator<Item = Delegated>) -> Repository {
    let mut repository = Repository::unpublished();
    repository.content.clear();
    repository.delegated = roles.into_iter().collect();
    repository.publish();
    repository
}

fn asked(phone: &Phone) -> Vec<&str> {
    let metadata = phone
        .requests
        .iter()
        .filter_map(|path| path.strip_suffix(".json"));
    metadata
        .filter(|name| !name.starts_with("targets/"))
        .filter_map(|name| name.split_once('.').map(|(_, role)| role))
        .filter(|role| !["root", "snapshot", "targets"].contains(role))
        .collect()
}

#[test]
fn a_policy_is_found_in_the_role_that_it_is_left_to_and_other_roles_are_not_fetched() {
    let repository = delegating([
        Delegated::new("lists", "targets", &["lists/*"]),
        Delegated::new("policies", "targets", &["policy.json"]).with("policy.json", "{}"),
        Delegated::new("rest", "targets", &["catalogue.json"]),
    ]);
    let mut phone = Phone::trusting(&repository);
    assert_eq!(phone.refresh(&repository), Outcome::Updated);
    assert_eq!(phone.policy().unwrap(), b"{}");
    // The catalogue might have been in `rest`.
    assert_eq!(asked(&phone), ["policies", "rest"]);
    assert_eq!(phone.refresh(&repository), Outcome::Unchanged);
    assert_eq!(phone.requests, ["2.root.json", "timestamp.json"]);
}

#[test]
fn roles_are_asked_depth_first_in_the_order_of_their_delegations_and_none_twice() {
    let all = ["*"];
    let repository = delegating([
        Delegated::new("a", "targets", &all),
        Delegated::new("b", "targets", &all),
        Delegated::new("a1", "a", &all),
        Delegated::new("a2", "a", &["*.md"]),
        Delegated::new("a11", "a1", &all),
        // Round in a circle.
        Delegated {
            also_by: vec![("a11".into(), Signers::one(20)), ("b".into(), Signers::one(20))],
            ..Delegated::new("a3", "a", &all)
        },
        Delegated::new("b1", "b", &all).with("file", "x"),
    ]);
    let mut phone = Phone::trusting(&repository);
    assert_eq!(phone.fetch(&repository, &["file"]), Outcome::Updated);
    assert_eq!(asked(&phone), ["a", "a1", "a11", "a3", "b", "b1"]);
    assert_eq!(phone.file("file").unwrap(), b"x");
}

#[test]
fn a_terminating_delegation_ends_the_search_below_itself() {
    let repository = delegating([
        Delegated::new("a", "targets", &["*"]).terminating(),
        Delegated::new("b", "targets", &["*"]).with("file", "x"),
        Delegated::new("a1", "a", &["*"]),
    ]);
    let mut phone = Phone::trusting(&repository);
    assert_eq!(
        phone.fails_to_fetch(&repository, &["file"]),
        "feed national: file \"file\" is not listed"
    );
    assert_eq!(asked(&phone), ["a", "a1"]);
}

#[test]
fn a_role_cannot_list_what_nobody_left_to_it() {
    let repository = delegating([
        Delegated::new("lists", "targets", &["lists/*"]).with("policy.json", "{\"stolen\":true}"),
        Delegated::new("below", "lists", &["*", "lists/*"]).with("policy.json", "{\"stolen\":true}"),
    ]);
    let mut phone = Phone::trusting(&repository);
    assert_eq!(
        phone.refuses(&repository),
        "feed national: file \"policy.json\" is not listed"
    );
    assert_eq!(asked(&phone), [""; 0]);
}

#[test]
fn the_top_level_targets_come_first_whatever_others_list() {
    let mut repository = Repository::unpublished();
    repository
        .delegated
        .push(Delegated::new("a", "targets", &["*"]).with("policy.json", "{\"other\":true}"));
    repository.publish();
    let mut phone = Phone::trusting(&repository);
    phone.obeys(&repository);
    assert_eq!(asked(&phone), [""; 0]);
}

#[test]
fn hash_prefixes_delegate_too() {
    let digest = sha256(b"policy.json");
    let bin = |name: &str, prefixes: serde_json::Value| Delegated {
        covers: json!({ "path_hash_prefixes": prefixes }),
        ..Delegated::new(name, "targets", &[])
    };
    let other = if digest.starts_with('0') { "1" } else { "0" };
    let repository = delegating([
        bin("other", json!([other])).with("policy.json", "{\"stolen\":true}"),
        bin("bin", json!(["none", digest[..2]])).with("policy.json", "{}"),
    ]);
    let mut phone = Phone::trusting(&repository);
    assert_eq!(phone.refresh(&repository), Outcome::Updated);
    assert_eq!(phone.policy().unwrap(), b"{}");
}

#[test]
fn a_delegation_that_does_not_say_what_it_covers_covers_nothing() {
    let repository = delegating([Delegated {
        covers: json!({}),
        ..Delegated::new("a", "targets", &[]).with("policy.json", "{}")
    }]);
    let mut phone = Phone::trusting(&repository);
    assert_eq!(
        phone.refuses(&repository),
        "feed national: file \"policy.json\" is not listed"
    );
    assert_eq!(asked(&phone), [""; 0]);
}

#[test]
fn a_delegated_role_must_be_signed_by_the_keys_that_its_delegator_lists() {
    let mut repository = delegating([Delegated::new("a", "targets", &["*"])
        .signed_by(Signers {
            keys: vec![Key::new(21), Key::new(22)],
            threshold: 2,
        })
        .with("policy.json", "{}")]);
    let signed = repository.targets_signed("a", 1, DAY_0 + DAY, &repository.delegated[0].content);
    // The top-level targets' own key is no stand-in.
    let forged = file(&signed, &[Key::new(21), Key::new(4)]);
    repository.files.insert("1.a.json".into(), forged);
    repository.hashes = false;
    repository.snapshot_version += 1;
    repository.timestamp_version += 1;
    repository.write_snapshot();
    repository.write_timestamp();
    assert_eq!(
        Phone::trusting(&repository).refuses(&repository),
        "feed national: delegated role \"a\" is signed by 1 of its keys, 2 must sign"
    );
}

#[test]
fn a_role_that_one_delegator_vouches_for_is_not_thereby_vouched_for_by_another() {
    let both = |mut role: Delegated| {
        role.also_by = vec![("b".into(), Signers::one(66))];
        role
    };
    let repository = delegating([
        Delegated::new("a", "targets", &["a/*"]),
        Delegated::new("b", "targets", &["b/*"]),
        both(
            Delegated::new("shared", "a", &["*/*"])
                .with("a/file", "x")
                .with("b/file", "y"),
        ),
    ]);
    let mut phone = Phone::trusting(&repository);
    assert_eq!(phone.fetch(&repository, &["a/file"]), Outcome::Updated);
    assert_eq!(
        phone.fails_to_fetch(&repository, &["b/file"]),
        "feed national: delegated role \"shared\" is signed by 0 of its keys, 1 must sign"
    );
    let mut phone = Phone::trusting(&repository);
    let why = phone.fails_to_fetch(&repository, &["a/file", "b/file"]);
    assert!(why.contains("signed by 0 of its keys"), "{why}");
    assert_eq!(phone.file("a/file"), None, "all or nothing");
}

#[test]
fn rollback_of_a_delegated_role_is_refused_also_when_its_delegator_goes_on() {
    let mut repository = delegating([Delegated::new("a", "targets", &["*"]).with("policy.json", "{}")]);
    repository.delegated[0].version = 4;
    repository.publish();
    let mut phone = Phone::trusting(&repository);
    assert_eq!(phone.refresh(&repository), Outcome::Updated);
    repository.delegated[0].version = 3;
    repository.publish();
    assert_eq!(
        phone.refuses(&repository),
        "feed national: delegated role \"a\" version 4 is older than 5, which was seen before"
    );
    // The same version with another content is no way round it.
    repository.delegated[0].version = 4;
    repository.delegated[0]
        .content
        .insert("policy.json".into(), b"{\"other\":true}".to_vec());
    repository.publish();
    assert_eq!(
        phone.refuses(&repository),
        "feed national: delegated role \"a\" version 5 has other content than the version 5 seen before"
    );
}

#[test]
fn rotating_the_snapshot_key_recovers_a_delegated_role_from_fast_forward() {
    let mut repository = delegating([Delegated::new("a", "targets", &["*"]).with("policy.json", "{}")]);
    repository.delegated[0].version = i64::MAX - 1;
    repository.publish();
    let mut phone = Phone::trusting(&repository);
    assert_eq!(phone.refresh(&repository), Outcome::Updated);
    repository.delegated[0].version = 1;
    repository.publish();
    assert!(phone.refuses(&repository).contains("is older than"));
    repository.rotate(|next| next.snapshot = Signers::one(53));
    repository.publish();
    assert_eq!(phone.refresh(&repository), Outcome::Unchanged);
    let floor = phone.trusted().floors().get(&Role::Delegated("a".into()));
    assert_eq!(floor.unwrap().version, 3);
}

#[test]
fn an_expired_delegated_role_is_refused_and_its_expiry_counts_for_staleness() {
    let mut repository = delegating([Delegated::new("a", "targets", &["*"]).with("policy.json", "{}")]);
    repository.delegated[0].expires = DAY_0 + 2 * DAY;
    repository.publish();
    let mut phone = Phone::trusting(&repository);
    assert_eq!(phone.refresh(&repository), Outcome::Updated);
    assert_eq!(phone.trusted().current_until(), Some(DAY_0 + 2 * DAY));
    phone.days_pass(3);
    assert_eq!(
        phone.refuses(&repository),
        "feed national: delegated role \"a\" expired at 2026-11-25T00:00:00Z"
    );
}

#[test]
fn a_role_that_the_snapshot_does_not_list_is_not_even_fetched() {
    let mut repository = delegating([Delegated::new("a", "targets", &["*"]).with("policy.json", "{}")]);
    let delegated = std::mem::take(&mut repository.delegated);
    repository.write_snapshot();
    repository.write_timestamp();
    repository.delegated = delegated;
    let mut phone = Phone::trusting(&repository);
    assert_eq!(
        phone.refuses(&repository),
        "feed national: delegated role \"a\" is not listed"
    );
    assert_eq!(asked(&phone), [""; 0]);
}

#[test]
fn delegations_without_end_are_given_up() {
    let roles = (0..40).map(|i| {
        let by = if i == 0 {
            "targets".into()
        } else {
            format!("role {}", i - 1)
        };
        Delegated::new(&format!("role {i}"), &by, &["*"])
    });
    let mut repository = delegating(roles);
    let mut phone = Phone::trusting(&repository);
    assert_eq!(
        phone.refuses(&repository),
        "feed national: file \"policy.json\" is delegated through more than 32 roles"
    );
    assert_eq!(asked(&phone).len(), 32);
    repository.delegated.truncate(32);
    repository.delegated[31]
        .content
        .insert("policy.json".into(), b"{}".to_vec());
    repository.publish();
    assert_eq!(
        Phone::trusting(&repository).refresh(&repository),
        Outcome::Updated
    );
}

#[test]
fn an_interrupted_search_goes_on_from_what_it_has() {
    let repository = delegating([
        Delegated::new("a", "targets", &["*"]),
        Delegated::new("a1", "a", &["*"]).with("policy.json", "{}"),
    ]);
    let mut phone = Phone::trusting(&repository);
    let why = phone.refuses_from(|path, max_bytes| match path {
        "1.a1.json" => sluis_core::feed::Answer::Failed("connection reset".into()),
        _ => serve(&repository, path, max_bytes),
    });
    assert_eq!(
        why,
        "feed national: delegated role \"a1\" could not be fetched: connection reset"
    );
    assert_eq!(phone.refresh(&repository), Outcome::Updated);
    assert_eq!(asked(&phone), ["a1"]);
}

#[test]
fn delegations_that_leave_room_for_two_readings_are_refused() {
    type Change = fn(&mut Repository);
    let changes: [(Change, &str); 4] = [
        (
            |r| r.delegated[0].name = "root".into(),
            "a name that is not a top-level role's",
        ),
        (
            |r| r.delegated[1].name = "a".into(),
            "one delegation for each role",
        ),
        (
            |r| r.delegated[0].covers = json!({ "paths": ["*"], "path_hash_prefixes": ["0"] }),
            "either \"paths\" or \"path_hash_prefixes\"",
        ),
        (
            |r| r.delegated[0].signers.threshold = 0,
            "a whole number of at least 1 for \"threshold\"",
        ),
    ];
    for (change, expected) in changes {
        let mut repository = delegating([
            Delegated::new("a", "targets", &["*"]),
            Delegated::new("b", "targets", &["*"]),
        ]);
        change(&mut repository);
        repository.write_targets();
        repository.write_snapshot();
        repository.write_timestamp();
        let why = Phone::trusting(&repository).refuses(&repository);
        assert!(why.contains(expected), "{why}");
    }
}

#[test]
fn with_nothing_wanted_the_metadata_alone_is_brought_up_to_date() {
    let mut repository = Repository::new();
    let mut phone = Phone::following(&repository);
    repository.publish_policy("{\"policy\":2}");
    assert_eq!(phone.fetch(&repository, &[]), Outcome::Unchanged);
    assert_eq!(phone.policy().unwrap(), b"{\"policy\":1}");
    assert_eq!(phone.trusted().floors().get(&Role::Targets).unwrap().version, 2);
    phone.obeys(&repository);
}

#[test]
fn a_file_longer_than_who_wants_it_takes_is_not_asked_for() {
    let mut repository = Repository::unpublished();
    repository.content.insert("big".into(), vec![b' '; 1001]);
    repository.publish();
    let mut phone = Phone::trusting(&repository);
    assert_eq!(
        phone.fails_to_fetch(&repository, &["big"]),
        "feed national: file \"big\" has 1001 bytes, more than the 1000 allowed"
    );
}
