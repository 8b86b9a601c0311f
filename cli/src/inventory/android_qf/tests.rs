use super::super::text;
use super::*;

const CERTIFICATE: &str = "34df0e7a9f1cf1892e45c056b4973cd81ccf148a4050d11aea4ac5a65f900a42";

/// A file as AndroidQF describes it, with all its fields.
fn file(verified: bool, sha256: &str) -> String {
    format!(
        r#"{{"path": "/data/app/x/base.apk", "local_name": "", "md5": "9", "sha1": "5", "sha256": "7", "sha512": "3",
        "error": "", "verified_certificate": {verified}, "certificate": {{"Md5": "d0", "Sha1": "9c", "Sha256": "{sha256}",
        "ValidFrom": "2011-06-22T12:25:12Z", "ValidTo": "2038-11-07T12:25:12Z", "Issuer": "C=KR", "Subject": "C=KR",
        "SignatureAlgorithm": "SHA1-RSA", "SerialNumber": 15134792569865480918}}, "certificate_error": "",
        "trusted_certificate": true}}"#
    )
}

fn package(name: &str, files: &[String], rest: &str) -> String {
    let files = files.join(",");
    format!(r#"{{"name": "{name}", "files": [{files}] {rest}}}"#)
}

fn device(packages: &[String]) -> Device {
    let json = format!("[{}]", packages.join(","));
    super::read("packages.json".into(), text::of(json.as_bytes())).unwrap()
}

fn one(files: &[String], rest: &str) -> (PackageFacts, usize) {
    let mut device = device(&[package("com.a", files, rest)]);
    (device.packages.remove(0), device.unreadable.count())
}

#[test]
fn the_facts_of_a_package_are_taken() {
    let rest = r#", "installer": "com.android.vending", "uid": 10123, "disabled": true, "system": true, "third_party": false"#;
    let (facts, unreadable) = one(&[file(true, CERTIFICATE), file(true, CERTIFICATE)], rest);
    let current = vec![Digest::parse(CERTIFICATE).unwrap()];
    let expected = PackageFacts {
        name: "com.a".into(),
        signers: Some(Signers {
            current,
            lineage: vec![],
        }),
        installer: Some("com.android.vending".into()),
        system: Some(true),
        uid: Some(10_123),
        enabled: Some(false),
        ..PackageFacts::default()
    };
    assert_eq!((facts, unreadable), (expected, 0));
}

#[test]
fn a_false_that_may_be_a_question_without_an_answer_is_unknown() {
    let (facts, _) = one(
        &[],
        r#", "installer": "null", "disabled": false, "system": false, "third_party": false"#,
    );
    assert_eq!((facts.system, facts.enabled, facts.installer), (None, None, None));
    let (facts, _) = one(&[], r#", "third_party": true"#);
    assert_eq!(facts.system, Some(false));
}

#[test]
fn a_certificate_that_was_not_verified_or_not_read_is_unknown() {
    for files in [
        vec![],
        vec![file(false, CERTIFICATE)],
        vec![file(true, "")],
        vec![file(true, CERTIFICATE), file(false, CERTIFICATE)],
    ] {
        assert_eq!(one(&files, "").0.signers, None);
    }
    assert_eq!(
        one(&[file(true, "12ab")], ""),
        (
            PackageFacts {
                name: "com.a".into(),
                ..PackageFacts::default()
            },
            1
        )
    );
    let other = CERTIFICATE.replace("34df", "34de");
    let (facts, unreadable) = one(&[file(true, CERTIFICATE), file(true, &other)], "");
    assert_eq!(
        (facts.signers, unreadable),
        (None, 1),
        "two certificates contradict each other"
    );
}

#[test]
fn an_entry_that_cannot_be_read_is_told_and_the_others_kept() {
    let entries = [
        package("com.a", &[], ""),
        package("no package", &[], ""),
        package("com.b", &[], r#", "system": "yes""#),
        r#"{"name": 7}"#.to_owned(),
        package("com.c", &[], r#", "system": true, "third_party": true"#),
    ];
    let device = device(&entries);
    let names: Vec<&str> = device.packages.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["com.a", "com.c"]);
    let numbers: Vec<usize> = device
        .unreadable
        .first()
        .iter()
        .map(|entry| entry.number)
        .collect();
    assert_eq!(numbers, [2, 3, 4, 5]);
}

#[test]
fn a_file_cut_off_is_refused_with_its_place() {
    let whole = format!("[{}]", package("com.a", &[file(true, CERTIFICATE)], ""));
    for end in 0..whole.len() {
        let cut = text::of(&whole.as_bytes()[..end]);
        let error = super::read("packages.json".into(), cut).unwrap_err().to_string();
        assert!(
            error.starts_with("packages.json: ") && error.contains("line"),
            "{error}"
        );
    }
}
