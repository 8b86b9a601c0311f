//! Private keys at rest: encrypted, for their owner alone, never shown, and readable by other tools.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use sluis_core::feed::Outcome;

use crate::desk::{DAY_0, Desk, PUBLISH};

const PASSPHRASE: &str = "five words that nobody guesses";

/// Runs a command line with that passphrase in the environment.
fn with_passphrase(desk: &Desk, line: &str, passphrase: &str) -> Output {
    let mut command = desk.command(&line.split_whitespace().collect::<Vec<_>>());
    command.env("SLUIS_PASSPHRASE", passphrase).output().unwrap()
}

pub(crate) fn openssl(desk: &Desk, line: &str) -> String {
    let output = Command::new("openssl")
        .current_dir(desk.path(""))
        .args(line.split_whitespace())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{line}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn chmod(desk: &Desk, name: &str, mode: u32) {
    fs::set_permissions(desk.path(name), fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn private_keys_are_encrypted_for_their_owner_alone_and_never_printed() {
    for kind in ["ed25519", "p256"] {
        let desk = Desk::new();
        let init = format!("feed init feed --keys keys --key-kind {kind} --now {DAY_0}");
        let made = with_passphrase(&desk, &init, PASSPHRASE);
        let published = with_passphrase(&desk, &format!("{PUBLISH} --now {DAY_0}"), PASSPHRASE);
        assert!(
            made.status.success() && published.status.success(),
            "{published:?}"
        );
        let mut seen: Vec<String> = [made, published]
            .iter()
            .flat_map(|output| [output.stdout.clone(), output.stderr.clone()])
            .map(|bytes| String::from_utf8(bytes).unwrap())
            .collect();
        for folder in ["feed", "feed.staged"] {
            let files = desk.files(folder).into_iter();
            seen.extend(files.map(|(_, bytes)| String::from_utf8(bytes).unwrap()));
        }
        for role in ["root", "targets", "snapshot", "timestamp"] {
            let path = desk.path(&format!("keys/{role}.pem"));
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            let pem = fs::read_to_string(path).unwrap();
            assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"), "{pem}");
            // In the clear as openssl sees it: the secret part is nowhere.
            let line = format!("pkey -in keys/{role}.pem -passin env:P");
            let plain = Command::new("openssl")
                .current_dir(desk.path(""))
                .env("P", PASSPHRASE)
                .args(line.split(' '))
                .output()
                .unwrap();
            assert!(
                plain.status.success(),
                "{}",
                String::from_utf8_lossy(&plain.stderr)
            );
            let plain = String::from_utf8(plain.stdout).unwrap();
            let secret = plain.lines().nth(1).unwrap();
            assert!(secret.len() >= 60, "{plain}");
            for text in &seen {
                assert!(!text.contains(secret) && !text.contains(PASSPHRASE));
            }
        }
        assert_eq!(
            fs::metadata(desk.path("keys")).unwrap().permissions().mode() & 0o777,
            0o700
        );
        assert_eq!(desk.new_phone(DAY_0), Outcome::Updated);
    }
}

#[test]
fn the_public_half_beside_a_key_is_the_one_that_openssl_computes() {
    for kind in ["ed25519", "p256"] {
        let desk = Desk::new();
        desk.run(&format!(
            "feed init feed --keys keys --no-passphrase --key-kind {kind}"
        ));
        let public = fs::read_to_string(desk.path("keys/root.pub")).unwrap();
        assert_eq!(openssl(&desk, "pkey -in keys/root.pem -pubout"), public);
    }
}

#[test]
fn keys_that_openssl_made_sign_encrypted_or_not() {
    let desk = Desk::new();
    let encrypted = "-aes-256-cbc -pass file:passphrase";
    desk.write("passphrase", PASSPHRASE);
    chmod(&desk, "passphrase", 0o600);
    fs::create_dir(desk.path("theirs")).unwrap();
    for (role, options) in [
        ("root", "-algorithm ED25519"),
        ("targets", &format!("-algorithm ED25519 {encrypted}")),
        ("snapshot", "-algorithm EC -pkeyopt ec_paramgen_curve:P-256"),
        (
            "timestamp",
            &format!("-algorithm EC -pkeyopt ec_paramgen_curve:P-256 {encrypted}"),
        ),
    ] {
        openssl(&desk, &format!("genpkey {options} -out theirs/{role}.pem"));
        openssl(
            &desk,
            &format!("pkey -in theirs/{role}.pem -passin file:passphrase -pubout -out {role}.pub"),
        );
        chmod(&desk, &format!("theirs/{role}.pem"), 0o600);
    }
    let keys =
        ["root", "targets", "snapshot", "timestamp"].map(|role| format!("--public-key {role}={role}.pub"));
    desk.run(&format!(
        "feed init feed --keys keys {} --now {DAY_0}",
        keys.join(" ")
    ));
    assert!(!desk.path("keys").exists(), "no key was to be made");
    // No public half lies beside these: which key is which shows when they are opened.
    desk.run(&format!(
        "feed publish feed --keys theirs --passphrase-file passphrase --policy policy.json --now {DAY_0}"
    ));
    assert_eq!(desk.new_phone(DAY_0), Outcome::Updated);
}

#[test]
fn a_key_or_passphrase_that_others_can_read_is_refused_with_the_remedy() {
    let desk = Desk::new();
    desk.init();
    chmod(&desk, "keys/targets.pem", 0o640);
    let (code, said) = desk.refused(PUBLISH);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("chmod 600 keys/targets.pem"), "{said}");
    chmod(&desk, "keys/targets.pem", 0o600);
    desk.write("passphrase", PASSPHRASE);
    chmod(&desk, "passphrase", 0o644);
    let (code, said) = desk.refused(&format!("{PUBLISH} --passphrase-file passphrase"));
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("chmod 600 passphrase"), "{said}");
}

#[test]
fn a_passphrase_comes_from_a_file_the_environment_or_a_terminal_and_nothing_else() {
    let desk = Desk::new();
    let (code, said) = desk.refused("feed init feed --keys keys");
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("--passphrase-file") && said.contains("SLUIS_PASSPHRASE"),
        "{said}"
    );
    assert!(
        !desk.path("keys").exists() && !desk.path("feed").exists(),
        "nothing was made"
    );
    let output = with_passphrase(&desk, "feed init feed --keys keys", "short");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        !desk.path("keys").exists() && !desk.path("feed").exists(),
        "nothing was made"
    );

    desk.write("passphrases", &format!("that of somebody else\n{PASSPHRASE}\n"));
    chmod(&desk, "passphrases", 0o600);
    assert!(
        with_passphrase(
            &desk,
            &format!("feed init feed --keys keys --now {DAY_0}"),
            PASSPHRASE
        )
        .status
        .success()
    );
    let before = (desk.files("feed"), desk.files("feed.staged"));
    let output = with_passphrase(&desk, PUBLISH, "not the right passphrase");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said.contains("targets.pem: the passphrase that was given does not open this key"),
        "{said}"
    );
    assert_eq!((desk.files("feed"), desk.files("feed.staged")), before);
    desk.run(&format!("{PUBLISH} --passphrase-file passphrases --now {DAY_0}"));
    assert_eq!(desk.new_phone(DAY_0), Outcome::Updated);
}

