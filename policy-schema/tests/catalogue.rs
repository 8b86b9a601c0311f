//! What the committed catalogue promises.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use sluis_policy::catalogue::{Catalogue, Control, Vendor};
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
    for vendor in catalogue().vendors {
        for app in vendor.packages {
            assert!(
                !app.source.is_empty() && !app.confidence.is_empty(),
                "{}",
                app.package
            );
        }
        for signer in vendor.signers {
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
            .all(|app| app.confidence.contains("name not checked"))
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
fn written_out_and_read_again_it_is_the_same() {
    let catalogue = catalogue();
    let written = serde_json::to_vec(&catalogue).unwrap();
    assert_eq!(Catalogue::parse("written", &written).unwrap(), catalogue);
}
