//! `docs/threats.md`, made of the fixtures, so that it says neither more nor less than what is tested.

use super::fixture::Fixture;

const INTRODUCTION: &str = "\
# Threats to a feed

What somebody may try with a feed, what stands against it, and where that is tested. Each row is a folder under
`tests/fixtures/feed`: the files that a server would serve, step by step, and `expected.json`, which says how each
refresh must end, which files are in force afterwards, and what every role's floor is then. Anybody can serve the files
with any web server, and look at them with any editor.

This page is generated from the fixtures (`make strings`). `tests/tests/attacks.rs` plays them with the phone's client
and store, and fails when a folder has no test, a test no folder, or this page is out of date. `cli/tests/attacks.rs`
plays over HTTP what one server can do, and what may happen on the way. What stands against other threats is in
[SECURITY.md](../SECURITY.md).
";

const PUBLISHED: &str = "
## Published weaknesses of other clients

Tried on this client, in our words; the advisories are the source.

| weakness | what went wrong there | what stands against it here | fixture |
|---|---|---|---|
";

/// The page, from fixtures and their names.
pub(super) fn document(fixtures: &[(&str, &Fixture)]) -> String {
    let mut page = String::from(INTRODUCTION);
    page.push_str("\n## Attacks\n\n| threat | what stands against it | fixture |\n|---|---|---|\n");
    for (name, fixture) in fixtures {
        if fixture.published.is_none() {
            let (threat, held_by) = (&fixture.threat, &fixture.held_by);
            page.push_str(&format!("| {threat} | {held_by} | `{name}` |\n"));
        }
    }
    page.push_str(PUBLISHED);
    for (name, fixture) in fixtures {
        if let Some(published) = &fixture.published {
            let (id, client, source) = (&published.id, &published.client, &published.source);
            let (went_wrong, held_by) = (&published.went_wrong, &fixture.held_by);
            page.push_str(&format!(
                "| {id}, {client} ({source}) | {went_wrong} | {held_by} | `{name}` |\n"
            ));
        }
    }
    page
}
