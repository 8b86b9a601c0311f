//! What a role may try to which the top-level targets leave some files.

use super::scenario::{FEED, Scenario};
use super::{delegating, policy, with_policy};
use crate::repository::{Delegated, Key, Signers};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![rollback(), strangers(), not_left_to_it(), without_end()]
}

fn rollback() -> Scenario {
    let mut scenario = Scenario::new(
        "rollback_of_a_delegated_role",
        "Older metadata of a delegated role is served, or other content under the version that was seen.",
        "Each delegated role has a floor of its own, which knows the content of its version.",
    );
    let mut repository = delegating([with_policy("lists", "targets", 1)]);
    repository.delegated[0].version = 4;
    repository.publish();
    scenario.following(&repository);
    repository.delegated[0].version = 3;
    repository.publish();
    scenario
        .serves("older", &repository)
        .refused(
            "delegated role \"lists\"",
            "version 4 is older than 5, which was seen before",
        )
        .floor("timestamp", 3)
        .floor("snapshot", 3)
        .requests(&["2.root.json", "timestamp.json", "3.snapshot.json"]);
    repository.delegated[0].version = 4;
    repository.delegated[0]
        .content
        .insert("policy.json".into(), policy(2));
    repository.publish();
    scenario
        .serves("other-content", &repository)
        .refused(
            "delegated role \"lists\"",
            "version 5 has other content than the version 5 seen before",
        )
        .floor("timestamp", 4)
        .floor("snapshot", 4)
        .floor("targets", 4);
    scenario
}

fn strangers() -> Scenario {
    let mut scenario = Scenario::new(
        "delegated_role_signed_by_too_few",
        "Two must sign for a delegated role; one of them did, and whoever has the top-level targets' key.",
        "Only the keys that the delegation lists count for the role.",
    );
    let role = with_policy("lists", "targets", 1).signed_by(Signers {
        keys: vec![Key::new(21), Key::new(22)],
        threshold: 2,
    });
    let mut repository = delegating([role]);
    scenario.following(&repository);
    repository.delegated[0]
        .content
        .insert("policy.json".into(), policy(2));
    repository.publish();
    let role = &repository.delegated[0];
    let signed = repository.targets_signed("lists", role.version, role.expires, &role.content);
    let forged = crate::repository::file(&signed, &[Key::new(21), Key::new(4)]);
    repository.files.insert("2.lists.json".into(), forged);
    repository.write_snapshot();
    repository.write_timestamp();
    scenario
        .serves("after", &repository)
        .refused(
            "delegated role \"lists\"",
            "is signed by 1 of its keys, 2 must sign",
        )
        .floor("timestamp", 2)
        .floor("snapshot", 2)
        .floor("targets", 2)
        .floor("lists", 2);
    scenario
}

fn not_left_to_it() -> Scenario {
    let mut scenario = Scenario::new(
        "delegated_role_lists_what_was_not_left_to_it",
        "A role that was left other files lists a policy, and leaves it to a second one, too.",
        "A role is asked only for what was left to it, all the way down: here nobody is asked.",
    );
    let mut lists = Delegated::new("lists", "targets", &["lists/*"]);
    lists.content.insert("policy.json".into(), policy(2));
    let mut below = Delegated::new("below", "lists", &["*"]);
    below.content.insert("policy.json".into(), policy(3));
    let mut repository = delegating([lists, below]);
    scenario
        .trusting(FEED, &repository)
        .serves("before", &repository)
        .refused("file \"policy.json\"", "is not listed")
        .floors(&[
            ("root", 1),
            ("timestamp", 1),
            ("snapshot", 1),
            ("targets", 1),
            ("lists", 1),
            ("below", 1),
        ])
        .requests(&[
            "1.root.json",
            "2.root.json",
            "timestamp.json",
            "1.snapshot.json",
            "1.targets.json",
        ]);
    repository.content.insert("policy.json".into(), policy(1));
    repository.publish();
    scenario
        .serves("listed-by-targets", &repository)
        .obeyed(&repository);
    scenario
}

fn without_end() -> Scenario {
    let mut scenario = Scenario::new(
        "delegations_without_end",
        "Roles delegate to roles, in a circle or for ever, so that a phone never stops asking.",
        "No role is asked twice for one file, and no more than 32 are asked (TUF 5.6.7.1).",
    );
    let roles = (0..33).map(|number| {
        let by = match number {
            0 => "targets".into(),
            _ => format!("role-{}", number - 1),
        };
        let mut role = Delegated::new(&format!("role-{number}"), &by, &["policy.json"]);
        // Each leads back to the first one as well.
        if number == 0 {
            role.also_by = (1..33)
                .map(|by| (format!("role-{by}"), Signers::one(20)))
                .collect();
        }
        role
    });
    let mut repository = delegating(roles);
    scenario
        .trusting(FEED, &repository)
        .serves("before", &repository)
        .refused("file \"policy.json\"", "is delegated through more than 32 roles");
    for role in ["root", "timestamp", "snapshot", "targets"] {
        scenario.floor(role, 1);
    }
    for number in 0..33 {
        scenario.floor(&format!("role-{number}"), 1);
    }
    repository.content.insert("policy.json".into(), policy(1));
    repository.publish();
    scenario
        .serves("listed-by-targets", &repository)
        .obeyed(&repository);
    scenario
}
