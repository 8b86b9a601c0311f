//! The order in which roles are asked, against the specification's text read as a recursion (TUF 5.6.7).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proptest::prelude::*;
use sluis_core::agent::message::Time;
use sluis_core::feed::{FeedIdentity, Next, TrustedState, Update, Wanted};

use crate::phone::serve;
use crate::repository::{DAY_0, Delegated, Repository, Signers};

const FILE: &str = "file";

/// A role, by the place of its delegators among the roles; 0 is the top-level targets.
#[derive(Debug, Clone)]
struct Plan {
    delegators: BTreeSet<usize>,
    matching: bool,
    terminating: bool,
    lists_the_file: bool,
}

fn plans() -> impl Strategy<Value = Vec<Plan>> {
    let plan = (
        prop::collection::btree_set(0..8_usize, 1..3),
        prop::bool::weighted(0.8),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.1),
    );
    let plan = plan.prop_map(|(delegators, matching, terminating, lists_the_file)| Plan {
        delegators,
        matching,
        terminating,
        lists_the_file,
    });
    prop::collection::vec(plan, 1..8)
}

fn name(place: usize) -> String {
    match place {
        0 => "targets".into(),
        _ => format!("role{place}"),
    }
}

fn repository(plans: &[Plan]) -> Repository {
    let mut repository = Repository::unpublished();
    repository.content.clear();
    for (i, plan) in plans.iter().enumerate() {
        let mut delegators = plan.delegators.iter().map(|place| name(*place));
        let by = delegators.next().unwrap();
        let paths = if plan.matching { ["fi*"] } else { ["other*"] };
        let mut role = Delegated::new(&name(i + 1), &by, &paths);
        role.also_by = delegators.map(|by| (by, Signers::one(20))).collect();
        role.terminating = plan.terminating;
        if plan.lists_the_file {
            role.content = BTreeMap::from([(FILE.into(), b"x".to_vec())]);
        }
        repository.delegated.push(role);
    }
    repository.publish();
    repository
}

#[derive(Debug, PartialEq)]
enum Found {
    Here,
    Nowhere,
    /// Nowhere, and nobody else is to be asked.
    NowhereForGood,
}

/// Asks a role and all below it.
fn ask(place: usize, plans: &[Plan], asked: &mut Vec<usize>) -> Found {
    for (i, below) in plans.iter().enumerate() {
        if !below.matching || !below.delegators.contains(&place) {
            continue;
        }
        let role = i + 1;
        if !asked.contains(&role) {
            asked.push(role);
            if below.lists_the_file {
                return Found::Here;
            }
            match ask(role, plans, asked) {
                Found::Nowhere => {}
                found => return found,
            }
        }
        if below.terminating {
            return Found::NowhereForGood;
        }
    }
    Found::Nowhere
}

/// The delegated roles that the client fetches, in its order, and whether it fetches the file.
fn fetched(repository: &Repository) -> (Vec<usize>, bool) {
    let feed = FeedIdentity {
        name: "national".into(),
        root_sha256: repository.pin(),
    };
    let time = Time {
        wall_ms: DAY_0 * 1000,
        elapsed_ms: 0,
        boot_count: 0,
    };
    let wanted = Wanted {
        name: FILE.into(),
        required: true,
        max_bytes: 10,
    };
    let mut update = Update::start_for(&feed, TrustedState::default(), time, vec![wanted]);
    let (mut roles, mut file) = (Vec::new(), false);
    while let Next::Fetch { path, max_bytes } = update.next() {
        file |= path.starts_with("targets/");
        let stem = Path::new(&path).file_stem().unwrap().to_str().unwrap();
        if let Some((_, place)) = stem.split_once(".role") {
            roles.push(place.parse().unwrap());
        }
        update.received(&serve(repository, &path, max_bytes));
    }
    (roles, file)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn roles_are_asked_in_the_order_of_the_specification(plans in plans()) {
        let mut expected = Vec::new();
        let found = ask(0, &plans, &mut expected);
        prop_assert_eq!(fetched(&repository(&plans)), (expected, found == Found::Here));
    }
}
