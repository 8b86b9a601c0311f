//! Bundles as files: what is read is what was written, and nothing else is read.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sluis_core::feed::Answer;
use sluis_core::feed::bundle::{self, Bundle, BundleError, MAX_BYTES, MAX_FILES};

use crate::repository::{Repository, sha256};

type Files = BTreeMap<String, Vec<u8>>;

fn files<const N: usize>(files: [(&str, &[u8]); N]) -> Files {
    let root = ("1.root.json".to_owned(), b"{}".to_vec());
    files
        .iter()
        .map(|(name, content)| ((*name).to_owned(), content.to_vec()))
        .chain([root])
        .collect()
}

fn read(bytes: &[u8]) -> Result<Files, BundleError> {
    let bundle = Bundle::read(bytes)?;
    Ok(bundle
        .files()
        .map(|(name, content)| (name.to_owned(), content.to_vec()))
        .collect())
}

/// Where the header of the file of that name begins.
fn header_of(bytes: &[u8], name: &str) -> usize {
    let blocks = bytes.len() / 512;
    (0..blocks)
        .map(|block| block * 512)
        .find(|at| bytes[*at..].starts_with(name.as_bytes()))
        .unwrap()
}

/// Makes a header's checksum right again after a change.
fn with_checksum(mut bytes: Vec<u8>, header: usize) -> Vec<u8> {
    bytes[header + 148..header + 156].fill(b' ');
    let sum: u32 = bytes[header..header + 512]
        .iter()
        .map(|byte| u32::from(*byte))
        .sum();
    bytes[header + 148..header + 156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    bytes
}

#[test]
fn a_repository_comes_back_as_it_was() {
    let repository = Repository::at_version_5();
    let bytes = bundle::write(&repository.files).unwrap();
    assert_eq!(read(&bytes).unwrap(), repository.files);
    let bundle = Bundle::read(&bytes).unwrap();
    assert_eq!(bundle.root_sha256(), repository.pin());
    assert_eq!(
        bytes,
        bundle::write(&repository.files).unwrap(),
        "the same files, the same bytes"
    );
}

#[test]
fn long_names_and_names_in_any_script_come_back() {
    let long = format!("targets/{}.{}", sha256(b"x"), "é".repeat(60));
    let exactly_100 = "a".repeat(100);
    // The hundredth byte falls into the middle of a letter.
    let cut = format!("{}é", "a".repeat(99));
    let names = [
        "targets/beleid één.json",
        "タ/ーゲット.json",
        &long,
        &exactly_100,
        &cut,
        &"b".repeat(512),
    ];
    let wanted = files(names.map(|name| (name, name.as_bytes())));
    assert_eq!(read(&bundle::write(&wanted).unwrap()).unwrap(), wanted);
}

#[test]
fn a_bundle_answers_as_a_server_with_its_files_would() {
    let bytes = bundle::write(&files([("timestamp.json", b"12345")])).unwrap();
    let bundle = Bundle::read(&bytes).unwrap();
    assert_eq!(bundle.answer("timestamp.json", 5), Answer::Body(b"12345"));
    assert_eq!(bundle.answer("timestamp.json", 4), Answer::TooLong);
    assert_eq!(bundle.answer("2.root.json", 5), Answer::Missing);
}

#[test]
fn a_bundle_that_is_cut_off_anywhere_is_refused() {
    let bytes = bundle::write(&files([("a", b"1"), (&"l".repeat(101), b"2")])).unwrap();
    assert_eq!(read(&[]), Err(BundleError::Empty));
    for length in 1..bytes.len() {
        assert_eq!(
            read(&bytes[..length]),
            Err(BundleError::Truncated(length)),
            "{length}"
        );
    }
}

#[test]
fn what_is_no_bundle_is_called_so() {
    let html = format!("<!DOCTYPE html><title>Sign in</title>{}", " ".repeat(1_000));
    let noise: Vec<u8> = (0..2_048_u32).map(|i| (i * 7 + i / 256) as u8).collect();
    for garbage in [
        html.as_bytes(),
        b"PK\x03\x04".repeat(200).as_slice(),
        &noise,
        &[0xff; 1_024],
    ] {
        let error = read(garbage).unwrap_err();
        assert!(matches!(error, BundleError::Malformed { at: 0, .. }), "{error}");
    }
    assert_eq!(read(&[0; 1_024]), Err(BundleError::NoRoot));
}

#[test]
fn what_follows_the_end_is_refused() {
    let whole = bundle::write(&files([])).unwrap();
    for trailing in [[0; 512], [7; 512]] {
        let bytes = [whole.as_slice(), &trailing].concat();
        assert_eq!(read(&bytes), Err(BundleError::Trailing(whole.len())));
    }
    // A second archive after the first, which some programs would read on into.
    let twice = [whole.as_slice(), &whole].concat();
    assert_eq!(read(&twice), Err(BundleError::Trailing(whole.len())));
}

#[test]
fn links_folders_and_devices_are_refused() {
    let bytes = bundle::write(&files([("evil", b"")])).unwrap();
    let at = header_of(&bytes, "evil");
    for kind in b'1'..=b'6' {
        let mut bytes = bytes.clone();
        bytes[at + 156] = kind;
        let refused = BundleError::Malformed {
            at,
            why: "a link, a folder or a device",
        };
        assert_eq!(read(&with_checksum(bytes, at)), Err(refused));
    }
    for kind in [b'7', b'g', b'L', b'K', b'S', 0] {
        let mut bytes = bytes.clone();
        bytes[at + 156] = kind;
        let refused = BundleError::Malformed { at, why: "no file" };
        assert_eq!(read(&with_checksum(bytes, at)), Err(refused));
    }
}

#[test]
fn names_that_leave_the_folder_are_neither_written_nor_read() {
    let wrong = [
        "", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/./b", "a\\b", "a\r\nb", "a\0b",
        "a\u{7f}",
    ];
    for name in wrong {
        let refused = bundle::write(&files([(name, b"x")]));
        assert!(
            matches!(refused, Err(BundleError::Name(_))),
            "{name:?}: {refused:?}"
        );
    }
    let long = "n".repeat(513);
    assert!(matches!(
        bundle::write(&files([(long.as_str(), b"x")])),
        Err(BundleError::Name(_))
    ));
    let bytes = bundle::write(&files([("aa/bb", b"x")])).unwrap();
    let at = header_of(&bytes, "aa/bb");
    for name in ["../bb", "/a/bb", "aa//b", "aa\\bb", "aa/..", "a\r\nbb"] {
        let mut bytes = bytes.clone();
        bytes[at..at + 5].copy_from_slice(&name.as_bytes()[..5]);
        let refused = read(&with_checksum(bytes, at));
        assert!(
            matches!(refused, Err(BundleError::Name(_))),
            "{name:?}: {refused:?}"
        );
    }
}

#[test]
fn the_same_name_twice_is_refused() {
    let bytes = bundle::write(&files([("a", b"first"), ("b", b"second")])).unwrap();
    let at = header_of(&bytes, "b");
    let mut twice = bytes.clone();
    twice[at] = b'a';
    assert_eq!(
        read(&with_checksum(twice, at)),
        Err(BundleError::Order("a".into()))
    );
    let mut before = bytes;
    before[at] = b'1';
    assert_eq!(
        read(&with_checksum(before, at)),
        Err(BundleError::Order("1".into()))
    );
}

#[test]
fn a_header_in_another_form_is_refused_though_tar_would_read_it() {
    let bytes = bundle::write(&files([("a", b"1")])).unwrap();
    let at = header_of(&bytes, "a");
    // Mode, owner, time, owner's name, prefix, and the form of the length.
    for (offset, text) in [
        (106, "7"),
        (114, "1"),
        (146, "1"),
        (265, "root"),
        (345, "folder"),
        (124, "         01"),
    ] {
        let mut bytes = bytes.clone();
        bytes[at + offset..at + offset + text.len()].copy_from_slice(text.as_bytes());
        let refused = read(&with_checksum(bytes, at));
        assert!(
            matches!(refused, Err(BundleError::Malformed { at: found, .. }) if found == at),
            "{offset}: {refused:?}"
        );
    }
}

#[test]
fn more_than_a_phone_takes_is_neither_written_nor_read() {
    let huge = vec![7; MAX_BYTES];
    assert_eq!(
        bundle::write(&files([("huge", &huge)])),
        Err(BundleError::TooLarge)
    );
    assert_eq!(
        read(&[huge.as_slice(), b"7"].concat()),
        Err(BundleError::TooLarge)
    );
    let largest = vec![7; MAX_BYTES - 5 * 512];
    let bytes = bundle::write(&files([("huge", &largest)])).unwrap();
    assert_eq!((bytes.len(), read(&bytes).unwrap().len()), (MAX_BYTES, 2));
    let many: Files = (0..=MAX_FILES)
        .map(|i| (format!("{i}.root.json"), vec![]))
        .collect();
    assert_eq!(bundle::write(&many), Err(BundleError::TooManyFiles));
    // The same with a length that is announced only.
    let mut bytes = bundle::write(&files([("a", b"1")])).unwrap();
    let at = header_of(&bytes, "a");
    bytes[at + 124..at + 135].copy_from_slice(b"77777777777");
    let length = bytes.len();
    assert_eq!(
        read(&with_checksum(bytes, at)),
        Err(BundleError::Truncated(length))
    );
}

#[test]
fn more_files_than_a_phone_takes_are_not_read() {
    let many: Files = (1..=MAX_FILES)
        .map(|i| (format!("{i}.root.json"), vec![]))
        .collect();
    let bytes = bundle::write(&many).unwrap();
    assert_eq!(read(&bytes).unwrap().len(), MAX_FILES);
    let one = bundle::write(&files([("z", b"")])).unwrap();
    let header = &one[header_of(&one, "z")..][..512];
    let (files, end) = bytes.split_at(bytes.len() - 1_024);
    assert_eq!(
        read(&[files, header, end].concat()),
        Err(BundleError::TooManyFiles)
    );
}

fn some_files() -> impl Strategy<Value = Files> {
    let name = prop_oneof!["[a-zé]{1,3}(/[a-z]{1,3}){0,2}", "[é]{45,60}", "[a-z]{98,120}"];
    let content = prop::collection::vec(any::<u8>(), 0..700);
    prop::collection::btree_map(name, content, 0..6).prop_map(|mut files| {
        files.insert("1.root.json".into(), b"{}".to_vec());
        files
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn whatever_is_read_is_what_would_be_written(wanted in some_files(), at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let mut bytes = bundle::write(&wanted).unwrap();
        prop_assert_eq!(&read(&bytes).unwrap(), &wanted);
        let at = at.index(bytes.len());
        bytes[at] = to;
        if let Ok(found) = read(&bytes) {
            prop_assert_eq!(bundle::write(&found).unwrap(), bytes);
        }
    }
}
