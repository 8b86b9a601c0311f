//! What each attribute of a match reaches.

use serde_json::{Value, json};
use sluis_core::policy::facts::PackageFacts;

use crate::phone::{Phone, app, deny, key, march, policy, signed};

fn denied(matches: Value, package: &PackageFacts) -> bool {
    excepted(matches, None, package)
}

fn excepted(matches: Value, except: Option<Value>, package: &PackageFacts) -> bool {
    let mut rule = deny("r", json!({ "match": matches }));
    if let Some(except) = except {
        rule["except"] = except;
    }
    let said = Phone::at(march(1)).says(&[policy("l", json!([rule]), json!({}))], package);
    said == "deny suspend l/r"
}

fn system(package: PackageFacts) -> PackageFacts {
    PackageFacts {
        system: Some(true),
        ..package
    }
}

#[test]
fn an_installer_is_matched_by_its_package() {
    let by = |installer: &str| PackageFacts {
        installer: Some(installer.into()),
        ..app("a.b")
    };
    assert!(denied(json!({ "installers": ["com.shop"] }), &by("com.shop")));
    assert!(!denied(
        json!({ "installers": ["com.shop"] }),
        &by("com.shop.other")
    ));
}

#[test]
fn a_web_app_is_matched_by_its_site_and_what_is_below() {
    let web = |address: &str| PackageFacts {
        web_origin: Some(address.into()),
        ..app("org.chromium.webapk.abc_v2")
    };
    let rule = json!({ "web_origins": ["tiktok.com"] });
    for address in [
        "https://tiktok.com/",
        "https://www.tiktok.com/foryou",
        "HTTPS://WWW.TikTok.com",
    ] {
        assert!(denied(rule.clone(), &web(address)), "{address}");
    }
    for address in [
        "https://nottiktok.com/",
        "https://tiktok.com.example.org/",
        "https://example.org/tiktok.com",
    ] {
        assert!(!denied(rule.clone(), &web(address)), "{address}");
    }
    assert!(!denied(rule, &app("com.android.chrome")));
}

#[test]
fn permissions_and_components_are_matched_by_any_that_the_app_has() {
    let package = PackageFacts {
        permissions: Some(vec![
            "android.permission.INTERNET".into(),
            "android.permission.READ_SMS".into(),
        ]),
        components: Some(vec![
            "a.b.Main".into(),
            "com.bytedance.sdk.openadsdk.Activity".into(),
        ]),
        ..app("a.b")
    };
    assert!(denied(
        json!({ "permissions": ["android.permission.READ_SMS"] }),
        &package
    ));
    assert!(!denied(
        json!({ "permissions": ["android.permission.READ"] }),
        &package
    ));
    assert!(denied(json!({ "components": ["com.bytedance.sdk.*"] }), &package));
    assert!(denied(json!({ "components": ["a.b.Main"] }), &package));
    assert!(!denied(json!({ "components": ["a.b.Mai"] }), &package));
    assert!(!denied(json!({ "components": ["com.bytedance.sdk"] }), &package));
}

#[test]
fn a_component_of_the_catalogue_is_matched_by_its_classes() {
    let with = |class: &str| PackageFacts {
        components: Some(vec!["a.b.Main".into(), class.into()]),
        ..app("a.b")
    };
    let rule = json!({ "components": ["maker-push"] });
    for class in [
        "com.maker.push.Service",
        "com.maker.push$Inner",
        "com.other.PushReceiver",
    ] {
        assert!(denied(rule.clone(), &with(class)), "{class}");
    }
    for class in [
        "com.maker.pushy.Service",
        "com.other.PushReceiver.More",
        "com.disputed.Service",
    ] {
        assert!(!denied(rule.clone(), &with(class)), "{class}");
    }
    // Not in the catalogue, or disputed: it reaches nothing, not everything.
    assert!(!denied(
        json!({ "components": ["unheard-of"] }),
        &with("com.maker.push.Service")
    ));
    assert!(!denied(
        json!({ "components": ["disputed"] }),
        &with("com.disputed.Service")
    ));
    assert!(denied(
        json!({ "components": ["disputed"], "contested": true }),
        &with("com.disputed.Service")
    ));
}

