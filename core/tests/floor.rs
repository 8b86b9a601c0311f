//! The safety floor, clause by clause: a policy that denies everything on the phone, the system included, and what it
//! does not get.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;

use sluis_core::plan::floor::{self, CLAUSES, Floor};
use sluis_core::policy::facts::{PackageFacts, Roles};
use sluis_core::policy::{Circumstances, Layer, Past, Ruleset};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::policy::{Effect, Policy};

/// A package that exactly this clause protects, on a phone where `roles` are held so.
struct Case {
    clause: &'static str,
    package: PackageFacts,
    roles: Roles,
}

/// An ordinary app that came with the phone.
fn app(name: &str) -> PackageFacts {
    PackageFacts {
        name: name.into(),
        system: Some(true),
        persistent: Some(false),
        apex: Some(false),
        uid: Some(10_123),
        ..PackageFacts::default()
    }
}

/// These hold roles, and nobody holds the others.
fn roles(held: &[(&str, &[&str])]) -> Roles {
    let mut roles: Roles = floor::roles().map(|role| (role.to_owned(), vec![])).collect();
    for (role, holders) in held {
        let names = holders.iter().map(|name| (*name).to_owned());
        roles.insert((*role).to_owned(), names.collect());
    }
    roles
}

fn named(clause: &'static str, name: &str) -> Case {
    Case {
        clause,
        package: app(name),
        roles: roles(&[]),
    }
}

fn by_nature(clause: &'static str, change: fn(&mut PackageFacts)) -> Case {
    let mut package = app("org.example.part");
    change(&mut package);
    Case {
        clause,
        package,
        roles: roles(&[]),
    }
}

fn holding(clause: &'static str, role: &str) -> Case {
    Case {
        clause,
        package: app("org.example.part"),
        roles: roles(&[(role, &["org.example.other", "org.example.part"])]),
    }
}

fn last(clause: &'static str, role: &str, candidates: &str) -> Case {
    let part: &[&str] = &["org.example.part"];
    Case {
        clause,
        package: app(part[0]),
        roles: roles(&[(role, part), (candidates, part)]),
    }
}

fn cases() -> Vec<Case> {
    vec![
        named("agent", "nl.sluis.agent"),
        named("play", "com.google.android.gms"),
        named("play", "com.google.android.gsf"),
        named("play", "com.android.vending"),
        by_nature("apex", |p| p.apex = Some(true)),
        by_nature("persistent", |p| p.persistent = Some(true)),
        by_nature("system_uid", |p| p.uid = Some(9_999)),
        // The same part of the system in the phone's second user.
        by_nature("system_uid", |p| p.uid = Some(1_001_000)),
        holding("emergency", "emergency"),
        holding("dialer", "dialer"),
        holding("telephony", "telephony"),
        holding("sms", "sms"),
        holding("esim", "esim"),
        holding("cell_broadcast", "cell_broadcast"),
        last("last_launcher", "home", "home_candidates"),
        last("last_keyboard", "keyboard", "keyboard_candidates"),
        holding("accessibility", "accessibility"),
        holding("vpn", "vpn"),
        holding("device_admin", "device_admin"),
        holding("webview", "webview"),
        holding("permission_controller", "permission_controller"),
        holding("package_installer", "package_installer"),
        holding("settings", "settings"),
    ]
}

/// What the design promises; a clause that is added or taken away has to be added or taken away here too.
const PROMISED: [&str; 20] = [
    "accessibility",
    "agent",
    "apex",
    "cell_broadcast",
    "device_admin",
    "dialer",
    "emergency",
    "esim",
    "last_keyboard",
    "last_launcher",
    "package_installer",
    "permission_controller",
    "persistent",
    "play",
    "settings",
    "sms",
    "system_uid",
    "telephony",
    "vpn",
    "webview",
];

/// A policy that forbids each of these by name and with `system: true`.
fn denying(packages: &[&str]) -> Ruleset {
    let policy = serde_json::json!({
        "format": "sluis.policy/1",
        "layer": "reckless",
        "organisation": { "name": { "en": "Reckless" } },
        "stance": "open",
        "rules": [{ "id": "all", "effect": "deny", "match": { "packages": packages, "system": true } }],
    });
    Ruleset::compile(vec![Layer {
        policy: Policy::parse("reckless", policy.to_string().as_bytes()).unwrap(),
        catalogue: Catalogue::default(),
    }])
    .unwrap()
}

