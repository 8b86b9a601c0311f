//! `sluis catalogue build` as a curator runs it.
#![allow(clippy::unwrap_used)]

use std::process::{Command, Output};

use sluis_policy::catalogue::Catalogue;

const LIST: &str = r#"[{
  "id": "jd", "name": "JD.com", "country_of_control": "CN", "category": "app_vendor",
  "control_assessment": "clear", "package_prefixes": ["com.jingdong.", "com.jd."],
  "packages": [{"package": "com.jingdong.app.mall", "app_name": "(name not found)", "source": "a list",
                "sources_seen": 1, "confidence": "prefix match, 1 source(s), name not checked"}]
}]"#;

fn build(list: &str, output: Option<&str>) -> (Output, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("vendors.json"), list).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluis"));
    command
        .current_dir(folder.path())
        .args(["catalogue", "build", "vendors.json"]);
    command.args(output.iter().flat_map(|path| ["-o", *path]));
    (command.output().unwrap(), folder)
}

#[test]
fn the_same_list_gives_the_same_catalogue_on_either_output() {
    let (printed, _folder) = build(LIST, None);
    let (_, folder) = build(LIST, Some("catalogue.json"));
    assert_eq!(
        printed.stdout,
        std::fs::read(folder.path().join("catalogue.json")).unwrap()
    );
    let catalogue = Catalogue::parse("printed", &printed.stdout).unwrap();
    assert_eq!(catalogue.vendors[0].packages[0].name, None);
}

#[test]
fn what_is_left_out_is_said_on_standard_error() {
    let (output, _folder) = build(LIST, None);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        said,
        "jd: left out the prefix `com.jd.`, since it matches com.jd.jdsports, which is the British retailer JD \
         Sports'\n"
    );
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_list_that_cannot_be_used_exits_with_2_and_writes_nothing() {
    for list in [
        "",
        "[]]",
        &LIST.replace("\"CN\"", "\"China\""),
        &LIST.replace("\"category\"", "\"kind\""),
    ] {
        let (output, folder) = build(list, Some("catalogue.json"));
        assert_eq!(output.status.code(), Some(2), "{list}");
        assert!(
            String::from_utf8(output.stderr)
                .unwrap()
                .starts_with("sluis: vendors.json: ")
        );
        assert!(!folder.path().join("catalogue.json").exists());
    }
}
