//! `sluis export`: what it says, held against the published description of the interface that will read it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

const OPEN: &str = r#"{
  "format": "sluis.policy/1", "layer": "state", "organisation": { "name": { "en": "State" } }, "stance": "open",
  "rules": [
    { "id": "tiktok", "effect": "deny", "remedy": "remove", "match": { "packages": ["com.zhiliaoapp.musically", "com.own.bad"] } },
    { "id": "pdd", "effect": "deny", "remedy": "remove", "match": { "vendors": ["pdd"] } }
  ]
}"#;

const CLOSED: &str = r#"{
  "format": "sluis.policy/1", "layer": "city", "organisation": { "name": { "en": "City" } }, "stance": "closed",
  "rules": [
    { "id": "work", "effect": "allow", "match": { "packages": ["org.own.good"] } },
    { "id": "signed", "effect": "allow", "match": { "packages": ["org.own.signed"],
      "signers": ["1111111111111111111111111111111111111111111111111111111111111111"] } },
    { "id": "mistake", "effect": "allow", "match": { "packages": ["com.own.bad"] } }
  ]
}"#;

const FEEDS: &str = r#"{ "feeds": [ { "name": "state", "url": "https://feeds.example/state/",
  "root_sha256": "8370e732af976c2abf9d1285b2f9e507d352bbf3a22a976a0686760532eef714" } ] }"#;

fn folder(policies: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (number, policy) in policies.iter().enumerate() {
        fs::write(folder.path().join(format!("{number}.json")), policy).unwrap();
    }
    fs::write(folder.path().join("feeds.json"), FEEDS).unwrap();
    folder
}

fn export(policies: &[&str], arguments: &[&str]) -> Output {
    let folder = folder(policies);
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluis"));
    command.current_dir(folder.path()).arg("export").args(arguments);
    for number in 0..policies.len() {
        command.args(["--policy", &format!("{number}.json")]);
    }
    command.output().unwrap()
}