#[test]
fn a_vendor_is_matched_by_the_web_apps_of_its_domains_but_approved_by_none() {
    let web = PackageFacts {
        web_origin: Some("https://app.maker.example/".into()),
        ..app("org.chromium.webapk.abc_v2")
    };
    assert!(denied(json!({ "vendors": ["maker"] }), &web));
    assert!(denied(json!({ "controlled_from": ["CN"] }), &web));
    assert!(excepted(
        json!({ "packages": ["org.chromium.webapk.*"] }),
        Some(json!({ "vendors": ["maker"] })),
        &web
    ));
}

#[test]
fn a_version_narrows_and_is_compared_by_number() {
    let rule = json!({ "packages": ["a.b"], "version_below": 100 });
    let version = |code| PackageFacts {
        version_code: Some(code),
        ..app("a.b")
    };
    assert!(denied(rule.clone(), &version(99)));
    assert!(!denied(rule.clone(), &version(100)));
    assert!(
        denied(rule, &system(version(9))),
        "an exact name reaches what came with the phone"
    );
}

#[test]
fn all_attributes_must_hold() {
    let rule = json!({ "packages": ["a.*"], "installers": ["com.shop"], "signers": [key(7)] });
    let package = |name: &str, installer: &str, signer| PackageFacts {
        installer: Some(installer.into()),
        ..signed(name, &[signer], &[])
    };
    assert!(!denied(json!({ "packages": ["a.b.*"] }), &app("a.b")));
    for (name, installer, signer, expected) in [
        ("a.b.c", "com.shop", 7, true),
        ("x.b.c", "com.shop", 7, false),
        ("a.b.c", "com.play", 7, false),
        ("a.b.c", "com.shop", 8, false),
    ] {
        let mut rule = rule.clone();
        rule["packages"] = json!(["a.b.*"]);
        assert_eq!(
            denied(rule, &package(name, installer, signer)),
            expected,
            "{name} {installer} {signer}"
        );
    }
}

#[test]
fn only_an_exact_name_reaches_what_came_with_the_phone() {
    let package = system(PackageFacts {
        web_origin: Some("https://a.example/".into()),
        permissions: Some(vec!["p.q".into()]),
        components: Some(vec!["c.d".into()]),
        ..app("a.b")
    });
    for matches in [
        json!({ "installers": ["com.android.vending"] }),
        json!({ "web_origins": ["a.example"] }),
        json!({ "permissions": ["p.q"] }),
        json!({ "components": ["c.d"] }),
        json!({ "packages": ["a.b"], "permissions": ["p.q"] }),
    ] {
        assert!(!denied(matches.clone(), &package), "{matches}");
        let mut wide = matches.clone();
        wide["system"] = json!(true);
        assert!(denied(wide, &package), "{matches}");
        assert!(
            denied(
                matches.clone(),
                &PackageFacts {
                    system: Some(false),
                    ..package.clone()
                }
            ),
            "{matches}"
        );
    }
}

#[test]
fn an_exception_takes_packages_out_of_a_rule() {
    let all = json!({ "packages": ["a.b.*"] });
    assert!(!excepted(
        all.clone(),
        Some(json!({ "packages": ["a.b.c"] })),
        &app("a.b.c")
    ));
    assert!(excepted(
        all.clone(),
        Some(json!({ "packages": ["a.b.c"] })),
        &app("a.b.d")
    ));
    assert!(!excepted(
        all.clone(),
        Some(json!({ "signers": [key(1)] })),
        &app("a.b.d")
    ));
    assert!(excepted(
        all,
        Some(json!({ "packages": ["a.b.d"], "signers": [key(2)] })),
        &app("a.b.d")
    ));
}

