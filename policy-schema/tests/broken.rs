//! One broken policy per kind of error: what an author is told is compared to the letter.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use sluis_policy::policy::Policy;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/broken")
}

fn names(extension: &str) -> BTreeSet<String> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_broken_policy_is_refused_with_exactly_these_words() {
    assert_eq!(
        names("json"),
        names("txt"),
        "every fixture has its expected messages"
    );
    for name in names("json") {
        let file = format!("{name}.json");
        let bytes = fs::read(folder().join(&file)).unwrap();
        let expected = fs::read_to_string(folder().join(format!("{name}.txt"))).unwrap();
        match Policy::parse(&file, &bytes) {
            Ok(_) => panic!("{file} was accepted"),
            Err(errors) => assert_eq!(format!("{errors}\n"), expected, "{file}"),
        }
    }
}

#[test]
fn every_error_stands_in_the_document_that_it_names() {
    for name in names("json") {
        let bytes = fs::read(folder().join(format!("{name}.json"))).unwrap();
        let lines: Vec<String> = String::from_utf8_lossy(&bytes)
            .split('\n')
            .map(str::to_owned)
            .collect();
        for error in Policy::parse(&name, &bytes).unwrap_err().as_slice() {
            let line = &lines[error.at.line as usize - 1];
            assert!(error.at.column as usize <= line.chars().count() + 1, "{error}");
            assert_eq!(error.document, name);
        }
    }
}

/// Not run by itself: writes down what is said now. Read the difference before you believe it.
#[test]
#[ignore = "writes the expected messages; run it by name after a change of words"]
fn bless() {
    for name in names("json") {
        let file = format!("{name}.json");
        let errors = Policy::parse(&file, &fs::read(folder().join(&file)).unwrap()).unwrap_err();
        fs::write(folder().join(format!("{name}.txt")), format!("{errors}\n")).unwrap();
    }
}
