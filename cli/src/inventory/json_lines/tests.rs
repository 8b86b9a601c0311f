use super::super::text;
use super::*;

fn devices(text: &str) -> Vec<Device> {
    super::read("phones.jsonl".into(), text::of(text.as_bytes()))
        .map(|line| line.unwrap().read())
        .collect()
}

fn line(fields: &str) -> String {
    format!("{{\"format\": \"sluis.inventory/1\", \"device\": \"a phone\"{fields}}}\n")
}

#[test]
fn what_is_written_is_read_back_the_same() {
    let device = || Device {
        name: "a phone".into(),
        packages: vec![
            PackageFacts {
                name: "com.a".into(),
                system: Some(false),
                signers: Some(sluis_core::policy::facts::Signers::default()),
                ..PackageFacts::default()
            },
            PackageFacts {
                name: "com.b".into(),
                ..PackageFacts::default()
            },
        ],
        roles: [("dialer".to_owned(), vec!["com.b".to_owned()])].into(),
        by_name: vec![NamedApp {
            name: "TikTok".into(),
            version: None,
            candidates: vec!["com.c".into()],
        }],
        unreadable: Unreadables::default(),
    };
    let written = write(device()).unwrap();
    assert!(!written.contains("null") && !written.contains('\n'), "{written}");
    let read = devices(&written);
    assert_eq!(format!("{read:?}"), format!("{:?}", [device()]));
}

#[test]
fn a_line_that_cannot_be_read_is_a_phone_of_which_nothing_is_known() {
    let good = line(r#", "packages": [{"name": "com.a"}]"#);
    for bad in [
        "{\n".to_owned(),
        "[]\n".to_owned(),
        line(""),
        line(r#", "packages": [{"name": "com.a", "colour": "red"}]"#),
        line(r#", "packages": [{"name": "not a package"}]"#),
        line(r#", "packages": [{"name": "com.a"}, {"name": "com.b"}, {"name": "com.a"}]"#),
        line(r#", "packages": []"#).replace("inventory/1", "inventory/2"),
    ] {
        let devices = devices(&format!("{good}\n{bad}{good}"));
        assert_eq!(devices.len(), 3, "{bad}");
        assert_eq!(
            devices.iter().map(|d| d.packages.len()).collect::<Vec<_>>(),
            [1, 0, 1],
            "{bad}"
        );
        assert_eq!(
            (devices[1].name.as_str(), devices[1].unreadable.count()),
            ("phones.jsonl, line 3", 1),
            "{bad}"
        );
    }
}

#[test]
fn a_line_without_an_end_is_read_over_and_the_next_one_kept() {
    let endless = format!(
        "{{\"packages\": \"{}\"}}\n",
        "x".repeat(super::super::lines::LONGEST)
    );
    let devices = devices(&format!(
        "{endless}{}",
        line(r#", "packages": [{"name": "com.a"}]"#)
    ));
    assert_eq!((devices[0].unreadable.count(), devices[1].packages.len()), (1, 1));
}
