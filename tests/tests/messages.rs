//! The one source of sentences, and what is generated from it.

use std::fs;

use sluis_tests::messages::{Source, generate, repository, source_text};

/// What is said against a source; empty when it is accepted.
fn refusal(json: &str) -> String {
    Source::parse(json).map_or_else(|error| error.to_string(), |_| String::new())
}

#[test]
fn generated_files_say_what_the_source_says() {
    let source = Source::parse(&source_text().unwrap()).unwrap();
    for (path, wanted) in generate(&source) {
        let found = fs::read_to_string(repository().join(path)).unwrap_or_default();
        assert!(
            found == wanted,
            "{path} is stale: run `cargo run -p sluis-tests --bin generate`"
        );
    }
}

#[test]
fn a_message_without_a_language_is_refused() {
    assert!(refusal(r#"{"x": {"en": "Yes"}}"#).contains("x: languages"));
}

#[test]
fn a_message_that_stands_twice_is_refused() {
    let twice = r#"{"x": {"en": "Yes", "nl": "Ja"}, "x": {"en": "No", "nl": "Nee"}}"#;
    assert!(refusal(twice).contains("x stands here twice"));
}

#[test]
fn arguments_that_differ_between_languages_are_refused() {
    let missing = r#"{"x": {"en": "By {0:time}", "nl": "Tijdig"}}"#;
    assert!(refusal(missing).contains("differ"));
    let other_kind = r#"{"x": {"en": "By {0:time}", "nl": "Door {0:text}"}}"#;
    assert!(refusal(other_kind).contains("differ"));
}

#[test]
fn malformed_places_are_refused() {
    for text in ["{0}", "{0:date}", "{1:text}", "{0:text", "0:text}", "{a:text}"] {
        let json = serde_json::json!({"x": {"en": text, "nl": text}}).to_string();
        assert!(Source::parse(&json).is_err(), "{text} was accepted");
    }
}

#[test]
fn plural_forms_need_a_count_in_both_languages() {
    let no_count = r#"{"x": {"en": {"one": "App", "other": "Apps"}, "nl": {"one": "App", "other": "Apps"}}}"#;
    assert!(refusal(no_count).contains("plural forms without a count"));
    let half =
        r#"{"x": {"en": {"one": "{0:count} app", "other": "{0:count} apps"}, "nl": "{0:count} apps"}}"#;
    assert!(refusal(half).contains("one language only"));
}

#[test]
fn characters_with_a_meaning_to_android_are_escaped() {
    let json =
        r#"{"x": {"en": "?It's 5% of \"A & B\" {0:text}", "nl": "100%"}}"#.replace("100%", "100% {0:text}");
    let files = generate(&Source::parse(&json).unwrap());
    assert!(
        files[0]
            .1
            .contains(r#"<string name="x">\?It\'s 5%% of \"A &amp; B\" %1$s</string>"#),
        "{}",
        files[0].1
    );
    assert!(files[1].1.contains(r#"<string name="x">100%% %1$s</string>"#));
}
