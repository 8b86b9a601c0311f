//! What the committed catalogue promises.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use sluis_policy::catalogue::{Catalogue, Category, Component, Contents, Control, Vendor};
use sluis_policy::values::{Digest, Id, PackagePattern};

const BYTES: &[u8] = include_bytes!("../catalogue/catalogue.json");

fn catalogue() -> Catalogue {
    Catalogue::parse("catalogue.json", BYTES).unwrap()
}

fn vendor<'c>(catalogue: &'c Catalogue, id: &str) -> &'c Vendor {
    catalogue.vendor(&Id::parse(id).unwrap()).unwrap()
}

fn claims(vendor: &Vendor, package: &str) -> bool {
    vendor.packages.iter().any(|app| app.package == package)
        || vendor
            .prefixes
            .iter()
            .any(|p| matches!(p, PackagePattern::Prefix(prefix) if package.starts_with(prefix)))
}

#[test]
fn every_vendor_and_package_of_the_source_is_there_once() {
    let catalogue = catalogue();
    assert_eq!(catalogue.vendors.len(), 82);
    let packages: Vec<&str> = catalogue
        .vendors
        .iter()
        .flat_map(|v| &v.packages)
        .map(|app| app.package.as_str())
        .collect();
    assert_eq!(packages.len(), 729);
    assert_eq!(packages.iter().collect::<BTreeSet<_>>().len(), 729);
}

#[test]
fn every_package_and_signer_says_where_it_was_read() {
    for vendor in &catalogue().vendors {
        for app in &vendor.packages {
            assert!(
                !app.evidence.source.is_empty() && !app.evidence.confidence.is_empty(),
                "{}",
                app.package
            );
        }
        for signer in &vendor.signers {
            assert!(
                !signer.sources.is_empty() && !signer.packages.is_empty(),
                "{:?}",
                signer.sha256
            );
        }
    }
}

#[test]
fn a_name_that_nobody_checked_keeps_its_confidence_and_is_never_a_placeholder() {
    let catalogue = catalogue();
    let apps = || catalogue.vendors.iter().flat_map(|v| &v.packages);
    assert!(apps().any(|app| app.name.is_none()));
    assert!(
        apps()
            .filter(|app| app.name.is_none())
            .all(|app| app.evidence.confidence.contains("name not checked"))
    );
    assert!(
        apps()
            .filter_map(|app| app.name.as_ref())
            .all(|name| !name.starts_with('('))
    );
}

#[test]
fn apps_of_others_are_claimed_by_no_vendor() {
    let catalogue = catalogue();
    for package in [
        "android",
        "com.android.settings",
        "com.android.systemui",
        "com.android.vending",
        "com.google.android.gms",
        "com.sec.android.app.launcher",
        "com.whatsapp",
        "org.thoughtcrime.securesms",
        "com.ss.squarehome2",
        "com.ss.launcher2",
        "com.tiktok.plugin",
        "com.tiktok.video.downloader",
        "com.cmcmarkets.android.cfd",
        "com.jd.jdsports",
        "ru.vkusvill",
        "ru.example.weather",
        "nl.ns.android.activity",
    ] {
        for vendor in &catalogue.vendors {
            assert!(!claims(vendor, package), "{} claims {package}", vendor.id);
        }
    }
}

#[test]
fn meitu_does_not_claim_what_is_meituans() {
    let catalogue = catalogue();
    assert!(!claims(
        vendor(&catalogue, "meitu"),
        "com.meituan.retail.v.android"
    ));
    assert!(claims(vendor(&catalogue, "meitu"), "com.meitu.meiyancamera"));
}

#[test]
fn the_miui_platform_key_is_kept_on_record_and_flagged() {
    let key = Digest::parse("c9009d01ebf9f5d0302bc71b2fe9aa9a47a432bba17308a3111b75d7b2149025").unwrap();
    let catalogue = catalogue();
    for (vendor, signer) in catalogue
        .vendors
        .iter()
        .flat_map(|v| v.signers.iter().map(move |s| (v, s)))
    {
        assert_eq!(signer.platform, signer.sha256 == key, "{}", signer.sha256);
        assert!(signer.sha256 != key || vendor.id.as_str() == "xiaomi");
    }
    assert!(vendor(&catalogue, "xiaomi").signers.iter().any(|s| s.platform));
}

#[test]
fn a_certificate_belongs_to_one_vendor_and_stands_there_once() {
    let catalogue = catalogue();
    let digests: Vec<Digest> = catalogue
        .vendors
        .iter()
        .flat_map(|v| &v.signers)
        .map(|s| s.sha256)
        .collect();
    assert_eq!(digests.len(), 44);
    assert_eq!(digests.iter().collect::<BTreeSet<_>>().len(), 44);
}

#[test]
fn a_digest_that_phones_cannot_compare_is_left_out_and_said_so() {
    let catalogue = catalogue();
    for id in ["alibaba", "xiaomi"] {
        let notes = vendor(&catalogue, id).notes.as_ref().unwrap();
        assert!(notes.contains("Left out: a sha512 digest"), "{notes}");
    }
}

