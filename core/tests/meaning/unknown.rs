//! What is not known neither forbids nor approves, and gets nothing out of a rule.

use serde_json::{Value, json};
use sluis_core::policy::facts::{PackageFacts, Signers};

use crate::phone::{Phone, app, deny, key, march, policy};

fn nothing_known(name: &str) -> PackageFacts {
    PackageFacts {
        name: name.into(),
        ..PackageFacts::default()
    }
}

fn attributes() -> [Value; 5] {
    [
        json!({ "signers": [key(1)] }),
        json!({ "installers": ["com.shop"] }),
        json!({ "permissions": ["p.q"] }),
        json!({ "components": ["c.d"] }),
        json!({ "packages": ["bad.app"], "version_below": 5 }),
    ]
}

fn says(rule: Value, stance: &str, package: &PackageFacts) -> String {
    Phone::at(march(1)).says(
        &[policy("l", json!([rule]), json!({ "stance": stance }))],
        package,
    )
}

#[test]
fn a_deny_needs_a_match_that_is_known_to_hold() {
    for matches in attributes() {
        let rule = deny("r", json!({ "match": matches }));
        assert_eq!(
            says(rule, "open", &nothing_known("bad.app")),
            "allow nothing-said",
            "{matches}"
        );
    }
}

#[test]
fn an_allow_needs_a_match_that_is_known_to_hold() {
    for matches in attributes() {
        let rule = json!({ "id": "a", "effect": "allow", "match": matches });
        assert_eq!(
            says(rule, "closed", &nothing_known("bad.app")),
            "deny suspend l/not-approved",
            "{matches}"
        );
    }
}

#[test]
fn what_cannot_be_read_gets_no_app_out_of_a_deny() {
    for except in attributes() {
        let rule = deny("r", json!({ "except": except }));
        assert_eq!(
            says(rule, "open", &nothing_known("bad.app")),
            "deny suspend l/r",
            "{except}"
        );
    }
}

#[test]
fn what_cannot_be_read_approves_no_app_that_may_be_excepted() {
    for except in attributes() {
        let rule =
            json!({ "id": "a", "effect": "allow", "match": { "packages": ["bad.app"] }, "except": except });
        assert_eq!(
            says(rule, "closed", &nothing_known("bad.app")),
            "deny suspend l/not-approved",
            "{except}"
        );
    }
}

#[test]
fn a_list_of_no_signers_is_one_that_could_not_be_read() {
    let unsigned = PackageFacts {
        signers: Some(Signers::default()),
        ..app("bad.app")
    };
    let rule = json!({ "id": "a", "effect": "allow", "match": { "packages": ["bad.app"] }, "except": { "signers": [key(1)] } });
    assert_eq!(says(rule, "closed", &unsigned), "deny suspend l/not-approved");
    let rule = deny("r", json!({ "except": { "signers": [key(1)] } }));
    assert_eq!(says(rule, "open", &unsigned), "deny suspend l/r");
}

#[test]
fn a_web_app_of_unknown_address_is_not_known_to_be_another() {
    let web = nothing_known("org.chromium.webapk.abc_v2");
    let except = json!({ "id": "a", "effect": "allow", "match": { "packages": ["org.chromium.webapk.*"] }, "except": { "web_origins": ["tiktok.com"] } });
    assert_eq!(
        says(except.clone(), "closed", &web),
        "deny suspend l/not-approved"
    );
    // Of an app that is no web app it is known.
    let mut other = except;
    other["match"] = json!({ "packages": ["bad.app"] });
    assert_eq!(says(other, "closed", &nothing_known("bad.app")), "allow l/a");
}

#[test]
fn an_app_of_unknown_origin_counts_as_added() {
    let package = PackageFacts {
        system: None,
        ..app("bad.app")
    };
    assert_eq!(
        says(
            deny("r", json!({ "match": { "packages": ["bad.ap*"] } })),
            "open",
            &package
        ),
        "deny suspend l/r"
    );
    assert_eq!(
        says(
            deny("r", json!({ "match": { "packages": ["x.y"] } })),
            "closed",
            &package
        ),
        "deny suspend l/not-approved"
    );
}

#[test]
fn an_app_of_unknown_origin_gets_out_of_a_deny_only_where_a_part_of_the_phone_would_too() {
    let unknown = PackageFacts {
        system: None,
        ..app("bad.app")
    };
    let excepting = |except: serde_json::Value| {
        deny(
            "r",
            json!({ "match": { "packages": ["bad.app"] }, "except": except }),
        )
    };
    // It would reach the app if it was added, and not if it came with the phone.
    let wide = json!({ "packages": ["bad.ap*"] });
    assert_eq!(
        says(excepting(wide.clone()), "open", &app("bad.app")),
        "allow nothing-said"
    );
    assert_eq!(says(excepting(wide), "open", &unknown), "deny suspend l/r");
    let only_added = json!({ "packages": ["bad.app"], "system": false });
    assert_eq!(says(excepting(only_added), "open", &unknown), "deny suspend l/r");
    // These reach it either way.
    let by_name = json!({ "packages": ["bad.app"] });
    assert_eq!(says(excepting(by_name), "open", &unknown), "allow nothing-said");
    let all = json!({ "packages": ["bad.ap*"], "system": true });
    assert_eq!(says(excepting(all), "open", &unknown), "allow nothing-said");
}
