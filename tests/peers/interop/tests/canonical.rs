//! The canonical form that signatures are made over is the one of securesystemslib, which python-tuf signs with.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use peers_interop::hex;
use peers_interop::programs::{Programs, run};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const DOCUMENTS: u32 = 5_000;
/// As deep as a feed's metadata may be.
const MAX_DEPTH: usize = 16;

/// A process that makes canonical JSON, a document a line.
struct Maker {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Maker {
    fn ours() -> Self {
        Self::start(Programs::from_environment().canonical())
    }

    fn theirs() -> Self {
        let mut command = Programs::from_environment().python("canonical.py");
        command.arg("read");
        Self::start(command)
    }

    fn start(mut command: Command) -> Self {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let questions = process.stdin.take().expect("a pipe was asked for");
        let answers = BufReader::new(process.stdout.take().expect("a pipe was asked for"));
        Self {
            process,
            questions,
            answers,
        }
    }

    /// `None` where it refuses the document.
    fn canonical(&mut self, document: &[u8]) -> Option<Vec<u8>> {
        writeln!(self.questions, "{}", hex::encode(document)).expect("the program reads on");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the program answers");
        let answer = answer.trim_end();
        assert!(
            !answer.is_empty(),
            "no answer to {}",
            String::from_utf8_lossy(document)
        );
        if answer.starts_with("refused") {
            None
        } else {
            Some(hex::decode(answer).expect("hexadecimal"))
        }
    }
}

impl Drop for Maker {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// A document as text, with the freedoms that JSON gives: space, order and escapes.
fn document() -> impl Strategy<Value = String> {
    let space = prop::sample::select(vec!["", "", " ", "\n", "\t\r\n "]);
    let integer = prop_oneof![
        any::<i64>().prop_map(|n| n.to_string()),
        (-5i64..5).prop_map(|n| n.to_string()),
        prop::sample::select(vec![
            "9007199254740993",
            "9223372036854775807",
            "-9223372036854775808"
        ])
        .prop_map(str::to_owned),
    ];
    let leaf = prop_oneof![
        prop::sample::select(vec!["null", "true", "false"]).prop_map(str::to_owned),
        integer,
        string().prop_map(|string| string.spelling),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        let member = (string(), space.clone(), inner.clone(), space.clone()).prop_map(
            |(key, before, value, after)| (key.meaning, format!("{}{before}:{after}{value}", key.spelling)),
        );
        prop_oneof![
            (prop::collection::vec(inner, 0..6), space.clone())
                .prop_map(|(items, space)| format!("[{space}{}{space}]", items.join(&format!("{space},")))),
            (prop::collection::vec(member, 0..6), space.clone()).prop_map(|(members, space)| {
                let members: Vec<String> = members
                    .into_iter()
                    .collect::<BTreeMap<_, _>>()
                    .into_values()
                    .collect();
                format!("{{{space}{}{space}}}", members.join(&format!(",{space}")))
            }),
        ]
    })
}

/// A string: two spellings of one key are one key.
#[derive(Debug)]
struct Text {
    meaning: String,
    spelling: String,
}

/// A string, each character plain or escaped in one of the ways that there are.
fn string() -> impl Strategy<Value = Text> {
    let character = prop_oneof![
        any::<char>(),
        prop::char::range(' ', '~'),
        prop::char::range('\0', '\u{a0}'),
        prop::sample::select(vec![
            '"',
            '\\',
            '/',
            '\u{7f}',
            '\u{2028}',
            '\u{ffff}',
            '\u{10000}',
            '\u{e000}'
        ]),
    ];
    prop::collection::vec((character, any::<bool>()), 0..8).prop_map(|characters| {
        let body: String = characters
            .iter()
            .map(|(character, escape)| spelt(*character, *escape))
            .collect();
        let meaning = characters.into_iter().map(|(character, _)| character).collect();
        Text {
            meaning,
            spelling: format!("\"{body}\""),
        }
    })
}

fn spelt(character: char, escape: bool) -> String {
    match character {
        '"' | '\\' if !escape => format!("\\{character}"),
        '\n' if !escape => "\\n".into(),
        '\u{8}' if !escape => "\\b".into(),
        '/' if escape => "\\/".into(),
        c if escape || c < ' ' => {
            let mut units = [0; 2];
            c.encode_utf16(&mut units)
                .iter()
                .map(|unit| format!("\\u{unit:04x}"))
                .collect()
        }
        c => c.into(),
    }
}

#[test]
fn documents_that_we_generate_have_the_same_canonical_form_there() {
    let makers = RefCell::new((Maker::ours(), Maker::theirs()));
    let config = Config {
        cases: DOCUMENTS,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&document(), |text| {
            let (ours, theirs) = &mut *makers.borrow_mut();
            let expected = theirs.canonical(text.as_bytes());
            prop_assert!(expected.is_some(), "refused there: {text}");
            prop_assert_eq!(ours.canonical(text.as_bytes()), expected, "{}", text);
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn documents_that_python_generates_have_the_same_canonical_form_here() {
    let mut ours = Maker::ours();
    let mut command = Programs::from_environment().python("canonical.py");
    let written = run(command.args(["write", &DOCUMENTS.to_string(), "20261125"])).expect("Python writes");
    let mut compared = 0;
    for line in written.lines() {
        let (text, expected) = line.split_once(' ').expect("two to a line");
        let text = hex::decode(text).expect("hexadecimal");
        assert_eq!(
            ours.canonical(&text),
            hex::decode(expected),
            "{}",
            String::from_utf8_lossy(&text)
        );
        compared += 1;
    }
    assert_eq!(compared, DOCUMENTS);
}

#[test]
fn what_python_refuses_is_refused_here() {
    let (mut ours, mut theirs) = (Maker::ours(), Maker::theirs());
    let texts = [
        "1.0",
        "-0.0",
        "1e2",
        "NaN",
        "Infinity",
        "[1.5]",
        "{\"a\":-1e-1}",
        "",
        "{",
        "[1,]",
        "{\"a\":1,}",
        "01",
        "+1",
        "'a'",
        "\"\n\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\u{feff}1",
        "1 2",
        "\"\\ud800\"",
        "{\"\\udc00\":1}",
        "nul",
        "True",
    ];
    for document in texts
        .map(str::as_bytes)
        .into_iter()
        .chain([b"\"\xff\"".as_slice()])
    {
        let shown = String::from_utf8_lossy(document);
        assert_eq!(theirs.canonical(document), None, "accepted there: {shown}");
        assert_eq!(ours.canonical(document), None, "accepted here: {shown}");
    }
}

/// What may be read in two ways, or is beyond what a phone should hold, is refused here only, so a document is never
/// taken for another one.
#[test]
fn what_only_we_refuse_is_known() {
    let (mut ours, mut theirs) = (Maker::ours(), Maker::theirs());
    let deep = |levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let (deepest, too_deep) = (deep(MAX_DEPTH), deep(MAX_DEPTH + 1));
    assert_eq!(
        ours.canonical(deepest.as_bytes()).as_deref(),
        Some(deepest.as_bytes())
    );
    for (document, there) in [
        (r#"{"a":1,"a":2}"#, r#"{"a":2}"#),
        (r#"{"a":1,"\u0061":1}"#, r#"{"a":1}"#),
        ("-0", "0"),
        ("9223372036854775808", "9223372036854775808"),
        ("-9223372036854775809", "-9223372036854775809"),
        (&too_deep, &too_deep),
    ] {
        assert_eq!(
            theirs.canonical(document.as_bytes()).as_deref(),
            Some(there.as_bytes()),
            "{document}"
        );
        assert_eq!(
            ours.canonical(document.as_bytes()),
            None,
            "accepted here: {document}"
        );
    }
}
