//! What every command has in common: exit codes, colours, manual pages, completion.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// What happens at a desk, one line after the other: the exit code, and what was typed. Each command has to come to each
/// of the codes that the page about the tool says it has.
const STORY: &[(i32, &str)] = &[
    (0, "sluis lint policy.json"),
    (1, "sluis lint careless.json"),
    (2, "sluis lint no.json"),
    (0, "sluis simulate --policy policy.json --inventory phone.txt"),
    (2, "sluis simulate --policy policy.json --inventory no.txt"),
    (2, "sluis simulate --policy phone.txt --inventory phone.txt"),
    (
        1,
        "sluis simulate --policy policy.json --inventory phone.txt no.txt",
    ),
    (0, "sluis explain com.example.app --policy policy.json"),
    (
        2,
        "sluis explain com.example.app --policy policy.json --inventory no.txt",
    ),
    (0, "sluis diff policy.json policy.json --inventory phone.txt"),
    (
        1,
        "sluis diff policy.json policy.json --inventory phone.txt no.txt",
    ),
    (2, "sluis diff policy.json no.json --inventory phone.txt"),
    (0, "sluis inventory phone.txt"),
    (1, "sluis inventory phone.txt no.txt"),
    (2, "sluis inventory no.txt"),
    (0, "sluis export amapi --policy policy.json -o amapi.json"),
    (
        1,
        "sluis export amapi --policy by-signer.json -o amapi.json --strict",
    ),
    (2, "sluis export amapi --policy no.json"),
    (0, "sluis export intune --policy policy.json"),
    (1, "sluis export intune --policy by-signer.json --strict"),
    (2, "sluis export intune --policy no.json"),
    (0, "sluis schema policy"),
    (2, "sluis schema phone"),
    (
        0,
        "sluis catalogue update sources/vendors.json sources/sdk_signatures.json --into catalogue.json --check",
    ),
    (
        1,
        "sluis catalogue update sources/vendors.json --into catalogue.json --check",
    ),
    (2, "sluis catalogue update no.json --into catalogue.json"),
    (0, "sluis feed init feed --keys keys --no-passphrase"),
    (2, "sluis feed init feed --keys keys --no-passphrase"),
    (
        0,
        "sluis feed publish feed --keys keys --policy policy.json --catalogue catalogue.json",
    ),
    (2, "sluis feed publish feed --keys keys --policy no.json"),
    (2, "sluis feed publish feed --keys no-keys --policy policy.json"),
    (0, "sluis feed status feed"),
    (1, "sluis feed status feed --within 3000"),
    (2, "sluis feed status no"),
    (0, "sluis feed verify feed"),
    (1, "sluis feed verify feed --root-sha256 WRONG"),
    (2, "sluis feed verify no"),
    (0, "sluis feed refresh feed --keys keys"),
    (2, "sluis feed refresh no --keys keys"),
    (0, "sluis feed add feed phone.txt"),
    (2, "sluis feed add feed no.txt"),
    (0, "sluis feed sign feed --keys keys"),
    (1, "sluis feed sign feed --keys keys"),
    (2, "sluis feed sign no --keys keys"),
    (0, "sluis feed payload feed targets --output payload"),
    (2, "sluis feed payload feed root --output payload"),
    (0, "sluis feed discard feed"),
    (2, "sluis feed discard no"),
    (0, "sluis feed remove feed catalogue.json"),
    (2, "sluis feed remove feed no.json"),
    (0, "sluis feed discard feed"),
    (0, "sluis bundle create feed -o feed.sluis"),
    (1, "sluis bundle create feed -o wrong.sluis --root-sha256 WRONG"),
    (2, "sluis bundle create no -o no.sluis"),
    (0, "sluis bundle verify feed.sluis"),
    (1, "sluis bundle verify feed.sluis --root-sha256 WRONG"),
    (2, "sluis bundle verify no.sluis"),
    // Two people sign what is in this feed, and two its snapshot.
    (
        0,
        "sluis feed init shared --keys our-keys --no-passphrase --number targets=1 --public-key targets=keys/targets.pub \
         --threshold targets=2 --number snapshot=1 --public-key snapshot=keys/snapshot.pub --threshold snapshot=2",
    ),
    (
        1,
        "sluis feed publish shared --keys our-keys --policy policy.json",
    ),
    (0, "sluis feed payload shared targets --output payload"),
    (2, "sluis feed attach shared targets --signature policy.json"),
    (
        0,
        "openssl pkeyutl -sign -rawin -inkey keys/targets.pem -in payload -out signature",
    ),
    (0, "sluis feed attach shared targets --signature signature"),
    (0, "sluis feed publish shared --keys our-keys --keys keys"),
    (
        1,
        "sluis feed refresh shared --keys our-keys --expires-timestamp 400",
    ),
    (0, "sluis feed rotate feed timestamp --keys keys"),
    (2, "sluis feed rotate feed nobody --keys keys"),
    (0, "sluis feed renew feed --keys keys"),
    (2, "sluis feed renew no --keys keys"),
    (
        0,
        "sluis feed delegate feed maps --path maps/* --public-key our-keys/targets.pub --keys keys",
    ),
    (2, "sluis feed delegate no maps --path maps/* --keys keys"),
    (0, "sluis feed discard feed"),
    (0, "sluis feed revoke feed keys/snapshot.pub --keys keys"),
    (2, "sluis feed revoke feed no.pub --keys keys"),
    (
        0,
        "openssl pkey -inform DER -in test-only-p256.pk8 -out inspection.pem",
    ),
    (0, "openssl pkey -in inspection.pem -pubout -out inspection.pub"),
    (0, "sluis grant key grant-keys --no-passphrase"),
    (2, "sluis grant key --show no.pub"),
    (
        0,
        "sluis grant new g.json --layer city --phone PHONE --group inspection --days 3 --policy grants.json",
    ),
    (
        1,
        "sluis grant new h.json --layer city --phone PHONE --group nobody --days 3 --policy grants.json",
    ),
    (
        2,
        "sluis grant new policy.json --layer city --phone PHONE --group inspection --days 3",
    ),
    (1, "sluis grant qr g.json"),
    (0, "sluis grant payload g.json --output g.payload"),
    (2, "sluis grant payload no.json"),
    (
        1,
        "sluis grant sign g.json --keys grant-keys --policy grants.json",
    ),
    (0, "sluis grant sign g.json --keys grant-keys"),
    (2, "sluis grant sign no.json --keys grant-keys"),
    (1, "sluis grant verify g.json --policy grants.json"),
    (
        0,
        "openssl dgst -sha256 -sign inspection.pem -out g.sig g.payload",
    ),
    (
        2,
        "sluis grant attach g.json --key grant-keys/grants.pub --signature g.sig",
    ),
    (
        0,
        "sluis grant attach g.json --key inspection.pub --signature g.sig",
    ),
    (0, "sluis grant verify g.json --policy grants.json"),
    (2, "sluis grant verify g.json --policy no.json"),
    (0, "sluis grant inspect g.json"),
    (1, "sluis grant inspect changed.json"),
    (2, "sluis grant inspect policy.json"),
    (0, "sluis grant qr g.json --png g.png"),
    (2, "sluis grant qr g.json --png policy.json"),
    (0, "sluis completion bash"),
    (2, "sluis completion no-such-shell"),
    (0, "sluis man pages"),
    (2, "sluis man policy.json"),
];

