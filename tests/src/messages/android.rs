//! Android's side of the messages: string resources, and a table from message id to resource.

use std::fmt::Write;

use super::{Piece, Sentence, Source, Text};

// An XML comment may not contain two hyphens, so the command that generates is named without its options.
const NOTE: &str = "Generated from core/messages/messages.json by `generate` of sluis-tests; edit that file.";

/// Words that the command line alone speaks: headings and verdicts of its tables, and what its commands report.
const OF_THE_TOOL: [&str; 5] = ["column_", "effect_", "simulate_", "explain_", "diff_"];

fn is_on_the_phone(id: &str) -> bool {
    !OF_THE_TOOL.iter().any(|beginning| id.starts_with(beginning))
}

/// The shell names these itself; all others come from the core, by id.
fn is_named_by_the_core(id: &str) -> bool {
    is_on_the_phone(id) && !id.starts_with("screen_") && id != "app_name"
}

/// `messages.xml` of one language.
pub(super) fn resources(source: &Source, language: &str) -> String {
    let mut xml = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- {NOTE} -->\n<resources>\n");
    for (id, texts) in source.messages.iter().filter(|(id, _)| is_on_the_phone(id)) {
        match &texts[language] {
            Text::One(sentence) => line(
                &mut xml,
                &format!("  <string name=\"{id}\">{}</string>", format_of(sentence)),
            ),
            Text::Plural { one, other } => {
                line(&mut xml, &format!("  <plurals name=\"{id}\">"));
                line(
                    &mut xml,
                    &format!("    <item quantity=\"one\">{}</item>", format_of(one)),
                );
                line(
                    &mut xml,
                    &format!("    <item quantity=\"other\">{}</item>", format_of(other)),
                );
                line(&mut xml, "  </plurals>");
            }
        }
    }
    xml + "</resources>\n"
}

const TABLE_HEAD: &str = "\
// Generated from core/messages/messages.json; edit that file and run
// `cargo run -p sluis-tests --bin generate`.
package nl.sluis.agent.ui

import nl.sluis.agent.R

/** Where the words of a message stand: a string, or plural forms. */
internal class MessageResource(val id: Int, val plural: Boolean)

/** The ids that the core uses, and their resources. */
internal object MessageIds {
    /** The resource of [id]; null for an id that this version does not know. */
    fun resource(id: String): MessageResource? = when (id) {
";

const TABLE_TAIL: &str = "        else -> null
    }
}
";

/// `MessageIds.kt`: a `when`, not a search by name, so that what is used can be seen.
pub(super) fn table(source: &Source) -> String {
    let mut kotlin = TABLE_HEAD.to_owned();
    for (id, texts) in source.messages.iter().filter(|(id, _)| is_named_by_the_core(id)) {
        let plural = texts.values().any(|text| matches!(text, Text::Plural { .. }));
        let kind = if plural { "plurals" } else { "string" };
        line(
            &mut kotlin,
            &format!("        \"{id}\" -> MessageResource(R.{kind}.{id}, plural = {plural})"),
        );
    }
    kotlin + TABLE_TAIL
}

fn line(out: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{text}");
}

/// A sentence as Android's format string. Every argument is `%n$s`: it is turned into words before, by its kind.
fn format_of(sentence: &Sentence) -> String {
    let has_places = sentence.iter().any(|piece| matches!(piece, Piece::Place(..)));
    sentence
        .iter()
        .map(|piece| match piece {
            // Only a text with arguments goes through the formatter, where `%` has a meaning.
            Piece::Words(words) if has_places => escape(words).replace('%', "%%"),
            Piece::Words(words) => escape(words),
            Piece::Place(position, _) => format!("%{}$s", position + 1),
        })
        .collect()
}

/// XML's own characters, and those to which aapt2 gives a meaning.
fn escape(words: &str) -> String {
    let mut escaped = String::new();
    for character in words.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\\' => escaped.push_str("\\\\"),
            '\'' => escaped.push_str("\\'"),
            '"' => escaped.push_str("\\\""),
            '@' | '?' if escaped.is_empty() => {
                escaped.push('\\');
                escaped.push(character);
            }
            '\n' => escaped.push_str("\\n"),
            _ => escaped.push(character),
        }
    }
    escaped
}
