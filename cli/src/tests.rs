//! What every command promises of its `--help`.

use clap::{Command, CommandFactory};

use crate::Arguments;

/// Every command with its path, the tool itself first.
fn commands() -> Vec<(Vec<String>, Command)> {
    fn add(command: &Command, path: &[String], all: &mut Vec<(Vec<String>, Command)>) {
        let path = [path, &[command.get_name().to_owned()]].concat();
        all.push((path.clone(), command.clone()));
        let commands = command
            .get_subcommands()
            .filter(|command| command.get_name() != "help");
        commands.for_each(|command| add(command, &path, all));
    }
    let mut all = Vec::new();
    add(&Arguments::command(), &[], &mut all);
    all
}

fn after_help(command: &Command) -> String {
    let help = command.get_after_long_help().or_else(|| command.get_after_help());
    help.map(ToString::to_string).unwrap_or_default()
}

/// The lines of a `--help` that somebody could type, as a shell would split them.
fn examples(help: &str) -> Vec<Vec<String>> {
    let indented = help.lines().filter_map(|line| line.strip_prefix("  "));
    let ours = indented.filter_map(|line| {
        let at = line.find("sluis ")?;
        // What stands before it is a pipe or a time for cron.
        let before = line.get(..at)?.trim_end();
        let is_ours = before.is_empty() || before.ends_with('|') || before.ends_with('*');
        is_ours.then(|| line.get(at..)).flatten()
    });
    let words = |line: &str| {
        let line = line.split(" > ").next().unwrap_or_default();
        let line = line.split(" # ").next().unwrap_or_default();
        // The digest is cut short for the reader.
        let line = line.replace("8370e732…", &"8370e732".repeat(8)).replace('\'', "");
        line.split_whitespace().map(str::to_owned).collect()
    };
    ours.map(words).collect()
}

#[test]
fn every_command_shows_examples_that_can_be_typed() {
    let mut parsed = 0;
    for (path, command) in commands() {
        let examples = examples(&after_help(&command));
        let own = examples.iter().filter(|example| example.starts_with(&path));
        assert!(
            own.count() > 0,
            "`{} --help` shows no example of it",
            path.join(" ")
        );
        for example in examples {
            let result = Arguments::command().try_get_matches_from(&example);
            assert!(result.is_ok(), "{}: {}", example.join(" "), result.unwrap_err());
            parsed += 1;
        }
    }
    assert!(parsed >= 50, "only {parsed} examples were found");
}

#[test]
fn every_command_says_what_its_exit_codes_mean() {
    for (path, command) in commands() {
        let help = after_help(&command);
        let codes = help.split("Exit codes: ").nth(1).unwrap_or_default();
        let says = |code: &str| codes.starts_with(code) || codes.contains(&format!(" {code} "));
        assert!(says("0 ") && says("2"), "`{} --help`: {codes}", path.join(" "));
    }
}

#[test]
fn the_command_line_is_in_order() {
    Arguments::command().debug_assert();
}