#[test]
fn what_is_typed_at_the_terminal_is_not_shown() {
    let desk = Desk::new();
    let line = format!("{} feed init feed --keys keys", env!("CARGO_BIN_EXE_sluis"));
    // `script` is what stands in for a terminal.
    let mut terminal = Command::new("script")
        .args(["--quiet", "--return", "--command", &line, "/dev/null"])
        .current_dir(desk.path(""))
        .env_remove("SLUIS_PASSPHRASE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut typed, mut screen) = (terminal.stdin.take().unwrap(), terminal.stdout.take().unwrap());
    let mut shown = String::new();
    let mut buffer = [0; 256];
    for prompt in ["Passphrase for the new private keys: ", "Once more: "] {
        while !shown.contains(prompt) {
            let read = screen.read(&mut buffer).unwrap();
            assert_ne!(read, 0, "it ended without asking: {shown}");
            shown.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        }
        // The prompt is there before the echo is off; nobody types that quickly.
        std::thread::sleep(Duration::from_secs(1));
        writeln!(typed, "{PASSPHRASE}").unwrap();
    }
    screen.read_to_string(&mut shown).unwrap();
    assert!(terminal.wait().unwrap().success(), "{shown}");
    assert!(shown.contains("Passphrase for the new private keys"), "{shown}");
    assert!(!shown.contains(PASSPHRASE), "{shown}");
    assert!(with_passphrase(&desk, PUBLISH, PASSPHRASE).status.success());
}

#[test]
fn at_a_terminal_it_is_seen_what_goes_on_and_what_stays_is_what_matters() {
    let desk = Desk::new();
    let passphrase = |line: &str| with_passphrase(&desk, line, PASSPHRASE);
    assert!(passphrase("feed init feed --keys keys").status.success());
    let publish = format!("{} {PUBLISH}", env!("CARGO_BIN_EXE_sluis"));
    let output = Command::new("script")
        .args(["--quiet", "--return", "--command", &publish, "/dev/null"])
        .current_dir(desk.path(""))
        .env("SLUIS_PASSPHRASE", PASSPHRASE)
        .env("TERM", "xterm")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let screen = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{screen}");
    for step in [
        "opening keys/targets.pem…",
        "looking at it as a phone does…",
        "publishing 4 of 4: timestamp.json…",
    ] {
        assert!(screen.contains(&format!("\r\u{1b}[K{step}")), "{screen:?}");
    }
    // Each of them is gone before anything that stays is written.
    let stays = screen
        .split("\r\n")
        .map(|line| line.rsplit("\r\u{1b}[K").next().unwrap());
    assert!(!stays.clone().any(|line| line.contains('…')), "{screen:?}");
    assert!(
        stays
            .clone()
            .any(|line| line.starts_with("Version 1 was published in feed")),
        "{screen:?}"
    );
    // In a pipe there is none of it.
    let output = passphrase("feed refresh feed --keys keys");
    assert!(output.status.success());
    assert!(output.stderr.is_empty(), "{:?}", output.stderr);
}

#[test]
fn only_keys_that_have_to_sign_are_opened() {
    let desk = Desk::new();
    assert!(
        with_passphrase(&desk, "feed init feed --keys keys", PASSPHRASE)
            .status
            .success()
    );
    // What is in its place would open with no passphrase.
    let other = Desk::new();
    assert!(
        with_passphrase(&other, "feed init feed --keys keys", "another passphrase")
            .status
            .success()
    );
    fs::copy(other.path("keys/root.pem"), desk.path("keys/root.pem")).unwrap();
    assert!(with_passphrase(&desk, PUBLISH, PASSPHRASE).status.success());
}

#[test]
fn a_public_half_whose_private_key_is_in_a_safe_is_not_written_over() {
    let desk = Desk::new();
    desk.init();
    desk.publish(DAY_0);
    let public = fs::read(desk.path("keys/targets.pub")).unwrap();
    fs::create_dir(desk.path("safe")).unwrap();
    fs::rename(desk.path("keys/targets.pem"), desk.path("safe/targets.pem")).unwrap();
    desk.run(&format!(
        "feed rotate feed targets --keys keys --keys safe --new-keys-in keys --now {DAY_0}"
    ));
    assert_eq!(fs::read(desk.path("keys/targets.pub")).unwrap(), public);
    assert!(desk.path("keys/targets-2.pem").exists());
}
