//! `sluis inventory` as an administrator runs it.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};

fn run(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sluis"))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/inventories"))
        .arg("inventory")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may have refused the arguments before it reads the list.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn said(output: &[u8]) -> &str {
    std::str::from_utf8(output).unwrap()
}

#[test]
fn the_inventories_of_real_phones_are_read_whole() {
    let output = run(&["."], b"");
    assert_eq!(
        said(&output.stdout),
        "./dumpsys-package-tvbox-android7.txt.gz: 84 packages, 76 of the system, 1 with a known installer\n\
         ./samsung-s10e-android11.txt: 429 packages\n\
         ./vivo-china-rom-system.txt: 374 packages\n\
         ./vivo-china-rom-user.txt: 29 packages\n\n\
         4 inventories with 916 packages\n"
    );
    assert_eq!((said(&output.stderr), output.status.code()), ("", Some(0)));
}

#[test]
fn what_is_written_as_json_lines_is_an_inventory_again() {
    let written = run(&[".", "--json"], b"");
    assert_eq!(said(&written.stdout).lines().count(), 4);
    let again = run(&["-", "--json"], &written.stdout);
    assert!(again.stdout == written.stdout);
    assert_eq!(again.status.code(), Some(0));
}

#[test]
fn what_cannot_be_read_is_told_with_file_and_line_and_fails() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), "package:com.a\n? what\n").unwrap();
    fs::write(folder.path().join("b.html"), "<html>").unwrap();
    let output = run(&[folder.path().to_str().unwrap()], b"");
    let told: Vec<&str> = said(&output.stderr).lines().collect();
    assert!(
        told[0].ends_with("a.txt: line 2: neither a package nor a comment: `? what`"),
        "{told:?}"
    );
    assert!(told[1].contains("b.html: no package found; expected"), "{told:?}");
    assert_eq!(told[2], "sluis: 1 line and 1 file could not be read");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_format_can_be_forced_and_is_then_not_guessed() {
    let dump = "  Package [com.a] (1):\n    User 0: installed=true\n";
    let text = format!("notes of mine\nPackages:\n{dump}");
    assert_eq!(
        said(&run(&["-"], text.as_bytes()).stdout),
        "standard input: 1 package\n"
    );
    let forced = run(&["-", "--inventory-format", "pm"], text.as_bytes());
    assert_eq!(forced.status.code(), Some(2));
    let bare = run(&["-", "--inventory-format", "pm"], b"com.a\nandroid\n");
    assert_eq!(said(&bare.stdout), "standard input: 2 packages\n");
}

#[test]
fn nothing_that_can_be_read_exits_with_2() {
    for input in ["", "<html>", "error: no devices/emulators found\n"] {
        let output = run(&["-"], input.as_bytes());
        assert_eq!(output.status.code(), Some(2), "{input}");
        assert!(
            said(&output.stderr).contains("no package found"),
            "{}",
            said(&output.stderr)
        );
    }
    assert_eq!(run(&["absent.txt"], b"").status.code(), Some(2));
}

#[test]
fn what_is_told_of_an_inventory_cannot_turn_the_writing_round_or_end_a_line() {
    let line = |name: &str, package: &str| {
        format!(
            "{{\"format\":\"sluis.inventory/1\",\"device\":\"{name}\",\"packages\":[{{\"name\":\"{package}\"}}]}}\n"
        )
    };
    let input = line("a\\nforged: 9 packages\u{202e}", "com.a") + &line("b", "com.\u{2066}b");
    let output = run(&["-"], input.as_bytes());
    let told = [said(&output.stdout), said(&output.stderr)];
    assert!(
        told[0].contains("a\\u{a}forged: 9 packages\\u{202e}: 1 package"),
        "{told:?}"
    );
    assert!(told[1].contains("is no package name"), "{told:?}");
    for text in told {
        assert!(!text.contains(['\u{202e}', '\u{2066}']), "{text}");
    }
}
