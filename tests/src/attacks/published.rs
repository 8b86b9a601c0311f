//! Weaknesses that were published of other clients, in our own words; each is tried on this one.

use super::scenario::Scenario;
use super::{at_version_5, publish_policy, published_once, set_versions};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![tough_2885(), tough_2888(), go_tuf_29173(), go_tuf_23991()]
}

fn tough_2885() -> Scenario {
    let mut scenario = Scenario::published(
        "cve_2025_2885_root_of_an_unexpected_version",
        ("tough", "CVE-2025-2885"),
        "The client asked for the next root, and did not look whether what came had that version.",
        "GHSA-5vmp-m5v2-hx47; AWS-2025-007",
        "A root must have exactly the version that was asked for, old or new (TUF 5.3.5).",
    );
    let mut repository = published_once();
    repository.rotate(|_| {});
    scenario.following(&repository);
    for _ in 0..3 {
        repository.rotate(|_| {});
    }
    let ahead = repository.files["5.root.json"].clone();
    let same = repository.files["2.root.json"].clone();
    repository.files.remove("4.root.json");
    repository.files.remove("5.root.json");
    repository.files.insert("3.root.json".into(), ahead);
    scenario
        .serves("two-versions-ahead", &repository)
        .refused("root", "has version 5, but version 3 was asked for")
        .requests(&["3.root.json"]);
    repository.files.insert("3.root.json".into(), same);
    scenario
        .serves("the-same-again", &repository)
        .refused("root", "has version 2, but version 3 was asked for")
        .requests(&["3.root.json"]);
    scenario
}

fn tough_2888() -> Scenario {
    let mut scenario = Scenario::published(
        "cve_2025_2888_timestamp_kept_though_its_snapshot_is_older",
        ("tough", "CVE-2025-2888"),
        "The client refused a timestamp that pointed to an older snapshot, but had cached it by then, and so refused the genuine next one as older.",
        "AWS-2025-007; the GitLab advisory database",
        "What a timestamp says is checked before it is stored: the refused one leaves no trace.",
    );
    let mut repository = at_version_5();
    scenario.following(&repository);
    repository.timestamp_version = 9;
    repository.snapshot_version = 4;
    repository.write_snapshot();
    repository.write_timestamp();
    scenario
        .serves("attack", &repository)
        .refused("snapshot", "version 4 is older than 5, which was seen before");
    set_versions(&mut repository, 5);
    publish_policy(&mut repository, 2);
    scenario.serves("genuine", &repository).obeyed(&repository);
    scenario
}

fn go_tuf_29173() -> Scenario {
    let mut scenario = Scenario::published(
        "cve_2022_29173_older_versions_of_all_roles_but_root",
        ("go-tuf", "CVE-2022-29173"),
        "The client compared the versions of new metadata with none, instead of with those it trusted, and stored timestamp and snapshot before what they list was checked.",
        "GHSA-66x3-6cw3-v5gj",
        "Floors are loaded with each refresh, and checked before anything is stored, role by role.",
    );
    let mut repository = at_version_5();
    scenario.following(&repository);
    let older = "version 3 is older than 5, which was seen before";
    set_versions(&mut repository, 3);
    repository.write();
    scenario
        .serves("old-timestamp", &repository)
        .refused("timestamp", older);
    repository.timestamp_version = 6;
    repository.write();
    scenario
        .serves("old-snapshot", &repository)
        .refused("snapshot", older);
    repository.snapshot_version = 6;
    repository.write();
    scenario
        .serves("old-targets", &repository)
        .refused("targets", older)
        .floor("timestamp", 6)
        .floor("snapshot", 6);
    set_versions(&mut repository, 6);
    publish_policy(&mut repository, 2);
    scenario.serves("genuine", &repository).obeyed(&repository);
    scenario
}

fn go_tuf_23991() -> Scenario {
    let mut scenario = Scenario::published(
        "cve_2026_23991_json_that_is_no_metadata",
        ("go-tuf", "CVE-2026-23991"),
        "The client took it for granted that \"signed\" was an object with a \"_type\" that was text, and crashed on JSON of another shape, before any signature was looked at.",
        "GHSA-846p-jg2w-w324, and the change that mended it",
        "Each field is read with what it must be; what is not so is refused, and named.",
    );
    let mut repository = published_once();
    scenario.following(&repository);
    let shapes = [
        ("empty-object", "{}", "1: expected an object with \"signatures\""),
        (
            "no-signed",
            r#"{"signatures":[]}"#,
            "1: expected an object with \"signed\"",
        ),
        (
            "signed-is-null",
            r#"{"signatures":[],"signed":null}"#,
            "27: expected an object for \"signed\"",
        ),
        (
            "signed-is-a-list",
            r#"{"signatures":[],"signed":[]}"#,
            "27: expected an object for \"signed\"",
        ),
        (
            "type-is-absent",
            r#"{"signatures":[],"signed":{}}"#,
            "27: expected an object with \"_type\"",
        ),
        (
            "type-is-a-number",
            r#"{"signatures":[],"signed":{"_type":1}}"#,
            "36: expected \"timestamp\" for \"_type\"",
        ),
        (
            "signatures-are-text",
            r#"{"signatures":"","signed":{}}"#,
            "15: expected an array for \"signatures\"",
        ),
        ("a-list", "[]", "1: expected an object with \"signatures\""),
        ("null", "null", "1: expected an object with \"signatures\""),
    ];
    for (folder, text, reason) in shapes {
        repository.put_timestamp(text.into());
        scenario
            .serves(folder, &repository)
            .refused("timestamp", &format!("is not valid: line 1, column {reason}"));
    }
    publish_policy(&mut repository, 2);
    scenario.serves("genuine", &repository).obeyed(&repository);
    scenario
}
