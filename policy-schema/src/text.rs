//! Words for people, in Dutch and English.

use serde::Serialize;

use crate::decode::{Decoder, is_deceptive};
use crate::json::Node;
use crate::shape::{Field, Object, Shape, names};
use crate::values::shapes::{LINK, WORDS};

/// A language that Sluis speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// Dutch.
    Dutch,
    /// English, which also serves readers of all other languages.
    #[default]
    English,
}

impl Language {
    /// The best language for a reader who prefers these BCP 47 tags, best first.
    pub fn preferred<S: AsRef<str>>(tags: impl IntoIterator<Item = S>) -> Self {
        let known = |tag: S| match tag.as_ref().split(['-', '_']).next() {
            Some("nl") => Some(Self::Dutch),
            Some("en") => Some(Self::English),
            _ => None,
        };
        tags.into_iter().find_map(known).unwrap_or_default()
    }
}

const IN_LANGUAGES: [Field; 2] = [
    Field::optional("nl", WORDS, "In Dutch."),
    Field::optional("en", WORDS, "In English."),
];
const LINKS: [Field; 2] = [
    Field::optional("nl", LINK, "For readers of Dutch."),
    Field::optional("en", LINK, "For readers of English."),
];
const KNOWN: [&str; 2] = names(&IN_LANGUAGES);

/// Words for people, per language.
pub(crate) const TEXT: Shape = Shape::Object(&Object {
    some_of: &KNOWN,
    ..Object::new("text", &IN_LANGUAGES)
});
/// Links for people, per language.
pub(crate) const LINK_TEXT: Shape = Shape::Object(&Object {
    some_of: &KNOWN,
    ..Object::new("links", &LINKS)
});

/// The same words in one or both languages; never in none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Text {
    /// In Dutch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nl: Option<String>,
    /// In English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

impl Text {
    /// The words in that language, or in the other where that one is missing.
    pub fn get(&self, language: Language) -> &str {
        let (first, second) = match language {
            Language::Dutch => (&self.nl, &self.en),
            Language::English => (&self.en, &self.nl),
        };
        first.as_deref().or(second.as_deref()).unwrap_or_default()
    }

    pub(crate) fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        Self::read_each(d, node, Decoder::text)
    }

    /// Links for people, per language.
    pub(crate) fn read_links(d: &mut Decoder, node: &Node) -> Option<Self> {
        Self::read_each(d, node, |d, node| {
            d.parsed(node, "an address that begins with https://", |link| {
                let plain = !link.contains(|c: char| c.is_whitespace() || is_deceptive(c));
                (link.starts_with("https://") && plain).then(|| link.to_owned())
            })
        })
    }

    fn read_each(
        d: &mut Decoder,
        node: &Node,
        read: fn(&mut Decoder, &Node) -> Option<String>,
    ) -> Option<Self> {
        let fields = d.object(node, &KNOWN)?;
        let nl = fields.optional(d, "nl", read);
        let en = fields.optional(d, "en", read);
        let text = Self { nl: nl?, en: en? };
        if text.nl.is_none() && text.en.is_none() {
            if fields.all_known() {
                d.report(node.at, "neither", "words in `nl`, in `en` or in both");
            }
            return None;
        }
        Some(text)
    }
}