#[test]
fn exactly_the_vendors_about_whom_sources_disagree_are_contested() {
    let catalogue = catalogue();
    let contested: Vec<&str> = catalogue
        .vendors
        .iter()
        .filter(|v| v.control_assessment == Control::Contested)
        .map(|v| v.id.as_str())
        .collect();
    let expected = [
        "cn_brokers",
        "domobile_applock",
        "faceapp",
        "igg_funplus_elex",
        "inshot",
        "joyy_bigo",
        "kunlun_opera",
        "lenovo_motorola",
        "moonton",
        "shein",
        "telegram",
        "tplink",
    ];
    assert_eq!(contested, expected);
    let nobody_can_say: Vec<&str> = catalogue
        .vendors
        .iter()
        .filter(|v| v.country_of_control.is_none())
        .map(|v| v.id.as_str())
        .collect();
    assert_eq!(nobody_can_say, ["telegram"]);
}

#[test]
fn malware_without_a_package_name_is_on_record_and_matches_nothing() {
    let catalogue = catalogue();
    let malware = vendor(&catalogue, "kp_malware");
    assert!(malware.packages.is_empty() && malware.prefixes.is_empty() && malware.signers.is_empty());
    assert!(malware.notes.as_ref().unwrap().contains("FastFire"));
}

#[test]
fn makers_of_phones_are_marked_since_their_names_are_also_those_of_a_system() {
    let catalogue = catalogue();
    let makers = catalogue
        .vendors
        .iter()
        .filter(|v| v.categories.contains(&Category::DeviceOem))
        .map(|v| v.id.as_str());
    let expected = [
        "honor",
        "huawei",
        "lenovo_motorola",
        "meizu",
        "oppo_oneplus_realme",
        "tcl_hisense",
        "transsion",
        "vivo",
        "xiaomi",
        "zte_nubia",
    ];
    assert_eq!(makers.collect::<Vec<_>>(), expected);
}

#[test]
fn every_component_is_made_by_a_known_vendor_or_says_who_else() {
    let catalogue = catalogue();
    assert_eq!(catalogue.components.len(), 158);
    for component in &catalogue.components {
        assert!(!component.made_by.is_empty() && !component.sources.is_empty());
        if let Some(id) = &component.vendor {
            let vendor = catalogue.vendor(id).unwrap();
            assert_eq!(
                vendor.country_of_control,
                Some(component.country_of_control),
                "{id}"
            );
        }
    }
}

#[test]
fn components_about_whose_maker_sources_disagree_are_contested() {
    let catalogue = catalogue();
    let contested = |c: &&Component| c.control_assessment == Control::Contested;
    let ids: Vec<&str> = catalogue
        .components
        .iter()
        .filter(contested)
        .map(|c| c.id.as_str())
        .collect();
    let expected = [
        "acrcloud",
        "admitad",
        "altamob",
        "cloudmobi",
        "fineboost",
        "mobpower",
        "pingstart",
        "pushwoosh",
    ];
    assert_eq!(ids, expected);
}

#[test]
fn no_component_claims_what_anybody_can_write_or_what_is_anothers() {
    let catalogue = catalogue();
    let whose = |class: &str| -> Vec<&str> {
        let has = catalogue.components.iter().filter(|c| c.has_class(class));
        has.map(|c| c.id.as_str()).collect()
    };
    for class in [
        "com.example.wxapi.WXEntryActivity",
        "com.mx.player.Main",
        "com.google.firebase.iid.FirebaseInstanceIdReceiver",
        "androidx.core.content.FileProvider",
        "com.bytedancer.sdk.Push",
        "com.huawei.MessageService",
    ] {
        assert_eq!(whose(class), Vec::<&str>::new(), "{class}");
    }
    assert_eq!(whose("com.tencent.bugly.beta.ui.BetaActivity"), ["bugly"]);
    assert!(whose("cn.jpush.android.service.PushService").contains(&"jiguang-push"));
}

#[test]
fn written_out_and_read_again_it_is_the_same() {
    let catalogue = catalogue();
    let written = serde_json::to_vec::<Contents>(&catalogue).unwrap();
    assert_eq!(Catalogue::parse("written", &written).unwrap(), catalogue);
}

#[test]
fn every_mistake_in_a_catalogue_is_named_with_its_place() {
    let text = r#"{"format": "sluis.catalogue/1", "vendors": [
{"id": "v", "name": "V", "control_assessment": "sure", "categories": ["shop"], "domains": ["TikTok.com"],
 "packages": [{"source": "s", "confidence": "c", "apps": {"not a package": "A", "com.a": ""}, "unnamed": ["9"]}],
 "prefixes": ["com.*", "com.a.b"], "signers": [{"sha256": "12"}]},
{"id": "w", "name": "W", "control_assessment": "clear"}, {"id": "w", "name": "W", "control_assessment": "clear"}],
"components": [{"id": "c", "name": "C", "made_by": "M", "country_of_control": "CN", "control_assessment": "clear",
 "classes": ["com"], "sources": []}]}"#;
    let errors = Catalogue::parse("c.json", text.as_bytes()).unwrap_err();
    let said: Vec<String> = errors
        .as_slice()
        .iter()
        .map(|e| format!("{} {}", e.at.line, e.pointer))
        .collect();
    let expected = [
        "2 /vendors/0/control_assessment",
        "2 /vendors/0/categories/0",
        "2 /vendors/0/domains/0",
        "3 /vendors/0/packages/0/apps/not a package",
        "3 /vendors/0/packages/0/apps/com.a",
        "3 /vendors/0/packages/0/unnamed/0",
        "4 /vendors/0/prefixes/0",
        "4 /vendors/0/prefixes/1",
        "4 /vendors/0/signers/0/sha256",
        "5 /vendors/2/id",
        "7 /components/0/classes/0",
        "7 /components/0/sources",
    ];
    assert_eq!(said, expected, "{errors}");
}
