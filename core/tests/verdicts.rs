//! What policies mean, one promise a test.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use sluis_core::policy::facts::{PackageFacts, Signers};
use sluis_core::policy::{Basis, Circumstances, ComposeError, Layer, Past, Ruleset, Verdict};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::policy::{Effect, Policy, Remedy};
use sluis_policy::values::Digest;

const KEY: &str = "1111111111111111111111111111111111111111111111111111111111111111";
const OLD_KEY: &str = "2222222222222222222222222222222222222222222222222222222222222222";
const PLATFORM: &str = "3333333333333333333333333333333333333333333333333333333333333333";

fn catalogue() -> Catalogue {
    let text = r#"{"format":"sluis.catalogue/1","vendors":[
        {"id":"tencent","name":"Tencent","country_of_control":"CN","control_assessment":"clear",
         "packages":[{"source":"test","confidence":"test","apps":{"com.tencent.mm":"WeChat"},
                      "unnamed":["com.maker.wechat"]}],
         "prefixes":["com.tencent.*"],
         "signers":[{"sha256":"KEY","packages":[],"sources":[]},
                    {"sha256":"PLATFORM","packages":[],"sources":[],"platform":true}]},
        {"id":"shein","name":"SHEIN","country_of_control":"CN","control_assessment":"contested",
         "packages":[{"source":"test","confidence":"test","unnamed":["com.zzkko"]}]}]}"#;
    Catalogue::parse(
        "catalogue",
        text.replace("KEY", KEY).replace("PLATFORM", PLATFORM).as_bytes(),
    )
    .unwrap()
}

fn policy(layer: &str, stance: &str, rules: &str) -> Layer {
    let text = format!(
        r#"{{"format":"sluis.policy/1","layer":"{layer}","organisation":{{"name":{{"en":"{layer}"}}}},
            "stance":"{stance}","rules":[{rules}]}}"#
    );
    let policy = Policy::parse(layer, text.replace("KEY", KEY).as_bytes()).unwrap_or_else(|e| panic!("{e}"));
    Layer {
        policy,
        catalogue: catalogue(),
    }
}

