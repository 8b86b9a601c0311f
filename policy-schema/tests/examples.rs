//! The example policies: valid, and true to the catalogue.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;

use sluis_policy::catalogue::Catalogue;
use sluis_policy::policy::{Effect, Policy, Remedy, Rule, StanceKind};
use sluis_policy::values::PackagePattern;

const EXAMPLES: [&str; 6] = [
    "advise-by-country",
    "approved-apps-only",
    "central-government-list",
    "in-the-background",
    "municipality",
    "province-removes",
];

fn example(name: &str) -> Policy {
    let path = format!("{}/examples/{name}.json", env!("CARGO_MANIFEST_DIR"));
    Policy::parse(name, &std::fs::read(path).unwrap()).unwrap()
}

fn catalogue() -> Catalogue {
    Catalogue::parse("catalogue.json", include_bytes!("../catalogue/catalogue.json")).unwrap()
}

fn packages(rules: &[Rule]) -> BTreeSet<String> {
    rules
        .iter()
        .flat_map(|r| &r.matches.packages)
        .map(ToString::to_string)
        .collect()
}

#[test]
fn every_example_is_tested_here() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let found: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|file| file.strip_suffix(".json").map(str::to_owned))
        .collect();
    assert_eq!(found, EXAMPLES.map(str::to_owned).into());
}

#[test]
fn vendors_and_countries_of_the_examples_are_in_the_catalogue() {
    let catalogue = catalogue();
    for name in EXAMPLES {
        for rule in example(name).rules {
            for vendor in &rule.matches.vendors {
                assert!(catalogue.vendor(vendor).is_some(), "{name}: {vendor}");
            }
            for country in &rule.matches.controlled_from {
                let known = catalogue
                    .vendors
                    .iter()
                    .any(|v| v.country_of_control == Some(*country));
                assert!(known, "{name}: {country}");
            }
        }
    }
}

#[test]
fn written_out_and_read_again_an_example_is_the_same() {
    for name in EXAMPLES {
        let policy = example(name);
        let written = serde_json::to_vec(&policy).unwrap();
        assert_eq!(Policy::parse("written", &written).unwrap(), policy);
    }
}

#[test]
fn what_an_employee_meets_says_why_in_both_languages() {
    for name in EXAMPLES {
        let policy = example(name);
        let rules = policy
            .rules
            .iter()
            .filter(|r| r.effect != Effect::Allow)
            .map(|r| &r.reason);
        let stance = (policy.stance.kind == StanceKind::Closed).then_some(&policy.stance.reason);
        for reason in rules.chain(stance) {
            let reason = reason.as_ref().unwrap();
            assert!(reason.nl.is_some() && reason.en.is_some(), "{name}: {reason:?}");
        }
    }
}

#[test]
fn the_central_list_names_apps_that_the_catalogue_knows_and_destroys_nothing() {
    let policy = example("central-government-list");
    let catalogue = catalogue();
    let ids: Vec<&str> = policy.rules.iter().map(|r| r.id.as_str()).collect();
    let named = [
        "tiktok",
        "aliexpress",
        "wechat",
        "capcut",
        "faceapp",
        "vkontakte",
        "igap",
        "mobogram",
    ];
    assert_eq!(ids, named);
    let known: BTreeSet<&str> = catalogue
        .vendors
        .iter()
        .flat_map(|v| &v.packages)
        .map(|app| app.package.as_str())
        .collect();
    for rule in &policy.rules {
        assert_eq!(
            (rule.effect, rule.remedy),
            (Effect::Deny, Some(Remedy::Hide)),
            "{}",
            rule.id
        );
        assert!(rule.link.is_some());
    }
    for package in packages(&policy.rules) {
        assert!(known.contains(package.as_str()), "{package}");
    }
}

#[test]
fn the_central_list_holds_every_variant_whose_name_begins_with_that_of_a_listed_app() {
    let listed = packages(&example("central-government-list").rules);
    // Other apps that share the name: for shopkeepers, makers, music, pictures on the home screen.
    let others = [
        "Seller",
        "Shop",
        "Music",
        "Studio",
        "Now",
        "Notes",
        "Live Wallpaper",
        "Work",
    ];
    let names = [
        "TikTok",
        "AliExpress",
        "WeChat",
        "CapCut",
        "FaceApp",
        "VK (VKontakte)",
        "iGap",
        "Mobogram",
    ];
    for app in catalogue().vendors.iter().flat_map(|v| &v.packages) {
        let name = app.name.as_deref().unwrap_or_default();
        let variant = names.iter().any(|n| name.starts_with(n)) && !others.iter().any(|o| name.contains(o));
        assert!(
            !variant || listed.contains(&app.package),
            "{}: {name}",
            app.package
        );
    }
}

#[test]
fn only_the_province_destroys_data() {
    for name in EXAMPLES {
        let removes = example(name)
            .rules
            .iter()
            .any(|r| r.remedy == Some(Remedy::Remove));
        assert_eq!(removes, name == "province-removes", "{name}");
    }
}

#[test]
fn the_municipality_adds_a_vendor_that_the_central_list_leaves_alone() {
    let catalogue = catalogue();
    let central = packages(&example("central-government-list").rules);
    let municipality = example("municipality");
    for id in municipality.rules.iter().flat_map(|r| &r.matches.vendors) {
        let vendor = catalogue.vendor(id).unwrap();
        assert!(
            vendor.packages.iter().all(|app| !central.contains(&app.package)),
            "{id}"
        );
    }
}

#[test]
fn only_approved_apps_is_a_closed_stance_over_exact_names() {
    let policy = example("approved-apps-only");
    assert_eq!(policy.stance.kind, StanceKind::Closed);
    for rule in &policy.rules {
        assert_eq!(rule.effect, Effect::Allow);
        assert!(
            rule.matches
                .packages
                .iter()
                .all(|p| matches!(p, PackagePattern::Exact(_))),
            "{}",
            rule.id
        );
    }
}