fn document(output: &Output) -> Value {
    assert!(output.status.success(), "{}", said(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn said(output: &[u8]) -> &str {
    std::str::from_utf8(output).unwrap()
}

fn amapi(policies: &[&str]) -> Value {
    document(&export(policies, &["amapi", "--configuration", "feeds.json"]))
}

/// How an app stands in a list of the policy; `None` where it is not named.
fn install_type<'v>(list: &'v Value, package: &str) -> Option<&'v str> {
    let mut apps = list.as_array().unwrap().iter();
    apps.find(|app| app["packageName"] == package)?["installType"].as_str()
}

#[test]
fn an_open_policy_blocks_what_it_denies_on_both_sides() {
    let policy = amapi(&[OPEN]);
    assert_eq!(policy["playStoreMode"], "BLACKLIST");
    let personal = &policy["personalUsagePolicies"];
    assert_eq!(personal["personalPlayStoreMode"], "BLOCKLIST");
    for list in [&policy["applications"], &personal["personalApplications"]] {
        // The last two by the catalogue.
        for package in [
            "com.zhiliaoapp.musically",
            "com.own.bad",
            "com.einnovation.temu",
            "com.xunmeng.pinduoduo",
        ] {
            assert_eq!(install_type(list, package), Some("BLOCKED"), "{package}");
        }
        assert_eq!(install_type(list, "com.tencent.mm"), None, "nobody denies it");
    }
}

#[test]
fn a_closed_policy_offers_what_every_layer_permits_and_nothing_else() {
    let policy = amapi(&[OPEN, CLOSED]);
    assert_eq!(policy["playStoreMode"], "WHITELIST");
    let personal = &policy["personalUsagePolicies"];
    assert_eq!(personal["personalPlayStoreMode"], "ALLOWLIST");
    let apps = &personal["personalApplications"];
    let offered = apps
        .as_array()
        .unwrap()
        .iter()
        .filter(|app| app["installType"] == "AVAILABLE");
    let offered: Vec<&str> = offered.map(|app| app["packageName"].as_str().unwrap()).collect();
    assert_eq!(offered, ["org.own.good", "org.own.signed"]);
    assert_eq!(
        install_type(apps, "com.own.bad"),
        Some("BLOCKED"),
        "a layer does not loosen another"
    );
}

#[test]
fn sluis_itself_is_installed_with_its_rights_and_feeds() {
    let policy = amapi(&[OPEN]);
    let applications = policy["applications"].as_array().unwrap();
    let sluis = applications
        .iter()
        .find(|app| app["packageName"] == "nl.sluis.agent")
        .unwrap();
    assert_eq!(sluis["installType"], "FORCE_INSTALLED");
    assert_eq!(
        sluis["delegatedScopes"],
        json!(["PACKAGE_ACCESS", "BLOCK_UNINSTALL", "MANAGED_CONFIGURATIONS"])
    );
    let configuration = sluis["managedConfiguration"]["nl.sluis.configuration"]
        .as_str()
        .unwrap();
    let given: Value = serde_json::from_str(configuration).unwrap();
    assert_eq!(given["feeds"][0]["name"], "state");
    let personal = &policy["personalUsagePolicies"]["personalApplications"];
    assert_eq!(install_type(personal, "nl.sluis.agent"), None);
}

#[test]
fn what_cannot_be_expressed_is_told_by_layer_and_rule_and_fails_if_asked() {
    let rules = [
        r#"{"id":"advice","effect":"advise","match":{"packages":["a.b"]}}"#,
        r#"{"id":"trial","effect":"deny","remedy":"remove","audit_only":true,"match":{"packages":["a.trial"]}}"#,
        r#"{"id":"later","effect":"deny","remedy":"remove","from":"2999-01-01T00:00:00Z","match":{"packages":["a.later"]}}"#,
        r#"{"id":"grace","effect":"deny","remedy":"remove","grace":"P14D","match":{"packages":["a.grace"]}}"#,
        r#"{"id":"some","effect":"deny","remedy":"remove","rollout":10,"match":{"packages":["a.some"]}}"#,
        r#"{"id":"hide","effect":"deny","remedy":"hide","match":{"packages":["a.hide"]}}"#,
        r#"{"id":"key","effect":"deny","remedy":"remove","match":{"signers":["1111111111111111111111111111111111111111111111111111111111111111"]}}"#,
        r#"{"id":"sms","effect":"deny","remedy":"remove","match":{"permissions":["android.permission.READ_SMS"]}}"#,
        r#"{"id":"like","effect":"deny","remedy":"remove","match":{"packages":["com.xunmeng.*"]}}"#,
        r#"{"id":"maker","effect":"deny","remedy":"remove","match":{"vendors":["jd"]}}"#,
    ];
    let policy = format!(
        r#"{{"format":"sluis.policy/1","layer":"state","organisation":{{"name":{{"en":"State"}}}},"stance":"open","rules":[{}]}}"#,
        rules.join(",")
    );
    let output = export(&[&policy], &["amapi", "--strict"]);
    let told = said(&output.stderr);
    for (rule, what) in [
        ("advice", "advises against"),
        ("trial", "only tried"),
        ("later", "begins at 2999-01-01T00:00:00Z"),
        ("grace", "grace"),
        ("some", "10 of a hundred"),
        ("hide", "its data go"),
        ("key", "certificate"),
        ("sms", "permission"),
        ("like", "com.xunmeng.*"),
        ("maker", "by vendor"),
    ] {
        let line = told
            .lines()
            .find(|line| line.starts_with(&format!("not expressed: state/{rule}: ")));
        assert!(line.is_some_and(|line| line.contains(what)), "{rule}: {told}");
    }
    assert!(told.contains("not expressed: which feeds Sluis obeys"), "{told}");
    assert_eq!(output.status.code(), Some(1));
    let policy: Value = serde_json::from_slice(&output.stdout).unwrap();
    let applications = &policy["applications"];
    for package in ["a.b", "a.trial", "a.later", "a.grace"] {
        assert_eq!(install_type(applications, package), None, "{package}");
    }
    for package in [
        "a.hide",
        "a.some",
        "com.xunmeng.pinduoduo",
        "com.jingdong.app.mall",
    ] {
        assert_eq!(install_type(applications, package), Some("BLOCKED"), "{package}");
    }
    let complete = export(
        &[OPEN
            .replace(
                r#", "match": { "vendors": ["pdd"] }"#,
                r#", "match": { "packages": ["x.y"] }"#,
            )
            .as_str()],
        &["amapi", "--configuration", "feeds.json", "--strict"],
    );
    assert_eq!(complete.status.code(), Some(0));
    assert!(
        !said(&complete.stderr).contains("not expressed"),
        "{}",
        said(&complete.stderr)
    );
}

/// Apps that come with phones: of makers of phones, of others for them, seen on a real phone.
const CAME: [&str; 6] = [
    "com.miui.home",
    "com.miui.securitycenter",
    "com.xiaomi.xmsf",
    "cn.nubia.systemupdate",
    "com.lbe.security.miui",
    "com.baidu.map.location",
];

fn rules(stance: &str, rules: &[&str]) -> String {
    format!(
        r#"{{"format":"sluis.policy/1","layer":"state","organisation":{{"name":{{"en":"State"}}}},"stance":"{stance}","rules":[{}]}}"#,
        rules.join(",")
    )
}

/// What both systems are told to block, and what is said of it.
fn blocked(policies: &[&str]) -> [(Vec<String>, String); 2] {
    let names = |list: &Value, name: &str, is_blocked: fn(&Value) -> bool| {
        let apps = list.as_array().unwrap().iter().filter(|app| is_blocked(app));
        apps.map(|app| app[name].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let is_blocked = |app: &Value| app["installType"] == "BLOCKED";
    let output = export(policies, &["amapi", "--configuration", "feeds.json"]);
    let policy = document(&output);
    let work = names(&policy["applications"], "packageName", is_blocked);
    let personal = &policy["personalUsagePolicies"]["personalApplications"];
    assert_eq!(names(personal, "packageName", is_blocked), work);
    let intune = export(policies, &["intune"]);
    let items = &document(&intune)["personalProfilePersonalApplications"];
    [
        (work, said(&output.stderr).to_owned()),
        (names(items, "appId", |_| true), said(&intune.stderr).to_owned()),
    ]
}

/// Whether that rule of `state` is told to leave out the app, once.
fn is_told(told: &str, rule: &str, package: &str, why: &str) -> bool {
    let start = format!("not expressed: state/{rule}: {package} is left out: ");
    let lines: Vec<&str> = told
        .lines()
        .filter_map(|line| line.strip_prefix(&start))
        .collect();
    matches!(lines.as_slice(), [line] if line.contains(why))
}

#[test]
fn no_country_vendor_or_beginning_of_a_name_takes_from_phones_what_they_came_with() {
    let by = [
        r#"{"controlled_from":["CN"]}"#,
        r#"{"vendors":["xiaomi","zte_nubia","lbe","baidu"]}"#,
        r#"{"packages":["com.miui.*","com.xiaomi.*","cn.nubia.*","com.lbe.*","com.baidu.*"]}"#,
    ];
    for matches in by {
        let rule = format!(r#"{{"id":"makers","effect":"deny","remedy":"remove","match":{matches}}}"#);
        for (blocked, told) in blocked(&[&rules("open", &[&rule])]) {
            for package in CAME {
                assert!(
                    !blocked.iter().any(|name| name == package),
                    "{matches}: {package}"
                );
                assert!(
                    is_told(&told, "makers", package, "come with the phone"),
                    "{package}: {told}"
                );
            }
            assert!(
                blocked.iter().any(|name| name == "com.baidu.searchbox"),
                "{matches}: what people install is blocked: {blocked:?}"
            );
        }
    }
}

#[test]
fn what_phones_came_with_is_blocked_by_its_own_name_and_by_a_rule_for_the_system() {
    let names: Vec<String> = CAME.iter().map(|name| format!("\"{name}\"")).collect();
    for matches in [
        format!(r#"{{"packages":[{}]}}"#, names.join(",")),
        r#"{"controlled_from":["CN"],"system":true}"#.to_owned(),
    ] {
        let rule = format!(r#"{{"id":"makers","effect":"deny","remedy":"remove","match":{matches}}}"#);
        for (blocked, told) in blocked(&[&rules("open", &[&rule])]) {
            for package in CAME {
                assert!(blocked.iter().any(|name| name == package), "{matches}: {package}");
            }
            assert!(!told.contains("is left out"), "{told}");
        }
    }
    // A phone still gives the named rule's grace to what it came with, and no country reaches it.
    let graced = [
        r#"{"id":"home","effect":"deny","remedy":"remove","grace":"P14D","match":{"packages":["com.miui.home"]}}"#,
        r#"{"id":"makers","effect":"deny","remedy":"remove","match":{"controlled_from":["CN"]}}"#,
    ];
    for (blocked, told) in blocked(&[&rules("open", &graced)]) {
        assert!(!blocked.iter().any(|name| name == "com.miui.home"));
        assert!(
            is_told(&told, "makers", "com.miui.home", "come with the phone"),
            "{told}"
        );
    }
    let never = format!(
        r#"{{"id":"makers","effect":"deny","remedy":"remove","match":{{"packages":[{}],"system":false}}}}"#,
        names.join(",")
    );
    for (blocked, told) in blocked(&[&rules("open", &[&never])]) {
        assert_eq!(blocked, Vec::<String>::new());
        assert!(is_told(&told, "makers", CAME[0], "come with the phone"), "{told}");
    }
}

#[test]
fn no_rule_takes_the_safety_floor_from_phones() {
    let floor = [
        ("com.android.settings", "the settings"),
        ("com.google.android.gms", "no phone does without it"),
        ("com.samsung.android.dialer", "the telephone"),
    ];
    for more in ["", r#","system":true"#] {
        let names: Vec<String> = floor.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let rule = format!(
            r#"{{"id":"all","effect":"deny","remedy":"remove","match":{{"packages":["com.own.bad",{}]{more}}}}}"#,
            names.join(",")
        );
        for (blocked, told) in blocked(&[&rules("open", &[&rule])]) {
            assert_eq!(blocked, ["com.own.bad"]);
            for (package, why) in floor {
                assert!(is_told(&told, "all", package, why), "{package}: {told}");
            }
        }
        let closed = amapi(&[&rules("closed", &[&rule])]);
        for (package, _) in floor {
            assert_eq!(install_type(&closed["applications"], package), None, "{package}");
        }
    }
}

#[test]
fn a_closed_stance_offers_no_app_because_phones_may_come_with_it() {
    let deny = r#"{"id":"makers","effect":"deny","remedy":"remove","match":{"controlled_from":["CN"]}}"#;
    for policy in [rules("closed", &[]), rules("closed", &[deny])] {
        let exported = amapi(&[&policy]);
        for package in CAME {
            assert_eq!(
                install_type(&exported["applications"], package),
                None,
                "{package}"
            );
        }
        let intune = document(&export(&[&policy], &["intune"]));
        assert_eq!(intune["personalProfilePersonalApplications"], json!([]));
    }
}

#[test]
fn nobody_takes_the_entry_of_sluis_for_one_that_works() {
    for arguments in [["amapi"].as_slice(), &["amapi", "--configuration", "feeds.json"]] {
        let output = export(&[OPEN], arguments);
        let told = said(&output.stderr);
        let note = told.lines().find(|line| line.starts_with("note: "));
        let note = note.unwrap_or_else(|| panic!("{told}"));
        for what in ["no effect yet", "no managed configuration", "device owner only"] {
            assert!(note.contains(what), "{what}: {note}");
        }
    }
    let intune = export(&[OPEN], &["intune"]);
    assert!(
        !said(&intune.stderr).contains("note: "),
        "it has no entry of Sluis"
    );
}

#[test]
fn a_configuration_without_feeds_is_refused() {
    let folder = folder(&[OPEN]);
    fs::write(folder.path().join("none.json"), r#"{ "feeds": [] }"#).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_sluis"))
        .current_dir(folder.path())
        .args([
            "export",
            "amapi",
            "--policy",
            "0.json",
            "--configuration",
            "none.json",
            "-o",
            "a.json",
        ])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = said(&output.stderr);
    assert!(
        told.contains("none.json: /feeds: between 1 and 16 feeds are needed"),
        "{told}"
    );
    assert!(!folder.path().join("a.json").exists(), "nothing is written");
}

#[test]
fn a_contested_vendor_is_not_blocked_by_its_country() {
    let rule = OPEN.replace(r#""vendors": ["pdd"]"#, r#""controlled_from": ["CN"]"#);
    let policy = amapi(&[&rule]);
    assert_eq!(
        install_type(&policy["applications"], "com.tencent.mm"),
        Some("BLOCKED")
    );
    assert_eq!(
        install_type(&policy["applications"], "com.zzkko"),
        None,
        "SHEIN is contested"
    );
}

#[test]
fn intune_gets_the_apps_of_the_personal_side_and_is_told_what_has_no_room() {
    let configuration = document(&export(&[OPEN], &["intune"]));
    assert_eq!(
        configuration["@odata.type"],
        "#microsoft.graph.androidDeviceOwnerGeneralDeviceConfiguration"
    );
    assert_eq!(configuration["personalProfilePlayStoreMode"], "blockedApps");
    let items = |configuration: &Value| {
        configuration["personalProfilePersonalApplications"]
            .as_array()
            .unwrap()
            .clone()
    };
    let temu = items(&configuration)
        .into_iter()
        .find(|item| item["appId"] == "com.einnovation.temu")
        .unwrap();
    assert_eq!(temu["name"], "Temu");
    assert_eq!(
        temu["appStoreUrl"],
        "https://play.google.com/store/apps/details?id=com.einnovation.temu"
    );
    let closed = document(&export(&[OPEN, CLOSED], &["intune"]));
    assert_eq!(closed["personalProfilePlayStoreMode"], "allowedApps");
    assert_eq!(items(&closed).len(), 2);

    let many: Vec<String> = (0..501).map(|n| format!("\"many.app{n:03}\"")).collect();
    let many = OPEN.replace(r#""com.own.bad""#, &many.join(","));
    let output = export(&[&many], &["intune"]);
    assert_eq!(items(&document(&output)).len(), 500);
    assert!(said(&output.stderr).contains("not expressed: many.app500: Intune takes no more than 500 apps"));
}

#[test]
fn files_that_cannot_be_used_exit_with_2_and_nothing_is_written() {
    let twice = export(&[OPEN, OPEN], &["amapi"]);
    assert!(
        said(&twice.stderr).contains("layer `state`"),
        "{}",
        said(&twice.stderr)
    );
    let broken = export(&["{}"], &["intune"]);
    let no_feeds = export(&[OPEN], &["amapi", "--configuration", "0.json"]);
    for output in [twice, broken, no_feeds] {
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    }
}

/// What is wrong with a value, held against a schema of a discovery document.
fn violations(schemas: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    if let Some(name) = schema["$ref"].as_str() {
        return violations(schemas, &schemas[name], value, at);
    }
    match (schema["type"].as_str(), value) {
        (Some("any"), _) | (Some("boolean"), Value::Bool(_)) => Vec::new(),
        (Some("integer"), Value::Number(number)) if number.is_i64() => Vec::new(),
        (Some("string"), Value::String(text)) => match schema["enum"].as_array() {
            Some(words) if !words.iter().any(|word| word == text) => {
                vec![format!("{at}: `{text}` is no value of it")]
            }
            _ => Vec::new(),
        },
        (Some("array"), Value::Array(elements)) => {
            let element = |(i, element)| violations(schemas, &schema["items"], element, &format!("{at}/{i}"));
            elements.iter().enumerate().flat_map(element).collect()
        }
        (Some("object"), Value::Object(fields)) => {
            let field = |(name, value): (&String, &Value)| {
                let at = format!("{at}/{name}");
                let known = [&schema["properties"][name], &schema["additionalProperties"]];
                match known.into_iter().find(|schema| !schema.is_null()) {
                    Some(schema) if schema["deprecated"] == true => vec![format!("{at}: deprecated")],
                    Some(schema) => violations(schemas, schema, value, &at),
                    None => vec![format!("{at}: no such field")],
                }
            };
            fields.iter().flat_map(field).collect()
        }
        (expected, found) => vec![format!("{at}: found {found}; expected {expected:?}")],
    }
}

#[test]
fn what_is_exported_is_a_policy_by_the_published_description_of_the_interface() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/discovery/androidmanagement.v1.json");
    let Ok(bytes) = fs::read(&path) else {
        assert!(
            std::env::var_os("CI").is_none(),
            "no {}: run scripts/discovery.sh",
            path.display()
        );
        eprintln!("left out: no {}; scripts/discovery.sh gets it", path.display());
        return;
    };
    let discovery: Value = serde_json::from_slice(&bytes).unwrap();
    let schemas = &discovery["schemas"];
    let check = |policy: &Value| violations(schemas, &schemas["Policy"], policy, "");
    for policies in [[OPEN].as_slice(), &[CLOSED], &[OPEN, CLOSED]] {
        assert_eq!(check(&amapi(policies)), Vec::<String>::new());
    }
    // Bad ones are found, so that the check above means something.
    let mut unknown_field = amapi(&[OPEN]);
    unknown_field["personalUsagePolicies"]["personalPlaystoreMode"] = json!("BLOCKLIST");
    assert_eq!(
        check(&unknown_field),
        ["/personalUsagePolicies/personalPlaystoreMode: no such field"]
    );
    let mut unknown_value = amapi(&[OPEN]);
    unknown_value["playStoreMode"] = json!("BLOCKLIST");
    assert_eq!(
        check(&unknown_value),
        ["/playStoreMode: `BLOCKLIST` is no value of it"]
    );
    let mut wrong_type = amapi(&[OPEN]);
    wrong_type["applications"][0]["packageName"] = json!(7);
    assert_eq!(check(&wrong_type).len(), 1);
}

#[test]
fn an_export_takes_the_place_of_an_older_one_of_its_kind_and_of_nothing_else() {
    let folder = folder(&[OPEN]);
    let export = |kind: &str, output: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluis"));
        command.current_dir(folder.path()).args(["export", kind]);
        command
            .args(["--policy", "0.json", "-o", output])
            .output()
            .unwrap()
            .status
            .code()
    };
    for kind in ["amapi", "intune"] {
        let output = format!("{kind}.json");
        assert_eq!((export(kind, &output), export(kind, &output)), (Some(0), Some(0)));
        assert_eq!(export(kind, "0.json"), Some(2));
    }
    assert_eq!(
        (export("amapi", "intune.json"), export("intune", "amapi.json")),
        (Some(2), Some(2))
    );
    assert_eq!(fs::read_to_string(folder.path().join("0.json")).unwrap(), OPEN);
}