fn rule(id: &str, effect: &str, matches: &str) -> String {
    format!(r#"{{"id":"{id}","effect":"{effect}","match":{{{matches}}}}}"#)
}

fn app(name: &str) -> PackageFacts {
    let signers = Some(Signers {
        current: vec![digest(OLD_KEY)],
        lineage: vec![],
    });
    PackageFacts {
        name: name.into(),
        system: Some(false),
        signers,
        ..PackageFacts::default()
    }
}

fn signed(name: &str, current: &[&str], lineage: &[&str]) -> PackageFacts {
    let digests = |keys: &[&str]| keys.iter().map(|k| digest(k)).collect();
    PackageFacts {
        signers: Some(Signers {
            current: digests(current),
            lineage: digests(lineage),
        }),
        ..app(name)
    }
}

fn system(package: PackageFacts) -> PackageFacts {
    PackageFacts {
        system: Some(true),
        ..package
    }
}

fn digest(text: &str) -> Digest {
    Digest::parse(text).unwrap()
}

fn verdict(ruleset: &Ruleset, package: &PackageFacts) -> Verdict {
    let past = Past::default();
    ruleset.at(&Circumstances::on_a_desk(0, &past)).evaluate(package)
}

/// What decided, as "effect layer/rule".
fn said(layers: Vec<Layer>, package: &PackageFacts) -> String {
    let ruleset = Ruleset::compile(layers).unwrap();
    let Verdict { effect, basis, .. } = verdict(&ruleset, package);
    let by = match (basis, ruleset.source(basis)) {
        (Basis::NotApproved { .. }, Some((policy, _))) => format!("{} not approved", policy.layer),
        (_, Some((policy, Some(rule)))) => format!("{}/{}", policy.layer, rule.id),
        _ => "nothing said".into(),
    };
    format!("{effect:?} {by}")
}

fn denied(matches: &str, package: &PackageFacts) -> bool {
    said(vec![policy("l", "open", &rule("r", "deny", matches))], package).starts_with("Deny")
}

#[test]
fn an_open_stance_allows_what_no_rule_names() {
    let layers = || {
        vec![policy(
            "l",
            "open",
            &rule("r", "deny", r#""packages":["com.tencent.mm"]"#),
        )]
    };
    assert_eq!(said(layers(), &app("com.tencent.mm")), "Deny l/r");
    assert_eq!(said(layers(), &app("com.tencent.mm2")), "Allow nothing said");
    assert_eq!(said(vec![], &app("com.tencent.mm")), "Allow nothing said");
}

#[test]
fn a_closed_stance_denies_what_no_rule_allows_but_only_what_was_added() {
    let layers = || {
        vec![policy(
            "l",
            "closed",
            &rule("r", "allow", r#""packages":["nl.ns.android"]"#),
        )]
    };
    assert_eq!(said(layers(), &app("nl.ns.android")), "Allow l/r");
    assert_eq!(said(layers(), &app("com.whatsapp")), "Deny l not approved");
    assert_eq!(
        said(layers(), &system(app("com.android.settings"))),
        "Allow nothing said"
    );
    let unknown = PackageFacts {
        system: None,
        ..app("com.whatsapp")
    };
    assert_eq!(said(layers(), &unknown), "Deny l not approved");
}

#[test]
fn within_a_layer_a_deny_beats_an_allow_and_advice_is_no_approval() {
    let name = r#""packages":["com.x.y"]"#;
    let both = [rule("a", "allow", name), rule("d", "deny", name)].join(",");
    assert_eq!(
        said(vec![policy("l", "closed", &both)], &app("com.x.y")),
        "Deny l/d"
    );
    let advised = rule("a", "advise", name);
    assert_eq!(
        said(vec![policy("l", "closed", &advised)], &app("com.x.y")),
        "Deny l not approved"
    );
    let allowed = [advised, rule("b", "allow", name)].join(",");
    assert_eq!(
        said(vec![policy("l", "closed", &allowed)], &app("com.x.y")),
        "Advise l/a"
    );
}

#[test]
fn across_layers_the_strictest_wins_and_no_layer_loosens_another() {
    let name = r#""packages":["com.x.y"]"#;
    let deny = || policy("state", "open", &rule("d", "deny", name));
    let allow = || policy("town", "open", &rule("a", "allow", name));
    assert_eq!(said(vec![deny(), allow()], &app("com.x.y")), "Deny state/d");
    assert_eq!(said(vec![allow(), deny()], &app("com.x.y")), "Deny state/d");
    let closed = || policy("state", "closed", "");
    assert_eq!(
        said(vec![closed(), allow()], &app("com.x.y")),
        "Deny state not approved"
    );
    let advice = policy("state", "open", &rule("a", "advise", name));
    assert_eq!(said(vec![advice, allow()], &app("com.x.y")), "Advise state/a");
}

#[test]
fn the_strongest_remedy_decides_and_order_does_not() {
    let with_remedy = |id: &str, remedy: &str| {
        format!(r#"{{"id":"{id}","effect":"deny","remedy":"{remedy}","match":{{"packages":["com.x.y"]}}}}"#)
    };
    let rules = [
        with_remedy("a", "suspend"),
        with_remedy("c", "remove"),
        with_remedy("b", "remove"),
        with_remedy("d", "hide"),
    ];
    for turn in 0..rules.len() {
        let mut turned = rules.clone();
        turned.rotate_left(turn);
        let ruleset = Ruleset::compile(vec![policy("l", "open", &turned.join(","))]).unwrap();
        let verdict = verdict(&ruleset, &app("com.x.y"));
        assert_eq!(verdict.remedy, Some(Remedy::Remove));
        assert_eq!(ruleset.source(verdict.basis).unwrap().1.unwrap().id.as_str(), "b");
    }
    let default = Ruleset::compile(vec![policy(
        "l",
        "open",
        &rule("r", "deny", r#""packages":["com.x.y"]"#),
    )])
    .unwrap();
    assert_eq!(
        verdict(&default, &app("com.x.y")).remedy,
        Some(Remedy::Suspend),
        "nothing is destroyed unless policy says so"
    );
}

#[test]
fn attributes_are_anded_and_their_values_ored() {
    let both = r#""packages":["com.x.*","org.x"],"signers":["KEY"]"#;
    assert!(denied(both, &signed("com.x.y", &[KEY], &[])));
    assert!(denied(both, &signed("org.x", &[KEY], &[])));
    assert!(!denied(both, &signed("com.x.y", &[OLD_KEY], &[])));
    assert!(!denied(both, &signed("net.x", &[KEY], &[])));
}

#[test]
fn a_deny_matches_any_signer_of_the_lineage() {
    assert!(denied(r#""signers":["KEY"]"#, &signed("a.b", &[OLD_KEY], &[KEY])));
    assert!(denied(
        r#""signers":["KEY"]"#,
        &signed("a.b", &[OLD_KEY, KEY], &[])
    ));
    assert!(!denied(r#""signers":["KEY"]"#, &signed("a.b", &[OLD_KEY], &[])));
}

#[test]
fn an_allow_needs_every_current_signer_and_an_unknown_one_satisfies_none() {
    let allows = |package: &PackageFacts| {
        said(
            vec![policy("l", "closed", &rule("r", "allow", r#""signers":["KEY"]"#))],
            package,
        )
        .starts_with("Allow")
    };
    assert!(allows(&signed("a.b", &[KEY], &[OLD_KEY])));
    assert!(!allows(&signed("a.b", &[KEY, OLD_KEY], &[])));
    assert!(
        !allows(&signed("a.b", &[OLD_KEY], &[KEY])),
        "an old key does not approve"
    );
    assert!(!allows(&signed("a.b", &[], &[])));
    assert!(!allows(&PackageFacts {
        signers: None,
        ..app("a.b")
    }));
}

#[test]
fn a_country_reaches_names_prefixes_and_signers_of_its_vendors() {
    let china = r#""controlled_from":["CN"]"#;
    assert!(denied(china, &app("com.tencent.mm")));
    assert!(denied(china, &app("com.tencent.unheard.of")));
    assert!(denied(china, &signed("com.rebranded", &[KEY], &[])));
    assert!(!denied(china, &app("com.tencentlookalike")));
    assert!(!denied(r#""controlled_from":["RU"]"#, &app("com.tencent.mm")));
    assert!(denied(r#""vendors":["tencent"]"#, &app("com.tencent.unheard.of")));
}

#[test]
fn a_contested_vendor_matches_only_when_the_rule_says_so() {
    assert!(!denied(r#""controlled_from":["CN"]"#, &app("com.zzkko")));
    assert!(!denied(r#""vendors":["shein"]"#, &app("com.zzkko")));
    assert!(denied(
        r#""controlled_from":["CN"],"contested":true"#,
        &app("com.zzkko")
    ));
}

#[test]
fn a_platform_key_in_the_catalogue_matches_nothing() {
    assert!(!denied(
        r#""vendors":["tencent"],"system":true"#,
        &system(signed("com.android.settings", &[PLATFORM], &[]))
    ));
}

#[test]
fn apps_of_the_phone_itself_are_reached_by_name_or_when_the_rule_says_so() {
    let unheard = system(app("com.tencent.unheard.of"));
    assert!(
        denied(r#""packages":["com.tencent.mm"]"#, &system(app("com.tencent.mm"))),
        "named by the rule"
    );
    assert!(
        !denied(r#""vendors":["tencent"]"#, &system(app("com.tencent.mm"))),
        "named by the catalogue only"
    );
    assert!(!denied(r#""packages":["com.tencent.*"]"#, &unheard));
    assert!(!denied(
        r#""signers":["KEY"]"#,
        &system(signed("a.b", &[KEY], &[]))
    ));
    for wide in [
        r#""vendors":["tencent"]"#,
        r#""packages":["com.tencent.*"]"#,
        r#""controlled_from":["CN"]"#,
    ] {
        assert!(denied(&format!(r#"{wide},"system":true"#), &unheard), "{wide}");
        assert!(
            denied(
                &format!(r#"{wide},"system":true"#),
                &app("com.tencent.unheard.of")
            ),
            "user apps too: {wide}"
        );
    }
    assert!(!denied(
        r#""packages":["com.tencent.mm"],"system":false"#,
        &system(app("com.tencent.mm"))
    ));
    assert!(denied(
        r#""packages":["com.tencent.mm"],"system":false"#,
        &app("com.tencent.mm")
    ));
}

#[test]
fn an_allow_by_vendor_does_not_approve_by_the_beginning_of_a_name() {
    let layers = || {
        vec![policy(
            "l",
            "closed",
            &rule("r", "allow", r#""vendors":["tencent"]"#),
        )]
    };
    assert_eq!(said(layers(), &app("com.tencent.mm")), "Allow l/r");
    assert_eq!(said(layers(), &app("com.tencent.fake")), "Deny l not approved");
    assert_eq!(
        said(layers(), &signed("com.tencent.real", &[KEY], &[])),
        "Allow l/r"
    );
}

#[test]
fn layers_that_cannot_be_told_apart_are_refused() {
    let same = Ruleset::compile(vec![policy("l", "open", ""), policy("l", "open", "")]).unwrap_err();
    assert!(matches!(same, ComposeError::SameLayer(_)));
    assert_eq!(
        same.to_string(),
        "two policies name their layer `l`; every layer needs its own name"
    );
    for layers in [65, 66] {
        let many = (0..layers)
            .map(|i| policy(&format!("l{i}"), "open", ""))
            .collect();
        let error = Ruleset::compile(many).unwrap_err();
        assert_eq!(error, ComposeError::TooMany { layers });
        assert_eq!(
            error.to_string(),
            format!("{layers} policies; at most 64 can be composed")
        );
    }
    let two = Ruleset::compile(vec![policy("a", "open", ""), policy("b", "open", "")]).unwrap();
    let names: Vec<&str> = two.layers().iter().map(|policy| policy.layer.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    let most: Vec<Layer> = (0..64)
        .map(|i| policy(&format!("l{i}"), if i == 63 { "closed" } else { "open" }, ""))
        .collect();
    assert_eq!(said(most, &app("a.b")), "Deny l63 not approved");
}

#[test]
fn one_buffer_serves_again_and_again() {
    let ruleset = Ruleset::compile(vec![policy(
        "l",
        "open",
        &rule("r", "deny", r#""packages":["a.b"]"#),
    )])
    .unwrap();
    let mut verdicts = Vec::new();
    let past = Past::default();
    let circumstances = Circumstances::on_a_desk(0, &past);
    let judge = ruleset.at(&circumstances);
    judge.evaluate_all(&[app("a.b"), app("a.c")], &mut verdicts);
    judge.evaluate_all(&[app("a.c"), app("a.b")], &mut verdicts);
    assert_eq!(
        verdicts.iter().map(|v| v.effect).collect::<Vec<_>>(),
        [Effect::Allow, Effect::Deny]
    );
}