/// The clause that keeps a policy that denies `denied` from touching `package`.
fn clause(package: &PackageFacts, roles: &Roles, denied: &[&str]) -> Option<&'static str> {
    let ruleset = denying(denied);
    let past = Past::default();
    let circumstances = Circumstances::on_a_desk(0, &past);
    let judge = ruleset.at(&circumstances);
    assert_eq!(judge.evaluate(package).effect, Effect::Deny);
    let floor = Floor::new(roles, |name: &str| {
        judge.evaluate(&app(name)).effect == Effect::Deny
    });
    floor.clause(package).map(|clause| clause.id)
}

#[test]
fn each_clause_protects_what_no_other_clause_would() {
    for Case {
        clause: id,
        package,
        roles,
    } in cases()
    {
        assert_eq!(clause(&package, &roles, &[&package.name]), Some(id));
        let others = CLAUSES.iter().filter(|clause| clause.id != id);
        let floor = Floor::new(&roles, |_: &str| true);
        for other in others {
            assert!(!floor.protects(other, &package), "{id} and {}", other.id);
        }
    }
}

#[test]
fn the_clauses_are_those_that_are_promised() {
    let covered: BTreeSet<&str> = cases().iter().map(|case| case.clause).collect();
    assert_eq!(covered, PROMISED.into(), "a case for each");
    let ids: Vec<&str> = CLAUSES.iter().map(|clause| clause.id).collect();
    assert_eq!(ids.len(), PROMISED.len());
    assert_eq!(BTreeSet::from_iter(ids), PROMISED.into());
}

#[test]
fn an_app_of_the_maker_that_holds_no_role_is_not_protected() {
    let everyone = roles(&[("dialer", &["com.android.dialer"]), ("sms", &["com.android.mms"])]);
    assert_eq!(
        clause(&app("com.maker.bloat"), &everyone, &["com.maker.bloat"]),
        None
    );
    // A name that begins like a protected one is another app.
    let lookalike = "com.google.android.gms.evil";
    assert_eq!(clause(&app(lookalike), &everyone, &[lookalike]), None);
}

const LAST: [(&str, &str, &str); 2] = [
    ("last_launcher", "home", "home_candidates"),
    ("last_keyboard", "keyboard", "keyboard_candidates"),
];

#[test]
fn the_holder_may_go_while_another_candidate_stays() {
    for (_, role, candidates) in LAST {
        let roles = roles(&[(role, &["a.a"]), (candidates, &["a.a", "b.b"])]);
        assert_eq!(clause(&app("a.a"), &roles, &["a.a"]), None);
    }
}

#[test]
fn of_candidates_that_are_all_denied_the_holder_stays() {
    for (id, role, candidates) in LAST {
        let roles = roles(&[(role, &["b.b"]), (candidates, &["a.a", "b.b"])]);
        assert_eq!(clause(&app("b.b"), &roles, &["a.a", "b.b"]), Some(id));
        assert_eq!(clause(&app("a.a"), &roles, &["a.a", "b.b"]), None);
    }
}

#[test]
fn while_no_candidate_was_chosen_all_stay_unless_one_is_left_alone() {
    for (id, role, candidates) in LAST {
        for holder in [&[][..], &["com.android.settings"]] {
            let roles = roles(&[(role, holder), (candidates, &["a.a", "b.b"])]);
            assert_eq!(clause(&app("a.a"), &roles, &["a.a", "b.b"]), Some(id));
            assert_eq!(clause(&app("b.b"), &roles, &["a.a", "b.b"]), Some(id));
            assert_eq!(clause(&app("a.a"), &roles, &["a.a"]), None);
        }
    }
}

#[test]
fn a_role_that_could_not_be_read_protects_all_that_may_be_part_of_the_phone() {
    for role in floor::roles() {
        let mut roles = roles(&[]);
        roles.remove(role);
        for (system, protected) in [(Some(true), true), (None, true), (Some(false), false)] {
            let package = PackageFacts {
                system,
                ..app("org.example.part")
            };
            let floor = Floor::new(&roles, |_: &str| true);
            assert_eq!(floor.clause(&package).is_some(), protected, "{role} {system:?}");
        }
    }
}

#[test]
fn what_could_not_be_read_of_a_package_protects_it_where_it_may_be_part_of_the_phone() {
    type Forget = fn(&mut PackageFacts);
    let unread: [(&str, Forget); 2] = [
        ("persistent", |p| p.persistent = None),
        ("system_uid", |p| p.uid = None),
    ];
    for (id, forget) in unread {
        for (system, clause) in [(Some(true), Some(id)), (None, Some(id)), (Some(false), None)] {
            let mut package = PackageFacts {
                system,
                ..app("org.example.part")
            };
            forget(&mut package);
            let roles = roles(&[]);
            let floor = Floor::new(&roles, |_: &str| true);
            assert_eq!(
                floor.clause(&package).map(|clause| clause.id),
                clause,
                "{system:?}"
            );
        }
    }
}
