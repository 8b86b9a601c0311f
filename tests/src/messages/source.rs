//! Reading `messages.json`, strictly.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::{LANGUAGES, SourceError};

/// All messages by id.
#[derive(Debug)]
pub struct Source {
    /// In the order of their ids, so that generated files do not depend on the order of the source.
    pub messages: BTreeMap<String, BTreeMap<String, Text>>,
}

/// What one message says in one language.
#[derive(Debug, PartialEq, Eq)]
pub enum Text {
    /// The same for every number.
    One(Sentence),
    /// By how many there are: one, or another number.
    Plural {
        /// For exactly one.
        one: Sentence,
        /// For every other number.
        other: Sentence,
    },
}

/// Words and places for arguments, in order.
pub type Sentence = Vec<Piece>;

/// A piece of a [`Sentence`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Words as they stand.
    Words(String),
    /// The place of an argument.
    Place(usize, Kind),
}

/// The kind of an argument, as in the core's `Argument`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Words.
    Text,
    /// A number of things.
    Count,
    /// A moment.
    Time,
}

/// JSON objects keep the last of two equal keys; a message that silently replaces another is a mistake.
struct Unique<T>(BTreeMap<String, T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Unique<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Unique<T>;

            fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = BTreeMap::new();
                while let Some((key, value)) = map.next_entry::<String, T>()? {
                    if entries.insert(key.clone(), value).is_some() {
                        return Err(A::Error::custom(format!("{key} stands here twice")));
                    }
                }
                Ok(Unique(entries))
            }
        }
        deserializer.deserialize_map(Entries(std::marker::PhantomData))
    }
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Written {
    One(String),
    Plural { one: String, other: String },
}

impl Source {
    /// Reads the source and checks that every message has every language with the same arguments.
    pub fn parse(json: &str) -> Result<Self, SourceError> {
        let written: Unique<Unique<Written>> =
            serde_json::from_str(json).map_err(|error| SourceError(error.to_string()))?;
        let mut messages = BTreeMap::new();
        for (id, Unique(languages)) in written.0 {
            let complain = |why: String| SourceError(format!("{id}: {why}"));
            if !languages.keys().map(String::as_str).eq(LANGUAGES) {
                return Err(complain(format!("languages must be {}", LANGUAGES.join(", "))));
            }
            let mut texts = BTreeMap::new();
            for (language, written) in languages {
                let text = match written {
                    Written::One(words) => Text::One(pieces(&words).map_err(&complain)?),
                    Written::Plural { one, other } => Text::Plural {
                        one: pieces(&one).map_err(&complain)?,
                        other: pieces(&other).map_err(&complain)?,
                    },
                };
                texts.insert(language, text);
            }
            check_arguments(&texts).map_err(complain)?;
            messages.insert(id, texts);
        }
        Ok(Source { messages })
    }
}

impl Text {
    /// Its sentences: one, or one for each plural form.
    pub fn sentences(&self) -> Vec<&Sentence> {
        match self {
            Text::One(sentence) => vec![sentence],
            Text::Plural { one, other } => vec![one, other],
        }
    }
}

fn check_arguments(texts: &BTreeMap<String, Text>) -> Result<(), String> {
    let plural = |text: &Text| matches!(text, Text::Plural { .. });
    if texts.values().any(plural) && !texts.values().all(plural) {
        return Err("has plural forms in one language only".to_owned());
    }
    let mut wanted = None;
    for (language, text) in texts {
        for sentence in text.sentences() {
            let places = places(sentence);
            if !places.keys().copied().eq(0..places.len()) {
                return Err(format!("{language}: places must be numbered from 0 without gaps"));
            }
            if plural(text) && !places.values().any(|kind| *kind == Kind::Count) {
                return Err(format!("{language}: plural forms without a count"));
            }
            if wanted.get_or_insert_with(|| places.clone()) != &places {
                return Err(format!(
                    "{language}: its places differ from those of the other texts"
                ));
            }
        }
    }
    Ok(())
}

fn places(sentence: &Sentence) -> BTreeMap<usize, Kind> {
    sentence
        .iter()
        .filter_map(|piece| match piece {
            Piece::Place(position, kind) => Some((*position, *kind)),
            Piece::Words(_) => None,
        })
        .collect()
}

fn pieces(text: &str) -> Result<Sentence, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((words, place)) = rest.split_once('{') {
        let (place, after) = place
            .split_once('}')
            .ok_or_else(|| format!("`{text}`: `{{` without `}}`"))?;
        if !words.is_empty() {
            pieces.push(Piece::Words(words.to_owned()));
        }
        pieces.push(
            parse_place(place).ok_or_else(|| format!("`{{{place}}}` is not a place such as `{{0:text}}`"))?,
        );
        rest = after;
    }
    if rest.contains('}') {
        return Err(format!("`{text}`: `}}` without `{{`"));
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest.to_owned()));
    }
    if pieces.is_empty() {
        return Err("an empty text".to_owned());
    }
    Ok(pieces)
}

fn parse_place(place: &str) -> Option<Piece> {
    let (position, kind) = place.split_once(':')?;
    let kind = match kind {
        "text" => Kind::Text,
        "count" => Kind::Count,
        "time" => Kind::Time,
        _ => return None,
    };
    Some(Piece::Place(position.parse().ok()?, kind))
}
