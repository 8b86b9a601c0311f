//! Every example goes through a feed, as phones would get it.

use std::fs;
use std::path::Path;

use sluis_policy::policy::Policy;

use crate::{TODAY, policies, repository, sluis};

fn run(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = sluis(folder, arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {said}");
    output.stdout
}

#[test]
fn every_example_is_published_verified_and_means_on_a_phone_what_its_author_wrote() {
    let desk = tempfile::tempdir().unwrap();
    let desk = desk.path();
    let repository = repository();
    let catalogue = repository.join("policy-schema/catalogue/catalogue.json");
    let (catalogue, now) = (catalogue.to_str().unwrap(), ["--now", TODAY]);
    let init = ["feed", "init", "feed", "--keys", "keys", "--no-passphrase"];
    run(desk, &[&init[..], &now].concat());
    let published = || {
        // Before the first is published there is no such folder.
        let targets = fs::read_dir(desk.join("feed/targets")).into_iter().flatten();
        let paths = targets.map(|entry| entry.unwrap().path());
        paths.filter(|path| path.to_str().unwrap().ends_with("policy.json"))
    };
    let schema = serde_json::from_slice(&run(desk, &["schema", "policy"])).unwrap();
    let schema = jsonschema::draft202012::new(&schema).unwrap();
    for (number, policy) in (1..).zip(policies()) {
        let path = policy.to_str().unwrap();
        let publish = ["feed", "publish", "feed", "--keys", "keys"];
        let files = ["--policy", path, "--catalogue", catalogue];
        let before: Vec<_> = published().collect();
        run(desk, &[&publish[..], &files, &now].concat());
        run(desk, &[&["feed", "verify", "feed"][..], &now].concat());

        let new = published().find(|path| !before.contains(path));
        let new = new.unwrap_or_else(|| panic!("{path}: nothing was published"));
        let bytes = fs::read(&new).unwrap();
        let json = serde_json::from_slice(&bytes).unwrap();
        assert!(schema.is_valid(&json), "{path}: an editor would mark it");
        let policy = Policy::parse(path, &bytes).unwrap();
        let written = serde_json::to_vec(&policy).unwrap();
        assert_eq!(Policy::parse("written", &written).unwrap(), policy, "{path}");

        // What was published is judged like what was written, on the phone of all examples.
        let phone = repository.join("policy-schema/examples/phones/work-phone.txt");
        let judged = |policy: &str| {
            let simulate = ["simulate", "--format", "json", "--at", TODAY, "--policy", policy];
            let inventory = ["--inventory", phone.to_str().unwrap()];
            run(desk, &[&simulate[..], &inventory].concat())
        };
        let copy = format!("{number}.json");
        fs::copy(&new, desk.join(&copy)).unwrap();
        assert_eq!(judged(&copy), judged(path), "{path}");
    }
}
