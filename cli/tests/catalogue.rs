//! `sluis catalogue update` as a curator runs it.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use sluis_policy::catalogue::Catalogue;
use tempfile::TempDir;

const LIST: &str = r#"[{
  "id": "jd", "name": "JD.com", "country_of_control": "CN", "category": "app_vendor",
  "control_assessment": "clear", "package_prefixes": ["com.jingdong.", "com.jd."],
  "packages": [{"package": "com.jingdong.app.mall", "app_name": "(name not found)", "source": "a list",
                "sources_seen": 1, "confidence": "prefix match, 1 source(s), name not checked"},
               {"package": "com.jingdong.app.tv", "app_name": "JD TV", "source": "a list",
                "sources_seen": 1, "confidence": "curated"}],
  "signer_sha256": [{"digest": "0fe4ff85c215918396dadc7cd8ce6963339af33d37751a56e54c7206b63a3c7c",
                     "package": "com.jingdong.app.mall", "source": "s", "verification": "v"}]
}]"#;

const SDKS: &str = r#"[{
  "name": "Kepler", "vendor": "JD", "country": "CN", "code_prefixes": ["com.kepler.jd."],
  "components": ["com.kepler.jd.Login"], "network": ["kepler.jd.com"], "source": "a list"
}]"#;

/// A folder with both lists, and what `sluis catalogue update` says in it.
fn folder(list: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("vendors.json"), list).unwrap();
    fs::write(folder.path().join("sdks.json"), SDKS).unwrap();
    folder
}

fn update(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluis"));
    command.current_dir(folder);
    command.args([
        "catalogue",
        "update",
        "vendors.json",
        "sdks.json",
        "--into",
        "catalogue.json",
    ]);
    command.args(arguments).output().unwrap()
}

fn said(output: &[u8]) -> &str {
    std::str::from_utf8(output).unwrap()
}

#[test]
fn the_committed_catalogue_is_what_the_committed_lists_give() {
    let catalogue = concat!(env!("CARGO_MANIFEST_DIR"), "/../policy-schema/catalogue");
    let output = Command::new(env!("CARGO_BIN_EXE_sluis"))
        .current_dir(catalogue)
        .args([
            "catalogue",
            "update",
            "sources/vendors.json",
            "sources/sdk_signatures.json",
        ])
        .args(["--into", "catalogue.json", "--check"])
        .output()
        .unwrap();
    assert_eq!(said(&output.stdout), "catalogue.json is what the lists give.\n");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_new_catalogue_is_written_and_made_again_the_same() {
    let folder = folder(LIST);
    let first = update(folder.path(), &[]);
    assert_eq!(
        said(&first.stdout),
        "+ vendor jd (JD.com; CN, clear): 2 packages, 1 prefix, 1 signer\n\
         + component kepler (Kepler of JD; CN, clear)\n\
         catalogue.json was written.\n"
    );
    let written = fs::read(folder.path().join("catalogue.json")).unwrap();
    let catalogue = Catalogue::parse("catalogue.json", &written).unwrap();
    assert_eq!(catalogue.vendors[0].packages[0].name.as_deref(), Some("JD TV"));
    assert_eq!(catalogue.vendors[0].packages[1].name, None);
    assert_eq!(
        catalogue.components[0].vendor.as_ref(),
        Some(&catalogue.vendors[0].id)
    );
    let again = update(folder.path(), &["--check"]);
    assert_eq!(said(&again.stdout), "catalogue.json is what the lists give.\n");
    assert_eq!(again.status.code(), Some(0));
}

#[test]
fn each_change_has_its_line_before_it_is_written() {
    let folder = folder(LIST);
    update(folder.path(), &[]);
    let path = folder.path().join("catalogue.json");
    let before = fs::read(&path).unwrap();
    let changed = LIST
        .replace("com.jingdong.app.tv", "com.jingdong.app.pad")
        .replace("0fe4ff85", "1fe4ff85")
        .replace(
            r#""control_assessment": "clear""#,
            r#""control_assessment": "contested""#,
        )
        .replace("com.jingdong.\"", "com.jingdong.app.\"");
    fs::write(folder.path().join("vendors.json"), changed).unwrap();
    fs::write(
        folder.path().join("sdks.json"),
        SDKS.replace("com.kepler.jd.Login", "com.kepler.jd.Start"),
    )
    .unwrap();
    let digest = "fe4ff85c215918396dadc7cd8ce6963339af33d37751a56e54c7206b63a3c7c";
    let lines = format!(
        "~ vendor jd\n  \
           ~ control_assessment: \"clear\" -> \"contested\"\n  \
           + package com.jingdong.app.pad (JD TV)\n  \
           - package com.jingdong.app.tv (JD TV)\n  \
           - prefix com.jingdong.*\n  \
           + prefix com.jingdong.app.*\n  \
           - signer 0{digest} (com.jingdong.app.mall)\n  \
           + signer 1{digest} (com.jingdong.app.mall)\n\
         ~ component kepler\n  \
           ~ manifest: [\"com.kepler.jd.Login\"] -> [\"com.kepler.jd.Start\"]\n"
    );
    for (arguments, last, code) in [
        (
            ["--dry-run"].as_slice(),
            "catalogue.json is not what the lists give.",
            0,
        ),
        (&["--check"], "catalogue.json is not what the lists give.", 1),
        (&[], "catalogue.json was written.", 0),
    ] {
        assert_eq!(fs::read(&path).unwrap(), before, "{arguments:?}");
        let output = update(folder.path(), arguments);
        assert_eq!(said(&output.stdout), format!("{lines}{last}\n"));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
    }
    assert_ne!(fs::read(&path).unwrap(), before);
}

#[test]
fn what_is_left_out_is_said_on_standard_error() {
    let output = update(folder(LIST).path(), &[]);
    assert_eq!(
        said(&output.stderr),
        "jd: left out the prefix `com.jd.`, since it matches com.jd.jdsports, which is the British retailer JD \
         Sports'\n"
    );
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_list_that_cannot_be_used_exits_with_2_and_leaves_the_catalogue_alone() {
    for list in [
        "",
        "[]]",
        "[{}]",
        &LIST.replace("\"CN\"", "\"China\""),
        &LIST.replace("\"category\"", "\"kind\""),
        &LIST.replace("app_vendor", "shop"),
        &format!("[{0}, {0}]", LIST.trim_matches(['[', ']'])),
        &LIST.replace("com.jingdong.app.tv", "com.jingdong.app.mall"),
    ] {
        let folder = folder(list);
        fs::write(
            folder.path().join("catalogue.json"),
            r#"{"format":"sluis.catalogue/1","vendors":[]}"#,
        )
        .unwrap();
        let before = fs::read(folder.path().join("catalogue.json")).unwrap();
        let output = update(folder.path(), &[]);
        assert_eq!(output.status.code(), Some(2), "{list}");
        assert!(
            said(&output.stderr).contains("vendors.json: "),
            "{}",
            said(&output.stderr)
        );
        assert_eq!(fs::read(folder.path().join("catalogue.json")).unwrap(), before);
    }
}

#[test]
fn a_catalogue_that_cannot_be_read_is_not_written_over() {
    let folder = folder(LIST);
    let path = folder.path().join("catalogue.json");
    fs::write(&path, "{\"format\": \"sluis.catalogue/1\"").unwrap();
    let output = update(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output.stderr).starts_with("sluis: catalogue.json:1:"),
        "{}",
        said(&output.stderr)
    );
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "{\"format\": \"sluis.catalogue/1\""
    );
}
