//! Lists that say less than their author means, and those that say more.

use serde_json::{Value, json};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::lint::{Document, Finding, lint_together};

use super::{checks, clean, one, with};

fn real() -> Catalogue {
    Catalogue::parse("c", include_bytes!("../../catalogue/catalogue.json")).unwrap()
}

fn of(policies: &[&Value]) -> Vec<Finding> {
    let texts: Vec<String> = policies.iter().map(|policy| policy.to_string()).collect();
    let documents: Vec<Document<'_>> = texts
        .iter()
        .map(|text| Document {
            name: "p",
            bytes: text.as_bytes(),
        })
        .collect();
    lint_together(&documents, &real(), None)
}

fn naming(packages: &[&str]) -> Value {
    with("/rules/0/match", json!({"packages": packages}))
}

const TIKTOK: [&str; 7] = [
    "com.zhiliaoapp.musically",
    "com.zhiliaoapp.musically.go",
    "com.ss.android.ugc.trill",
    "com.ss.android.ugc.trill.go",
    "com.ss.android.ugc.tiktok.lite",
    "com.tiktok.lite.go",
    "com.tiktok.tv",
];

#[test]
fn only_tiktok_of_all_that_was_meant_is_pointed_out() {
    let findings = of(&[&naming(&TIKTOK)]);
    let [finding] = findings.as_slice() else {
        panic!("{findings:?}")
    };
    assert_eq!(finding.check, "narrow-list");
    for part in [
        "vendors: [\"bytedance\"]",
        "controlled_from: [\"CN\"]",
        "names 7 (not ",
    ] {
        assert!(finding.message.contains(part), "{}", finding.message);
    }
}

#[test]
fn a_list_of_several_vendors_is_one_that_somebody_chose() {
    let mut packages = TIKTOK.to_vec();
    packages.push("com.tencent.mm");
    assert_eq!(of(&[&naming(&packages)]), []);
    assert_eq!(
        of(&[&naming(&["com.example.app"])]),
        [],
        "the catalogue knows nothing of it"
    );
}

#[test]
fn what_another_layer_denies_is_not_missing() {
    let mut nation = with("/rules/0/match", json!({"controlled_from": ["CN"]}));
    nation["layer"] = json!("nation");
    assert_eq!(of(&[&nation, &naming(&TIKTOK[..1])]), []);
}

#[test]
fn another_edition_of_the_same_app_is_named_in_the_message() {
    let findings = of(&[&naming(&["com.tencent.mm", "com.zhiliaoapp.musically"])]);
    let [finding] = findings.as_slice() else {
        panic!("{findings:?}")
    };
    assert_eq!(
        (finding.check, finding.pointer.as_str()),
        ("edition-missing", "/rules/0/match/packages/1")
    );
    assert!(
        finding.message.contains("com.ss.android.ugc.trill"),
        "{}",
        finding.message
    );
    assert!(
        !finding.message.contains("creator"),
        "TikTok Studio is another app: {}",
        finding.message
    );
}

#[test]
fn names_that_look_like_a_vendors_are_not_taken_for_it() {
    for prefix in [
        "com.ss.*",
        "com.tiktok.*",
        "com.cmcm*",
        "com.jd.*",
        "ru.vk*",
        "com.meitu*",
    ] {
        let found = of(&[&naming(&["com.example.app", prefix])]);
        let others = found.iter().filter(|f| f.check == "prefix-hits-others");
        let places: Vec<&str> = others.map(|f| f.pointer.as_str()).collect();
        assert_eq!(places, ["/rules/0/match/packages/1"], "{prefix}: {found:?}");
    }
    let narrowed = with(
        "/rules/0/match",
        json!({"packages": ["com.ss.*"], "vendors": ["bytedance"]}),
    );
    assert!(of(&[&narrowed]).iter().all(|f| f.check != "prefix-hits-others"));
}

#[test]
fn the_keys_of_makers_of_phones_are_pointed_out() {
    let real = real();
    let makers = ["huawei", "oppo_oneplus_realme", "vivo"];
    for vendor in real.vendors.iter().filter(|v| makers.contains(&v.id.as_str())) {
        for signer in &vendor.signers {
            let policy = with("/rules/0/match", json!({"signers": [signer.sha256.to_string()]}));
            let found: Vec<&str> = of(&[&policy]).iter().map(|f| f.check).collect();
            assert_eq!(found, ["oem-key"], "{}", vendor.name);
        }
    }
}

#[test]
fn what_the_floor_refuses_is_told_unless_the_rule_leaves_it_alone() {
    let denied = |matches: Value| checks(&with("/rules/0/match", matches));
    let refused = one("floor-refuses", "/rules/0/match/packages/1");
    for package in ["com.google.android.gms", "com.android.settings", "nl.sluis.agent"] {
        assert_eq!(
            denied(json!({"packages": ["com.example", package]})),
            refused,
            "{package}"
        );
    }
    assert_eq!(
        denied(json!({"packages": ["com.android.settings"], "system": false})),
        []
    );
    let mut advice = with("/rules/0/match", json!({"packages": ["com.android.vending"]}));
    advice["rules"][0]["effect"] = json!("advise");
    assert_eq!(checks(&advice), [], "advice does nothing to it");
}

#[test]
fn a_name_that_the_catalogue_lacks_comes_with_the_nearest_that_it_has() {
    let said = |matches: Value| of(&[&with("/rules/0/match", matches)]);
    let vendor = said(json!({"vendors": ["bytedanc"]}));
    assert!(vendor[0].message.contains("perhaps `bytedance`"), "{}", vendor[0]);
    let component = said(json!({"components": ["getuii"]}));
    assert_eq!(component[0].check, "unknown-component");
    assert!(
        component[0].message.contains("perhaps `getui`"),
        "{}",
        component[0]
    );
}

#[test]
fn removing_at_once_is_told_and_removing_after_a_grace_or_on_trial_is_not() {
    let mut policy = clean();
    policy["rules"][0]["remedy"] = json!("remove");
    assert_eq!(checks(&policy), one("remove-without-grace", "/rules/0/remedy"));
    let mut trial = policy.clone();
    trial["rules"][0]["audit_only"] = json!(true);
    assert_eq!(checks(&trial), []);
    policy["rules"][0]["grace"] = json!("P14D");
    assert_eq!(checks(&policy), []);
}
