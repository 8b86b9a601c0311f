//! What lists of vendors get wrong, tried with every example on every phone that the repository has.

use std::collections::BTreeSet;
use std::fmt::{Display, Formatter};
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use sluis_policy::catalogue::{Catalogue, Control, Vendor};

use crate::{Way, examples, repository, sluis};

/// Without these a phone is no phone, whoever made it.
const VITAL: [&str; 24] = [
    "android",
    "com.android.bluetooth",
    "com.android.cellbroadcastreceiver",
    "com.android.contacts",
    "com.android.dialer",
    "com.android.incallui",
    "com.android.mms",
    "com.android.nfc",
    "com.android.packageinstaller",
    "com.android.permissioncontroller",
    "com.android.phone",
    "com.android.providers.contacts",
    "com.android.providers.media",
    "com.android.providers.settings",
    "com.android.providers.telephony",
    "com.android.server.telecom",
    "com.android.settings",
    "com.android.shell",
    "com.android.systemui",
    "com.android.vending",
    "com.google.android.gms",
    "com.google.android.gsf",
    "com.google.android.webview",
    "com.samsung.android.dialer",
];

/// Came with a phone, and are named one by one in an example: exact names reach them, and are meant to.
const NAMED_ON_PURPOSE: [&str; 2] = ["com.baidu.input_vivo", "com.sohu.inputmethod.sogou.vivo"];

/// The rules that name a contested vendor, or an app of one, and mean it.
const CONTESTED_ON_PURPOSE: [(&str, &str); 5] = [
    ("agency-example", "faceapp"),
    ("central-government", "faceapp"),
    ("province", "faceapp"),
    ("inspectorate", "telegram"),
    ("port", "telegram"),
];

/// A row of `sluis simulate` that denies.
struct Denial {
    way: String,
    phone: String,
    at: &'static str,
    row: Value,
}

impl Denial {
    fn package(&self) -> &str {
        self.row["package"].as_str().unwrap()
    }

    /// Forbidden by a rule; otherwise a closed stance does not approve it.
    fn is_by_a_rule(&self) -> bool {
        self.row["decision"] == "forbidden"
    }
}

impl Display for Denial {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} on {} at {}: {}", self.way, self.phone, self.at, self.row)
    }
}

/// All that is denied, for each set of policies that a page tries, now and when every grace is over.
fn denials(inventories: &[PathBuf]) -> Vec<Denial> {
    let mut denials = Vec::new();
    for way in Way::all() {
        for set in way.policies() {
            for at in ["2026-12-01", "2029-01-01"] {
                let mut arguments = vec![
                    "simulate",
                    "--format",
                    "json",
                    "--since",
                    "2026-12-01",
                    "--at",
                    at,
                ];
                for policy in &set {
                    arguments.extend(["--policy", policy.to_str().unwrap()]);
                }
                arguments.push("--inventory");
                arguments.extend(inventories.iter().map(|path| path.to_str().unwrap()));
                let output = sluis(&way.folder, &arguments);
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                assert_eq!(output.status.code(), Some(0), "{}: {said}", way.name);
                let phones = serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Value>();
                for phone in phones.map(Result::unwrap) {
                    assert_eq!(phone["unreadable_lines"], 0);
                    let rows = phone["verdicts"].as_array().unwrap().iter();
                    let denied = rows.filter(|row| row["effect"] == "deny");
                    denials.extend(denied.map(|row| Denial {
                        way: way.name.clone(),
                        phone: phone["phone"].as_str().unwrap().to_owned(),
                        at,
                        row: row.clone(),
                    }));
                }
            }
        }
    }
    denials
}