/// The public half of the key that stands in the repository for tests.
const INSPECTION_KEY: &str = "p256:04f146ade98ca43b40b995beb8e9899a93960b04b39a1b53e6e4b5685e17171c336846ac61a8b3be75224cb4a50787a414d31cf2c9dfcbe4a6e9233d9aacbd0b94";

const NOW: &str = "2026-11-23T10:00:00Z";

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn desk() -> TempDir {
    let desk = tempfile::tempdir().unwrap();
    let catalogue = repository().join("policy-schema/catalogue");
    symlink(catalogue.join("sources"), desk.path().join("sources")).unwrap();
    fs::copy(
        catalogue.join("catalogue.json"),
        desk.path().join("catalogue.json"),
    )
    .unwrap();
    let policy = |matches: &str, contact: &str| {
        format!(
            r#"{{"format": "sluis.policy/1", "layer": "city", "stance": "open", "organisation": {{"name": {{"en": "City"}}{contact}}},
             "rules": [{{"id": "r", "effect": "deny", "match": {matches}, "reason": {{"nl": "Daarom.", "en": "Because."}}}}]}}"#
        )
    };
    let contact = r#", "contact": {"en": "Desk"}"#;
    let by_name = r#"{"packages": ["com.example.game"]}"#;
    let by_signer = format!(r#"{{"signers": ["{}"]}}"#, "ab".repeat(32));
    let phone = "package:com.example.game\npackage:com.example.chess\n";
    let grants = format!(
        r#"{{"format": "sluis.policy/1", "layer": "city", "stance": "open", "organisation": {{"name": {{"en": "City"}}}},
             "rules": [{{"id": "r", "effect": "deny", "match": {by_name}}}],
             "exemptions": [{{"rule": "r", "packages": ["com.example.game"], "groups": ["inspection"],
                              "purpose": {{"en": "Inspection"}}, "until": "2027-01-01T00:00:00Z"}}],
             "grants": [{{"key": "{INSPECTION_KEY}", "groups": ["inspection"]}}]}}"#
    );
    let changed = format!(
        r#"{{"signatures": [{{"key": "{INSPECTION_KEY}", "sig": "00"}}], "signed": {{"format": "sluis.grant/1",
             "id": "g", "layer": "city", "phone": "{}", "groups": ["inspection"], "issued": "{NOW}",
             "until": "2026-12-01T00:00:00Z"}}}}"#,
        "5f".repeat(32)
    );
    let key = repository().join("core/tests/feed/keys/test-only-p256.pk8");
    symlink(key, desk.path().join("test-only-p256.pk8")).unwrap();
    for (name, text) in [
        ("grants.json", grants),
        ("changed.json", changed),
        ("policy.json", policy(by_name, contact)),
        ("careless.json", policy(by_name, "")),
        ("by-signer.json", policy(&by_signer, contact)),
        ("phone.txt", phone.to_owned()),
    ] {
        fs::write(desk.path().join(name), text).unwrap();
    }
    desk
}

