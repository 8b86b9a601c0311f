//! Weaknesses that were published of other clients, in our own words; each is tried on this one.

use super::scenario::{FEED, Scenario};
use super::{at_version_5, delegating, policy, publish_policy, published_once, set_versions, with_policy};
use crate::repository::{Delegated, Signers, sha256};

/// Where the first policy stands in a repository.
const POLICY_1: &str = "targets/1b8758d897fa5ca97de05197eb068f01563a888f3c223f3b56e79dde33672174.policy.json";

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        tough_2885(),
        tough_2886(),
        tough_2887(),
        tough_2888(),
        go_tuf_29173(),
        go_tuf_47534(),
        go_tuf_23991(),
        go_tuf_23992(),
        python_tuf_41131(),
    ]
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

fn tough_2886() -> Scenario {
    let mut scenario = Scenario::published(
        "cve_2025_2886_search_goes_on_after_a_terminating_delegation",
        ("tough", "CVE-2025-2886"),
        "A terminating delegation did not end the search, so that a role of lower priority could bring a file that was not its own.",
        "GHSA-v4wr-j3w6-mxqc; AWS-2025-007",
        "A search ends below a terminating delegation, and else goes by the order of delegations (TUF 5.6.7.2).",
    );
    let mut owner = with_policy("owner", "targets", 1).terminating();
    owner.signers = Signers::one(21);
    let mut repository = delegating([owner, with_policy("other", "targets", 9)]);
    scenario
        .following(&repository)
        .requests(&first_refresh(&["1.owner.json"]));
    repository.delegated[0].content.clear();
    repository.publish();
    scenario
        .serves("owner-withdraws-it", &repository)
        .refused("file \"policy.json\"", "is not listed")
        .requests(&[
            "2.root.json",
            "timestamp.json",
            "2.snapshot.json",
            "2.targets.json",
            "2.owner.json",
        ]);
    for role in ["timestamp", "snapshot", "targets", "owner", "other"] {
        scenario.floor(role, 2);
    }
    scenario
}

fn tough_2887() -> Scenario {
    let mut scenario = Scenario::published(
        "cve_2025_2887_rollback_of_a_delegated_role_in_the_snapshot",
        ("tough", "CVE-2025-2887"),
        "A new snapshot was compared with the one before in what it lists of the top-level targets only: delegated roles could be listed as older, or not any more.",
        "GHSA-q6r9-r9pw-4cf7; AWS-2025-007",
        "Every role that a snapshot ever listed has a floor, and must go on being listed (TUF 5.5.5).",
    );
    let mut repository = delegating([with_policy("lists", "targets", 1)]);
    repository.publish();
    scenario.following(&repository);
    repository.publish();
    let newer = std::mem::replace(&mut repository.delegated[0].version, 1);
    repository.write_snapshot();
    repository.write_timestamp();
    scenario
        .serves("listed-as-older", &repository)
        .refused(
            "delegated role \"lists\"",
            "version 1 is older than 2, which was seen before",
        )
        .floor("timestamp", 3)
        .floor("snapshot", 3);
    repository.delegated[0].version = newer;
    repository.publish();
    let delegated = std::mem::take(&mut repository.delegated);
    repository.write_snapshot();
    repository.write_timestamp();
    scenario
        .serves("no-longer-listed", &repository)
        .refused(
            "delegated role \"lists\"",
            "was listed in the snapshot before and no longer is",
        )
        .floor("timestamp", 4)
        .floor("snapshot", 4);
    repository.delegated = delegated;
    repository.publish();
    scenario.serves("genuine", &repository).confirmed(&repository);
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

fn go_tuf_47534() -> Scenario {
    let mut scenario = Scenario::published(
        "cve_2024_47534_delegations_in_another_order",
        ("go-tuf", "CVE-2024-47534"),
        "Delegations were kept in a map, and followed in whatever order it gave, so that a file could come from the wrong role.",
        "GHSA-4f8r-qqr9-fq8j",
        "Delegations are a list, and are followed in its order, depth first (TUF 5.6.7).",
    );
    let mut repository = delegating([
        with_policy("a", "targets", 1),
        Delegated::new("b", "targets", &["policy.json"]),
        with_policy("c", "b", 9),
    ]);
    scenario
        .following(&repository)
        .requests(&first_refresh(&["1.a.json"]));
    repository.delegated[0].content.clear();
    repository.delegated[2]
        .content
        .insert("policy.json".into(), policy(2));
    repository.publish();
    scenario
        .serves("only-in-the-last", &repository)
        .obeyed(&repository)
        .requests(&[
            "2.root.json",
            "timestamp.json",
            "2.snapshot.json",
            "2.targets.json",
            "2.a.json",
            "2.b.json",
            "2.c.json",
            &target(&policy(2)),
        ]);
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

fn go_tuf_23992() -> Scenario {
    let mut scenario = Scenario::published(
        "cve_2026_23992_delegation_with_a_threshold_of_none",
        ("go-tuf", "CVE-2026-23992"),
        "A delegation whose threshold is 0 or less was taken at its word: nobody needed to sign.",
        "GHSA-fphv-w9fq-2525, and the change that mended it",
        "A threshold is a whole number of at least 1; what says otherwise is refused.",
    );
    let mut repository = delegating([with_policy("lists", "targets", 1)]);
    scenario.following(&repository);
    for (folder, threshold, column) in [("none", 0, 377), ("less-than-none", -1, 377)] {
        repository.delegated[0].signers = Signers {
            keys: Vec::new(),
            threshold,
        };
        repository.delegated[0]
            .content
            .insert("policy.json".into(), policy(9));
        repository.publish();
        let version = u64::try_from(repository.timestamp_version).unwrap_or(0);
        scenario.serves(folder, &repository).refused(
            "targets",
            &format!("is not valid: line 1, column {column}: expected a whole number of at least 1 for \"threshold\""),
        );
        for role in ["timestamp", "snapshot", "targets", "lists"] {
            scenario.floor(role, version);
        }
    }
    scenario
}

fn python_tuf_41131() -> Scenario {
    let mut scenario = Scenario::published(
        "cve_2021_41131_path_traversal_in_a_role_name",
        ("python-tuf", "CVE-2021-41131"),
        "The name of a delegated role became the name of a file without a look at it, so that a role could overwrite files elsewhere.",
        "GHSA-wjw6-2cqr-j4qr; the vulnerability list of the FreeBSD ports",
        "What leads elsewhere is escaped in what is asked for, and the store has rows, not files.",
    );
    let repository = delegating([
        Delegated::new("../../timestamp", "targets", &["policy.json"]),
        Delegated::new("/etc/passwd", "targets", &["policy.json"]),
        with_policy("../up", "targets", 1),
    ]);
    scenario
        .trusting(FEED, &repository)
        .serves("before", &repository)
        .obeyed(&repository)
        .requests(&first_refresh(&[
            "1...%2F..%2Ftimestamp.json",
            "1.%2Fetc%2Fpasswd.json",
            "1...%2Fup.json",
        ]));
    scenario
}

/// Where a policy stands in a repository.
fn target(policy: &[u8]) -> String {
    format!("targets/{}.policy.json", sha256(policy))
}

/// What a new phone asks for when it finds a policy, the first one, in the last of these roles.
fn first_refresh<'a>(roles: &[&'a str]) -> Vec<&'a str> {
    let mut paths = vec![
        "1.root.json",
        "2.root.json",
        "timestamp.json",
        "1.snapshot.json",
        "1.targets.json",
    ];
    paths.extend(roles);
    paths.push(POLICY_1);
    paths
}