fn real() -> Vec<PathBuf> {
    let folder = repository().join("tests/inventories");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

fn made_up() -> Vec<PathBuf> {
    let phones = examples().join("phones");
    fs::read_dir(phones)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect()
}

/// Phones as `sluis inventory` writes them, changed, in a file.
fn written(folder: &tempfile::TempDir, name: &str, phones: &[Value]) -> PathBuf {
    let path = folder.path().join(name);
    let lines: Vec<String> = phones.iter().map(ToString::to_string).collect();
    fs::write(&path, lines.join("\n")).unwrap();
    path
}

fn phone(name: &str, packages: &[Value]) -> Value {
    json!({ "format": "sluis.inventory/1", "device": name, "packages": packages })
}

/// The real phones with what a list of names leaves out and a phone knows: which apps came with it.
fn as_phones_know_themselves() -> Vec<Value> {
    let listed =
        fs::read_to_string(repository().join("policy-schema/catalogue/system-packages.txt")).unwrap();
    let system: BTreeSet<&str> = listed.lines().filter(|line| !line.starts_with('#')).collect();
    let mut arguments = vec!["inventory", "--json"];
    let real = real();
    arguments.extend(real.iter().map(|path| path.to_str().unwrap()));
    let output = sluis(&repository(), &arguments);
    let lines = String::from_utf8(output.stdout).unwrap();
    let mut phones: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for package in phones
        .iter_mut()
        .flat_map(|phone| phone["packages"].as_array_mut().unwrap())
    {
        let came_with_it = system.contains(package["name"].as_str().unwrap());
        if package.get("system").is_none() {
            package["system"] = came_with_it.into();
        }
    }
    phones
}

#[test]
fn no_rule_of_an_example_is_against_what_a_phone_is_made_of() {
    let mut vital_seen = BTreeSet::new();
    for path in real() {
        let output = sluis(&repository(), &["inventory", "--json", path.to_str().unwrap()]);
        let text = String::from_utf8(output.stdout).unwrap();
        vital_seen.extend(
            VITAL
                .into_iter()
                .filter(|name| text.contains(&format!("\"name\":\"{name}\""))),
        );
    }
    assert!(
        vital_seen.len() > VITAL.len() / 2,
        "the real phones have only {vital_seen:?}"
    );
    let inventories = [real(), made_up()].concat();
    for denial in denials(&inventories) {
        let spared = !denial.is_by_a_rule() || !VITAL.contains(&denial.package());
        assert!(spared, "{denial}");
    }
}

#[test]
fn what_came_with_a_real_phone_is_left_alone_unless_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let phones = as_phones_know_themselves();
    let came_with_it = |phone: &str, package: &str| {
        let of = phones.iter().find(|other| other["device"] == phone).unwrap();
        let packages = of["packages"].as_array().unwrap();
        packages
            .iter()
            .any(|other| other["name"] == package && other["system"] == true)
    };
    let inventory = written(&folder, "phones.jsonl", &phones);
    let mut named = BTreeSet::new();
    for denial in denials(&[inventory]) {
        if came_with_it(&denial.phone, denial.package()) {
            let is_named = NAMED_ON_PURPOSE.contains(&denial.package());
            assert!(is_named && denial.is_by_a_rule(), "{denial}");
            named.insert(denial.package().to_owned());
        }
    }
    assert_eq!(named, NAMED_ON_PURPOSE.map(str::to_owned).into());
}

#[test]
fn no_example_forbids_an_app_of_a_contested_vendor_unless_it_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = fs::read(repository().join("policy-schema/catalogue/catalogue.json")).unwrap();
    let catalogue = Catalogue::parse("catalogue.json", &bytes).unwrap();
    let contested: Vec<&Vendor> = catalogue
        .vendors
        .iter()
        .filter(|vendor| vendor.control_assessment != Control::Clear)
        .collect();
    assert!(contested.len() >= 12 && contested.iter().all(|vendor| !vendor.packages.is_empty()));
    let apps: Vec<Value> = contested
        .iter()
        .flat_map(|vendor| &vendor.packages)
        .map(|app| json!({ "name": app.package, "system": false }))
        .collect();
    let inventory = written(&folder, "contested.jsonl", &[phone("contested", &apps)]);
    let mut meant = BTreeSet::new();
    for denial in denials(&[inventory]) {
        if denial.is_by_a_rule() {
            let by = ["layer", "rule"].map(|field| denial.row[field].as_str().unwrap());
            let on_purpose = CONTESTED_ON_PURPOSE.iter().find(|meant| **meant == by.into());
            meant.insert(on_purpose.unwrap_or_else(|| panic!("{denial}")));
        }
    }
    assert_eq!(meant, CONTESTED_ON_PURPOSE.iter().collect());
}

#[test]
fn a_platform_key_a_makers_prefix_and_a_name_alike_mislead_no_example() {
    let folder = tempfile::tempdir().unwrap();
    let miui = "c9009d01ebf9f5d0302bc71b2fe9aa9a47a432bba17308a3111b75d7b2149025";
    let part = |name: &str, signer: &str| json!({ "name": name, "system": true, "signers": { "current": [signer] } });
    let other = "ab".repeat(32);
    let mut apps: Vec<Value> = [
        "com.android.settings",
        "com.miui.home",
        "com.miui.securitycenter",
        "com.xiaomi.finddevice",
    ]
    .map(|name| part(name, miui))
    .into();
    apps.extend(
        [
            "com.huawei.systemmanager",
            "com.vivo.upslide",
            "com.coloros.safecenter",
        ]
        .map(|name| part(name, &other)),
    );
    apps.extend(
        [
            "com.cmcmarkets.android.cfd",
            "com.jd.jdsports",
            "com.ss.squarehome2",
            "com.tiktok.plugin",
            "ru.vkusvill",
            "ru.example.weather",
        ]
        .map(|name| json!({ "name": name, "system": false, "signers": { "current": [other] } })),
    );
    let inventory = written(&folder, "traps.jsonl", &[phone("traps", &apps)]);
    for denial in denials(&[inventory]) {
        // A closed stance approves no stranger's app; it says nothing of those that came with the phone.
        let added = apps
            .iter()
            .any(|app| app["name"] == denial.package() && app["system"] == false);
        assert!(!denial.is_by_a_rule() && added, "{denial}");
    }
}
