//! The CLI's words, from the one source that also makes Android's resources.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::Deserialize;
use sluis_policy::text::Language;

/// Checked by the tests of `sluis-tests`, so reading it cannot fail here.
const SOURCE: &str = include_str!("../../core/messages/messages.json");

#[derive(Deserialize)]
#[serde(untagged)]
enum Words {
    Plain(String),
    Plural { one: String, other: String },
}

/// All words in one language.
pub(crate) struct Messages {
    language: Language,
    words: BTreeMap<String, BTreeMap<String, Words>>,
}

impl Messages {
    pub(crate) fn new(language: Language) -> Self {
        Self {
            language,
            words: serde_json::from_str(SOURCE).unwrap_or_default(),
        }
    }

    pub(crate) fn language(&self) -> Language {
        self.language
    }

    /// Words without places to fill.
    pub(crate) fn get(&self, id: &str) -> String {
        self.with(id, &[])
    }

    /// Words with their places `{0:…}`, `{1:…}` filled; the first count chooses singular or plural.
    pub(crate) fn with(&self, id: &str, args: &[&dyn Display]) -> String {
        let language = match self.language {
            Language::Dutch => "nl",
            Language::English => "en",
        };
        let first = args.first().map(ToString::to_string);
        let template = match self.words.get(id).and_then(|texts| texts.get(language)) {
            Some(Words::Plain(text)) => text,
            Some(Words::Plural { one, other }) => {
                if first.as_deref() == Some("1") {
                    one
                } else {
                    other
                }
            }
            None => id,
        };
        let mut out = template.to_owned();
        for (i, arg) in args.iter().enumerate() {
            for kind in ["text", "count", "time"] {
                out = out.replace(&format!("{{{i}:{kind}}}"), &arg.to_string());
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_both_languages_and_their_places_filled() {
        let dutch = Messages::new(Language::Dutch);
        assert_eq!(dutch.get("effect_deny"), "verboden");
        assert_eq!(Messages::new(Language::English).get("effect_deny"), "deny");
        assert!(
            dutch.with("simulate_unknown_system", &[&1]).contains("1 app "),
            "singular"
        );
        assert!(
            dutch.with("simulate_unknown_system", &[&2]).contains("2 apps "),
            "plural"
        );
    }
}
