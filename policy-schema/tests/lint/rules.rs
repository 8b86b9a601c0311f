//! A rule that another one makes useless is told only where that is certain.

use serde_json::{Value, json};
use sluis_policy::lint::{Document, lint_together};

use super::{catalogue, checks, clean, one};

fn rules(rules: &[Value]) -> Value {
    let mut policy = clean();
    let reason = json!({"nl": "Daarom.", "en": "Because."});
    let whole = rules.iter().enumerate().map(|(i, rule)| {
        let mut whole = json!({"id": format!("r{i}"), "effect": "deny", "reason": reason});
        for (key, value) in rule.as_object().unwrap() {
            whole[key] = value.clone();
        }
        whole
    });
    policy["rules"] = whole.collect();
    policy
}

/// Of a rule that names a game and one that names all games of its maker.
fn beside(wide: Value, narrow: Value) -> Vec<(&'static str, String)> {
    let mut wide = wide;
    let mut narrow = narrow;
    for (rule, packages) in [(&mut wide, "com.games.*"), (&mut narrow, "com.games.chess*")] {
        if rule.get("match").is_none() {
            rule["match"] = json!({"packages": [packages]});
        }
    }
    checks(&rules(&[narrow, wide]))
}

#[test]
fn a_rule_is_shadowed_by_one_that_is_as_strict_on_all_its_apps() {
    let shadowed = one("shadowed", "/rules/0");
    assert_eq!(beside(json!({}), json!({})), shadowed);
    assert_eq!(beside(json!({"remedy": "hide"}), json!({})), shadowed);
    assert_eq!(beside(json!({}), json!({"grace": "P1D"})), shadowed);
    assert_eq!(
        beside(json!({"effect": "deny"}), json!({"effect": "allow"})),
        shadowed
    );
    assert_eq!(
        beside(json!({"effect": "deny"}), json!({"effect": "advise"})),
        shadowed
    );
    assert_eq!(
        beside(json!({"effect": "advise"}), json!({"effect": "advise"})),
        shadowed
    );
    assert_eq!(
        beside(json!({"effect": "allow"}), json!({"effect": "allow"})),
        shadowed
    );
    assert_eq!(beside(json!({}), json!({"rollout": 10})), shadowed);
    let later = json!({"from": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z"});
    assert_eq!(beside(json!({}), later.clone()), shadowed);
    assert_eq!(beside(later.clone(), later), shadowed);
}

#[test]
fn a_rule_that_still_changes_something_is_not_shadowed() {
    for (wide, narrow) in [
        (json!({}), json!({"remedy": "hide"})),
        (json!({"grace": "P2D"}), json!({"grace": "P1D"})),
        // A phone may have obeyed the narrow one for longer.
        (json!({"grace": "P1D"}), json!({"grace": "P1D"})),
        (json!({"grace": "P1D"}), json!({"effect": "allow"})),
        (json!({"effect": "advise"}), json!({})),
        (json!({"effect": "allow"}), json!({})),
        (json!({"effect": "allow"}), json!({"effect": "advise"})),
        (json!({"audit_only": true}), json!({})),
        (json!({}), json!({"audit_only": true})),
        (json!({"rollout": 50}), json!({})),
        (json!({"exemptible_by": ["nation"]}), json!({})),
        (json!({"from": "2026-01-01T00:00:00Z"}), json!({})),
        (json!({"until": "2026-01-01T00:00:00Z"}), json!({})),
        (
            json!({"from": "2026-01-01T00:00:00Z"}),
            json!({"from": "2025-01-01T00:00:00Z"}),
        ),
        (
            json!({"until": "2026-01-01T00:00:00Z"}),
            json!({"until": "2027-01-01T00:00:00Z"}),
        ),
        (
            json!({"except": {"packages": ["com.games.chess.pro"]}}),
            json!({}),
        ),
        // Only a whole name reaches what came with the phone.
        (json!({}), json!({"match": {"packages": ["com.games.chess"]}})),
        (
            json!({}),
            json!({"match": {"packages": ["com.games.chess*"], "system": true}}),
        ),
        (
            json!({"match": {"packages": ["com.games.*"], "system": false}}),
            json!({}),
        ),
        (
            json!({"match": {"packages": ["com.games.*"], "version_below": 7}}),
            json!({}),
        ),
        (
            json!({"match": {"packages": ["com.games.*"], "installers": ["com.shop"]}}),
            json!({}),
        ),
    ] {
        assert_eq!(beside(wide.clone(), narrow.clone()), [], "{wide} beside {narrow}");
    }
}

#[test]
fn an_exemption_keeps_what_it_exempts_from_from_shadowing() {
    let mut policy = rules(&[
        json!({"match": {"packages": ["com.games.*"]}}),
        json!({"match": {"packages": ["com.games.chess*"]}}),
    ]);
    assert_eq!(checks(&policy), one("shadowed", "/rules/1"));
    policy["exemptions"] = json!([{"rule": "r0", "packages": ["com.games.chess"], "groups": ["players"],
        "purpose": {"nl": "Spel", "en": "Play"}, "until": "2027-01-01T00:00:00Z"}]);
    policy["grants"] = json!([{"key": format!("ed25519:{}", "11".repeat(32)), "groups": ["players"]}]);
    assert_eq!(checks(&policy), []);
}

#[test]
fn of_two_that_say_the_same_the_second_is_one_too_many() {
    let same = json!({"match": {"packages": ["com.games.chess"]}});
    assert_eq!(checks(&rules(&[same.clone(), same])), one("shadowed", "/rules/1"));
}

#[test]
fn a_country_shadows_its_vendors_and_no_others() {
    let country = |contested: bool| json!({"match": {"controlled_from": ["CN"], "contested": contested}});
    let vendor = |id: &str| json!({"match": {"vendors": [id], "contested": true}});
    assert_eq!(
        checks(&rules(&[country(true), vendor("clear")])),
        one("shadowed", "/rules/1")
    );
    assert_eq!(checks(&rules(&[country(false), vendor("clear")])), []);
    assert_eq!(checks(&rules(&[country(true), vendor("doubtful")])), []);
}

#[test]
fn an_exception_is_told_only_where_it_certainly_takes_out_all() {
    let excepting = |except: Value| {
        checks(&rules(&[
            json!({"match": {"packages": ["com.games.*"]}, "except": except}),
        ]))
    };
    let all = one("never-matches", "/rules/0/except");
    assert_eq!(excepting(json!({"packages": ["com.games.*"]})), all);
    assert_eq!(excepting(json!({"packages": ["com.ga*"], "system": true})), all);
    for except in [
        json!({"packages": ["com.games.chess"]}),
        json!({"packages": ["com.games.*"], "system": false}),
        // An app whose version or signer cannot be read is not let go.
        json!({"packages": ["com.games.*"], "version_below": 9}),
        json!({"signers": ["cc".repeat(32)]}),
    ] {
        assert_eq!(excepting(except.clone()), [], "{except}");
    }
}

#[test]
fn an_alternative_that_is_denied_or_never_approved_is_no_alternative() {
    let rule =
        |alternative: &str| json!({"match": {"packages": ["com.games.chess"]}, "alternative": alternative});
    let other = json!({"match": {"packages": ["com.other.*"]}});
    let refused = one("alternative-denied", "/rules/0/alternative");
    assert_eq!(checks(&rules(&[rule("com.other.app"), other.clone()])), refused);
    assert_eq!(checks(&rules(&[rule("org.fine.app"), other])), []);
    let mut closed = rules(&[rule("org.fine.app")]);
    closed["stance"] = json!({"kind": "closed", "reason": {"nl": "Dicht.", "en": "Closed."}});
    assert_eq!(checks(&closed), refused);
    closed["stance"]["approvals_from"] = json!(["nation"]);
    assert_eq!(checks(&closed), [], "another layer may approve it");
}

#[test]
fn what_is_over_is_told_only_when_the_time_is_known() {
    let mut policy =
        rules(&[json!({"match": {"packages": ["com.games.chess"]}, "until": "2026-01-01T00:00:00Z"})]);
    policy["exemptions"] = json!([{"rule": "r0", "packages": ["com.games.*"], "groups": ["players"],
        "purpose": {"nl": "Spel", "en": "Play"}, "until": "2025-12-01T00:00:00Z"}]);
    policy["grants"] = json!([{"key": format!("ed25519:{}", "11".repeat(32)), "groups": ["players"]}]);
    let text = policy.to_string();
    let at = |now_ms: Option<i64>| -> Vec<&str> {
        let document = Document {
            name: "p",
            bytes: text.as_bytes(),
        };
        let findings = lint_together(&[document], &catalogue(), now_ms);
        findings.iter().map(|finding| finding.check).collect()
    };
    // 2026-01-01T00:00:00Z
    const END_MS: i64 = 1_767_225_600_000;
    assert_eq!(at(None), Vec::<&str>::new());
    assert_eq!(at(Some(0)), Vec::<&str>::new());
    assert_eq!(at(Some(END_MS - 1)), ["exemption-ended"]);
    assert_eq!(at(Some(END_MS)).len(), 2);
}

#[test]
fn a_grace_is_held_against_what_is_left_of_the_rule() {
    let lives = |grace: &str, from: Value| {
        let mut rule = json!({"match": {"packages": ["com.games.chess"]}, "grace": grace, "until": "2026-01-31T00:00:00Z"});
        if from.is_string() {
            rule["from"] = from;
        }
        checks(&rules(&[rule]))
    };
    let outlived = one("grace-outlives-rule", "/rules/0/grace");
    assert_eq!(lives("P30D", json!("2026-01-01T00:00:00Z")), outlived);
    assert_eq!(lives("P29D", json!("2026-01-01T00:00:00Z")), []);
    assert_eq!(lives("P30D", Value::Null), [], "nobody knows when it begins");
}
