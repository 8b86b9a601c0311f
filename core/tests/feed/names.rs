//! What roles and target files may be called, and what must not come of it.

use sluis_core::feed::Outcome;

use crate::phone::Phone;
use crate::repository::{Delegated, Repository};

#[test]
fn roles_and_files_may_be_called_anything_that_people_write() {
    for consistent_snapshot in [true, false] {
        let mut repository = Repository::unpublished();
        repository.consistent_snapshot = consistent_snapshot;
        repository.write_root();
        repository.content.clear();
        repository.delegated = vec![
            Delegated::new("../gemeente é/50%", "targets", &["lijsten/*"])
                .with("lijsten/été №1 50%.json", "{}"),
        ];
        repository.publish();
        let mut phone = Phone::trusting(&repository);
        assert_eq!(
            phone.fetch(&repository, &["lijsten/été №1 50%.json"]),
            Outcome::Updated
        );
        assert_eq!(phone.file("lijsten/été №1 50%.json").unwrap(), b"{}");
        assert!(phone.requests.iter().all(|path| !path.contains("../")));
    }
}

#[test]
fn target_names_that_lead_elsewhere_are_refused_though_they_are_signed() {
    let mut repository = Repository::unpublished();
    for name in [
        "../up.json",
        "a/../../up.json",
        "/etc/up.json",
        "a\r\nHost: b",
        "a\\b",
        "",
    ] {
        repository.content.insert(name.into(), b"{}".to_vec());
    }
    repository.publish();
    // Nobody wants them: they keep nobody from the policy.
    Phone::trusting(&repository).obeys(&repository);
    for name in [
        "../up.json",
        "a/../../up.json",
        "/etc/up.json",
        "a\r\nHost: b",
        "a\\b",
        "",
    ] {
        let mut phone = Phone::trusting(&repository);
        let why = phone.fails_to_fetch(&repository, &[name]);
        assert!(why.contains("has a name that is refused"), "{why}");
        assert!(!phone.requests.iter().any(|path| path.starts_with("targets/")));
    }
}