/// Runs a line; of those about a feed, a bundle or a grant the clock stands still.
fn typed(desk: &TempDir, line: &str) -> Output {
    let line = line.replace("WRONG", &"0".repeat(64));
    let line = line.replace("PHONE", &"5f".repeat(32));
    let mut words = line.split_whitespace();
    let program = match words.next().unwrap() {
        "sluis" => env!("CARGO_BIN_EXE_sluis"),
        other => other,
    };
    let mut command = Command::new(program);
    command.args(words).current_dir(desk.path()).stdin(Stdio::null());
    if takes_a_time(&line) {
        command.args(["--now", NOW]);
    }
    command.output().unwrap()
}

/// Signatures and payloads are of what is staged, whatever the time.
fn takes_a_time(line: &str) -> bool {
    let about_feeds = line.starts_with("sluis feed") || line.starts_with("sluis bundle");
    let about_grants = ["new", "sign", "verify"]
        .iter()
        .any(|command| line.starts_with(&format!("sluis grant {command} ")));
    about_grants
        || about_feeds
            && !["sign", "payload", "attach", "discard"]
                .iter()
                .any(|command| line.starts_with(&format!("sluis feed {command} ")))
}

/// The commands of the table on the page, and whether one says what 1 means.
fn promised() -> BTreeMap<String, bool> {
    let page = fs::read_to_string(repository().join("docs/cli.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let row = |row: &str| {
        let (command, meaning) = row.split_once("` | ").unwrap();
        (command.to_owned(), meaning != "— |")
    };
    rows.map(row).collect()
}

/// Every command that does something, as the manual pages name them.
fn commands() -> BTreeSet<String> {
    let pages = tempfile::tempdir().unwrap();
    let written = Command::new(env!("CARGO_BIN_EXE_sluis"))
        .arg("man")
        .arg(pages.path())
        .output()
        .unwrap();
    assert!(written.status.success());
    let names: BTreeSet<String> = fs::read_dir(pages.path())
        .unwrap()
        .map(|page| {
            page.unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_str()
                .unwrap()
                .replace('-', " ")
        })
        .collect();
    let has_commands = |name: &String| names.iter().any(|other| other.starts_with(&format!("{name} ")));
    names.iter().filter(|name| !has_commands(name)).cloned().collect()
}

#[test]
fn the_page_names_every_command() {
    assert_eq!(promised().into_keys().collect::<BTreeSet<_>>(), commands());
}

#[test]
fn every_command_comes_to_the_exit_codes_that_it_promises() {
    let desk = desk();
    let mut seen: BTreeMap<String, BTreeSet<i32>> = BTreeMap::new();
    let commands = commands();
    for (code, line) in STORY {
        let output = typed(&desk, line);
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert_eq!(output.status.code(), Some(*code), "{line}: {said}");
        if let Some(command) = commands.iter().find(|command| line.starts_with(command.as_str())) {
            seen.entry(command.clone()).or_default().insert(*code);
        }
    }
    for (command, has_findings) in promised() {
        let mut expected = BTreeSet::from([0, 2]);
        expected.extend(has_findings.then_some(1));
        assert_eq!(seen.get(&command), Some(&expected), "{command}");
    }
}

#[test]
fn an_option_that_does_not_exist_is_unusable_input_and_help_is_fine() {
    let desk = desk();
    for command in commands() {
        assert_eq!(
            typed(&desk, &format!("{command} --no-such-option")).status.code(),
            Some(2),
            "{command}"
        );
        let help = Command::new(env!("CARGO_BIN_EXE_sluis"))
            .args(command.split(' ').skip(1))
            .arg("--help")
            .output()
            .unwrap();
        assert_eq!(help.status.code(), Some(0), "{command}");
    }
}

/// What a line prints with these variables set, and none else that concerns colours.
fn with(variables: &[(&str, &str)], line: &str) -> String {
    let desk = desk();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluis"));
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM", "CI"] {
        command.env_remove(name);
    }
    let output = command
        .args(line.split_whitespace().skip(1))
        .current_dir(desk.path())
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

#[test]
fn colours_are_left_out_in_a_pipe_and_where_nobody_wants_them() {
    const FORCED: (&str, &str) = ("CLICOLOR_FORCE", "1");
    const ESCAPE: char = '\u{1b}';
    for line in [
        "sluis lint careless.json",
        "sluis lint no.json",
        "sluis feed status no",
        "sluis lint --help",
    ] {
        assert!(
            with(&[FORCED], line).contains(ESCAPE),
            "{line}: no colours at all"
        );
        for variables in [
            &[][..],
            &[("TERM", "xterm-256color")],
            &[("NO_COLOR", "1")],
            &[FORCED, ("NO_COLOR", "1")],
        ] {
            let said = with(variables, line);
            assert!(!said.contains(ESCAPE), "{line} with {variables:?}: {said:?}");
        }
    }
}

#[test]
fn a_report_for_programs_has_no_colours_even_where_they_are_forced() {
    for format in ["json", "sarif"] {
        let said = with(
            &[("CLICOLOR_FORCE", "1")],
            &format!("sluis lint careless.json --format {format}"),
        );
        assert!(!said.contains('\u{1b}') && !said.contains("\\u001b"), "{said}");
    }
}

#[test]
fn each_shell_gets_a_script_that_knows_the_commands() {
    for shell in ["bash", "zsh", "fish"] {
        let script = with(&[], &format!("sluis completion {shell}"));
        for word in ["lint", "simulate", "inventory", "publish", "show-silenced"] {
            assert!(script.contains(word), "{shell} does not know {word}");
        }
    }
    let desk = desk();
    let script = with(&[], "sluis completion bash");
    let asked =
        "\nCOMP_WORDS=(sluis feed pub); COMP_CWORD=2; _sluis sluis pub feed; echo \"${COMPREPLY[@]}\"\n";
    fs::write(desk.path().join("ask.sh"), script + asked).unwrap();
    let output = Command::new("bash")
        .arg("ask.sh")
        .current_dir(desk.path())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "publish\n");
}

#[test]
fn manual_pages_keep_examples_line_by_line_and_name_the_exit_status() {
    let desk = desk();
    assert!(typed(&desk, "sluis man pages").status.success());
    for command in commands() {
        let page = desk
            .path()
            .join("pages")
            .join(format!("{}.1", command.replace(' ', "-")));
        let page = fs::read_to_string(page).unwrap();
        assert!(
            page.contains(".SH EXAMPLES\n") && page.contains(".SH \"EXIT STATUS\"\n"),
            "{command}"
        );
        let examples = page.split(".SH EXAMPLES\n").nth(1).unwrap();
        let verbatim = examples
            .split(".nf\n")
            .nth(1)
            .unwrap()
            .split(".fi\n")
            .next()
            .unwrap();
        let lines = verbatim.lines().filter(|line| line.contains("sluis "));
        assert!(lines.count() > 0, "{command}: {examples}");
    }
}