#[test]
fn an_exception_from_a_deny_needs_every_signer_and_no_mere_prefix_of_a_vendor() {
    let all = json!({ "packages": ["com.maker.*", "made.app"] });
    let ours = Some(json!({ "signers": [key(1), key(2)] }));
    assert!(!excepted(
        all.clone(),
        ours.clone(),
        &signed("made.app", &[1, 2], &[])
    ));
    assert!(excepted(
        all.clone(),
        ours.clone(),
        &signed("made.app", &[1, 9], &[])
    ));
    assert!(
        excepted(all.clone(), ours, &signed("made.app", &[9], &[1])),
        "what it was signed with once"
    );
    let maker = Some(json!({ "vendors": ["maker"] }));
    assert!(!excepted(all.clone(), maker.clone(), &app("made.app")));
    assert!(excepted(all, maker, &app("com.maker.lookalike")));
}

#[test]
fn a_deny_matches_any_of_several_signers_that_the_app_has_now() {
    let matches = || json!({ "signers": [key(7)] });
    assert!(denied(matches(), &signed("any.app", &[1, 7], &[])));
    assert!(denied(matches(), &signed("any.app", &[7, 1], &[])));
    assert!(!denied(matches(), &signed("any.app", &[1, 2], &[])));
}

#[test]
fn a_signer_of_the_past_is_known_where_those_of_now_could_not_be_read() {
    let matches = json!({ "signers": [key(7)], "version_below": 200 });
    assert!(denied(matches.clone(), &signed("any.app", &[], &[7])));
    assert!(!denied(matches, &signed("any.app", &[], &[8])));
}

#[test]
fn a_web_app_is_matched_by_its_site_beside_other_attributes() {
    let web = |address: &str| PackageFacts {
        web_origin: Some(address.into()),
        ..app("org.chromium.webapk.abc_v2")
    };
    let matches = || json!({ "packages": ["org.chromium.webapk.*"], "web_origins": ["tiktok.com"] });
    assert!(denied(matches(), &web("https://www.tiktok.com/")));
    assert!(!denied(matches(), &web("https://example.org/")));
}

#[test]
fn an_exception_reaches_what_its_rule_reaches() {
    let wide = json!({ "packages": ["a.b.*"], "system": true });
    assert!(!excepted(
        wide.clone(),
        Some(json!({ "packages": ["a.b.c.*"] })),
        &system(app("a.b.c.d"))
    ));
    let narrow = Some(json!({ "packages": ["a.b.c.*"], "system": false }));
    assert!(excepted(wide, narrow, &system(app("a.b.c.d"))));
}

#[test]
fn a_clone_with_a_foreign_signer_is_not_approved() {
    let approval =
        json!({ "id": "a", "effect": "allow", "match": { "packages": ["good.app"], "signers": [key(1)] } });
    let closed = [policy("l", json!([approval]), json!({ "stance": "closed" }))];
    let says = |package: &PackageFacts| Phone::at(march(1)).says(&closed, package);
    assert_eq!(says(&signed("good.app", &[1], &[])), "allow l/a");
    assert_eq!(
        says(&signed("good.app", &[9], &[])),
        "deny suspend l/not-approved"
    );
    assert_eq!(
        says(&signed("good.app", &[9], &[1])),
        "deny suspend l/not-approved"
    );
    assert_eq!(
        says(&signed("good.app", &[1, 9], &[])),
        "deny suspend l/not-approved"
    );
}

#[test]
fn a_vendor_is_matched_by_signer_where_the_name_is_unknown() {
    let rule = json!({ "vendors": ["maker"] });
    assert!(denied(rule.clone(), &signed("never.heard.of", &[0x77], &[])));
    assert!(denied(rule.clone(), &signed("never.heard.of", &[5], &[0x77])));
    assert!(!denied(rule, &signed("never.heard.of", &[5], &[])));
}
