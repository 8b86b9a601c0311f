//! The CLI's words, from the one source that also makes Android's resources.

use std::collections::BTreeMap;
use std::fmt::Display;

use clap::ValueEnum;
use serde::Deserialize;
use sluis_policy::policy::{Effect, Remedy};
use sluis_policy::text::Language;

/// A language to choose.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Spoken {
    /// Dutch.
    Nl,
    /// English.
    En,
}

impl Spoken {
    pub(crate) fn language(self) -> Language {
        match self {
            Self::Nl => Language::Dutch,
            Self::En => Language::English,
        }
    }
}

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
        let language = self.tag();
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
        filled(template, args)
    }

    /// The language's tag after BCP 47.
    pub(crate) fn tag(&self) -> &'static str {
        match self.language {
            Language::Dutch => "nl",
            Language::English => "en",
        }
    }

    /// The message that names an effect.
    pub(crate) fn effect(&self, effect: Effect) -> &'static str {
        match effect {
            Effect::Deny => "effect_deny",
            Effect::Advise => "effect_advise",
            Effect::Allow => "effect_allow",
        }
    }

    /// The message that names a remedy.
    pub(crate) fn remedy(&self, remedy: Remedy) -> &'static str {
        match remedy {
            Remedy::Suspend => "remedy_suspend",
            Remedy::Hide => "remedy_hide",
            Remedy::Remove => "remedy_remove",
        }
    }
}

/// In one go, so that what fills a place is not looked through for places.
fn filled(template: &str, args: &[&dyn Display]) -> String {
    let mut pieces = template.split('{');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let place = piece.split_once('}').and_then(|(place, rest)| {
            let (number, _) = place.split_once(':')?;
            Some((args.get(number.parse::<usize>().ok()?)?, rest))
        });
        match place {
            Some((arg, rest)) => {
                out.push_str(&arg.to_string());
                out.push_str(rest);
            }
            None => {
                out.push('{');
                out.push_str(piece);
            }
        }
    }
    out
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
