//! One broken document per kind of error: what an author is told is compared to the letter.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use sluis_policy::decode::DocumentErrors;
use sluis_policy::grant::SignedGrant;
use sluis_policy::policy::Policy;

/// A kind of document, and what reading one says.
struct Kind {
    folder: &'static str,
    read: fn(&str, &[u8]) -> Result<(), DocumentErrors>,
}

const KINDS: [Kind; 2] = [
    Kind {
        folder: "broken",
        read: |name, bytes| Policy::parse(name, bytes).map(drop),
    },
    Kind {
        folder: "broken-grants",
        read: |name, bytes| SignedGrant::parse(name, bytes).map(drop),
    },
];

impl Kind {
    fn path(&self, file: &str) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("tests")
            .join(self.folder)
            .join(file)
    }

    fn names(&self, extension: &str) -> BTreeSet<String> {
        let files = fs::read_dir(self.path("")).unwrap();
        let files = files.map(|entry| entry.unwrap().path());
        files
            .filter(|path| path.extension().is_some_and(|e| e == extension))
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .collect()
    }

    /// The broken document of that name, and what is wrong with it.
    fn broken(&self, name: &str) -> (Vec<u8>, DocumentErrors) {
        let file = format!("{name}.json");
        let bytes = fs::read(self.path(&file)).unwrap();
        match (self.read)(&file, &bytes) {
            Ok(()) => panic!("{file} was accepted"),
            Err(errors) => (bytes, errors),
        }
    }
}

#[test]
fn every_broken_document_is_refused_with_exactly_these_words() {
    for kind in KINDS {
        let names = kind.names("json");
        assert_eq!(
            names,
            kind.names("txt"),
            "every fixture has its expected messages"
        );
        assert!(!names.is_empty(), "{}", kind.folder);
        for name in names {
            let expected = fs::read_to_string(kind.path(&format!("{name}.txt"))).unwrap();
            let (_, errors) = kind.broken(&name);
            assert_eq!(format!("{errors}\n"), expected, "{name}");
        }
    }
}

#[test]
fn every_error_stands_in_the_document_that_it_names() {
    for kind in KINDS {
        for name in kind.names("json") {
            let (bytes, errors) = kind.broken(&name);
            let lines: Vec<String> = String::from_utf8_lossy(&bytes)
                .split('\n')
                .map(str::to_owned)
                .collect();
            for error in errors.as_slice() {
                let line = &lines[error.at.line as usize - 1];
                assert!(error.at.column as usize <= line.chars().count() + 1, "{error}");
                assert_eq!(error.document, format!("{name}.json"));
            }
        }
    }
}

/// Not run by itself: writes down what is said now. Read the difference before you believe it.
#[test]
#[ignore = "writes the expected messages; run it by name after a change of words"]
fn bless() {
    for kind in KINDS {
        for name in kind.names("json") {
            let (_, errors) = kind.broken(&name);
            fs::write(kind.path(&format!("{name}.txt")), format!("{errors}\n")).unwrap();
        }
    }
}
