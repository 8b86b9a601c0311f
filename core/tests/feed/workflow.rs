//! The client workflow where nobody attacks it.

use sluis_core::feed::Outcome;

use crate::phone::Phone;
use crate::repository::{Repository, sha256};

#[test]
fn a_first_update_asks_for_each_file_once_by_its_consistent_name() {
    let repository = Repository::new();
    let mut phone = Phone::trusting(&repository);
    assert_eq!(phone.refresh(&repository), Outcome::Updated);
    let file = |name: &str| format!("targets/{}.{name}", sha256(&repository.content[name]));
    assert_eq!(
        phone.requests,
        [
            "1.root.json",
            "2.root.json",
            "timestamp.json",
            "1.snapshot.json",
            "1.targets.json",
            &file("policy.json"),
            &file("catalogue.json"),
        ]
    );
    assert_eq!(phone.policy().as_ref(), repository.content.get("policy.json"));
}

#[test]
fn an_update_without_news_asks_for_the_next_root_and_the_timestamp_only() {
    let repository = Repository::new();
    let mut phone = Phone::following(&repository);
    phone.days_pass(1);
    assert_eq!(phone.refresh(&repository), Outcome::Unchanged);
    assert_eq!(phone.requests, ["2.root.json", "timestamp.json"]);
}

#[test]
fn an_unchanged_file_is_not_fetched_again() {
    let mut repository = Repository::new();
    let mut phone = Phone::following(&repository);
    repository.publish_policy("{\"policy\":2}");
    assert_eq!(phone.refresh(&repository), Outcome::Updated);
    let files: Vec<_> = phone
        .requests
        .iter()
        .filter(|path| path.starts_with("targets/"))
        .collect();
    assert_eq!(files.len(), 1);
    assert_eq!(
        phone.file("catalogue.json").as_ref(),
        repository.content.get("catalogue.json")
    );
}

#[test]
fn a_catalogue_that_is_withdrawn_is_no_longer_in_force() {
    let mut repository = Repository::new();
    let mut phone = Phone::following(&repository);
    repository.content.remove("catalogue.json");
    repository.publish();
    assert_eq!(phone.refresh(&repository), Outcome::Updated);
    assert_eq!(phone.file("catalogue.json"), None);
}

#[test]
fn repositories_without_consistent_names_or_without_hashes_are_read_too() {
    for (consistent_snapshot, hashes) in [(false, true), (true, false), (false, false)] {
        let mut repository = Repository::unpublished();
        repository.consistent_snapshot = consistent_snapshot;
        repository.hashes = hashes;
        repository.write_root();
        repository.publish();
        let mut phone = Phone::following(&repository);
        repository.publish_policy("{\"policy\":2}");
        phone.obeys(&repository);
    }
}

#[test]
fn two_feeds_share_a_store_and_nothing_else() {
    let national = Repository::new();
    let mut phone = Phone::following(&national);
    let mut own = Repository::at_version_5();
    own.content
        .insert("policy.json".into(), b"{\"policy\":\"own\"}".to_vec());
    own.publish();
    let national_feed = phone.feed.clone();
    phone.feed.name = "organisation".into();
    phone.obeys(&own);
    phone.feed = national_feed;
    phone.obeys(&national);
}
