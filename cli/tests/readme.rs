//! The tour in the README, and the pages about feeds, grants and for administrators: every command is run, and says what the page says that it says.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

/// The blocks of a language between fences, in order.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let open = format!("\n```{language}\n");
    page.split(open.as_str())
        .skip(1)
        .map(|rest| rest.split_once("\n```").unwrap().0)
        .collect()
}

/// Digests and moments differ each time, and sizes with each change of the catalogue: only their shape can be compared.
fn shape(line: &str) -> String {
    let word = |word: &str| {
        let bare = word.trim_end_matches(['.', ',']);
        let id = bare.len() == 14 && bare.starts_with("g-");
        let grant_key = bare.len() == 72 && bare.starts_with("ed25519:");
        let hash = word.trim_end_matches(':');
        let key = word.trim_end_matches(',');
        let key = key.len() == 12 && key.bytes().all(|b| b.is_ascii_hexdigit());
        let hex = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        let moment = word.trim_end_matches(['.', ',']);
        let moment = moment.len() == "2026-11-30T02:06:08Z".len() && moment.ends_with('Z');
        let size = word.starts_with('(') && word.bytes().skip(1).all(|b| b.is_ascii_digit());
        let shown = match word {
            _ if id => "<id>",
            _ if grant_key => "<grant key>",
            _ if hex => "<digest>",
            _ if key => "<key>",
            _ if moment => "<moment>",
            _ if size => "<size>",
            word => word,
        };
        shown.to_owned()
    };
    line.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn shapes(text: &str) -> Vec<String> {
    text.trim_end().lines().map(shape).collect()
}

#[test]
fn the_tour_in_the_readme_is_true() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let page = fs::read_to_string(repository.join("README.md")).unwrap();
    let desk = tempfile::tempdir().unwrap();
    for folder in ["tests", "policy-schema"] {
        symlink(repository.join(folder), desk.path().join(folder)).unwrap();
    }
    let policy = blocks(&page, "json");
    fs::write(desk.path().join("policy.json"), policy.first().unwrap()).unwrap();

    let tour = blocks(&page, "console");
    assert!(tour.len() >= 4, "the tour has only {} commands", tour.len());
    for block in tour {
        let (command, shown) = block.split_once('\n').unwrap();
        let mut arguments = command.strip_prefix("$ sluis ").unwrap().split(' ');
        let output = Command::new(env!("CARGO_BIN_EXE_sluis"))
            .args(&mut arguments)
            .current_dir(desk.path())
            // What an administrator types when asked.
            .env("SLUIS_PASSPHRASE", "five words that nobody guesses")
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        assert_eq!(shapes(&said), shapes(shown), "{command}");
    }
}

#[test]
fn the_page_about_feeds_is_true() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let page = fs::read_to_string(repository.join("docs/feeds.md")).unwrap();
    let tour = fs::read_to_string(repository.join("README.md")).unwrap();
    let desk = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| fs::write(desk.path().join(name), bytes).unwrap();
    file("policy.json", blocks(&tour, "json").first().unwrap().as_bytes());
    file(
        "catalogue.json",
        &fs::read(repository.join("policy-schema/catalogue/catalogue.json")).unwrap(),
    );
    file("eu.json", b"any bytes");
    let agent = repository.join("cli/tests/feed/apk/agent-7.apk");
    file("sluis-7.apk", &fs::read(agent).unwrap());
    let commands = commands(&page);
    assert!(
        commands.len() >= 20,
        "the page has only {} commands",
        commands.len()
    );
    for command in commands {
        holds(desk.path(), command);
    }
}

#[test]
fn the_page_about_grants_is_true() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let page = fs::read_to_string(repository.join("docs/grants.md")).unwrap();
    let desk = tempfile::tempdir().unwrap();
    let commands = commands(&page);
    assert!(
        commands.len() >= 10,
        "the page has only {} commands",
        commands.len()
    );
    let (first, others) = commands.split_first().unwrap();
    let said = holds(desk.path(), first);
    // The policy of the page, with the key that was made just now in place of the one that was made for the page.
    let (made, of_the_page) = (said.lines().last().unwrap(), first.lines().last().unwrap());
    let blocks = blocks(&page, "json");
    let policy = blocks.first().unwrap();
    assert!(policy.contains(of_the_page));
    fs::write(desk.path().join("policy.json"), policy.replace(of_the_page, made)).unwrap();
    for command in others {
        holds(desk.path(), command);
    }
}

/// The commands of a page, each with what it shows.
fn commands(page: &str) -> Vec<&str> {
    let blocks = blocks(page, "console").into_iter();
    blocks
        .flat_map(|block| block.trim_start_matches("$ ").split("\n$ "))
        .collect()
}

/// Runs a command of a page, which has to say what the page shows, if that shows anything; what it said.
fn holds(desk: &Path, command: &str) -> String {
    let tool = Path::new(env!("CARGO_BIN_EXE_sluis")).parent().unwrap();
    let path = format!("{}:{}", tool.display(), std::env::var("PATH").unwrap());
    let (command, shown) = command.split_once('\n').unwrap_or((command, ""));
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(desk)
        .env("PATH", &path)
        .env("SLUIS_PASSPHRASE", "five words that nobody guesses")
        .output()
        .unwrap();
    let (status, said) = (output.status, [output.stdout, output.stderr].concat());
    let said = String::from_utf8(said).unwrap();
    assert!(status.success(), "{command}: {said}");
    if !shown.is_empty() {
        assert_eq!(shapes(&said), shapes(shown), "{command}");
    }
    said
}

#[test]
fn the_page_for_administrators_is_true() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let page = fs::read_to_string(repository.join("docs/administrators.md")).unwrap();
    let tour = fs::read_to_string(repository.join("README.md")).unwrap();
    let desk = tempfile::tempdir().unwrap();
    symlink(repository.join("tests"), desk.path().join("tests")).unwrap();
    for (name, page) in [("policy.json", &tour), ("new-policy.json", &page)] {
        fs::write(desk.path().join(name), blocks(page, "json").first().unwrap()).unwrap();
    }
    let shown = blocks(&page, "console");
    assert_eq!(shown.len(), 2);
    for block in shown {
        let (command, shown) = block.split_once('\n').unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_sluis"))
            .args(command.strip_prefix("$ sluis ").unwrap().split(' '))
            .current_dir(desk.path())
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(said.trim_end(), shown.trim_end(), "{command}");
    }
}
