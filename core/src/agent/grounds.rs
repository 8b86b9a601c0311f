//! Whose rule and why: kept beside an app, so that it can be told after the policy has changed.

use serde::{Deserialize, Serialize};
use sluis_policy::policy::{Organisation, Policy, Rule};
use sluis_policy::text::{Language, Text};

use super::error::AgentError;
use super::message::{Message, Reason};
use crate::policy::{Basis, Ruleset};
use crate::store::agent::App;

/// Whose rule and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Grounds {
    layer: String,
    organisation: Words,
    /// Absent: no rule of a closed layer allowed the app.
    rule: Option<String>,
    reason: Option<Words>,
    link: Option<Words>,
}

/// A [`Text`] that can be read back from the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Words {
    nl: Option<String>,
    en: Option<String>,
}

impl From<&Text> for Words {
    fn from(text: &Text) -> Self {
        Self {
            nl: text.nl.clone(),
            en: text.en.clone(),
        }
    }
}

impl Words {
    fn get(&self, language: Language) -> String {
        Text {
            nl: self.nl.clone(),
            en: self.en.clone(),
        }
        .get(language)
        .to_owned()
    }
}

impl Grounds {
    /// What decided; `None` where nothing was said.
    pub(super) fn of(ruleset: &Ruleset, basis: Basis) -> Option<Self> {
        let (
            Policy {
                layer,
                organisation: Organisation { name, .. },
                stance,
                ..
            },
            rule,
        ) = ruleset.source(basis)?;
        let reason = rule.map_or(stance.reason.as_ref(), |rule: &Rule| rule.reason.as_ref());
        Some(Self {
            layer: layer.to_string(),
            organisation: name.into(),
            rule: rule.map(|rule| rule.id.to_string()),
            reason: reason.map(Words::from),
            link: rule.and_then(|rule| rule.link.as_ref()).map(Words::from),
        })
    }

    /// What is on record of an app.
    pub(super) fn of_app(app: &App) -> Result<Self, AgentError> {
        Ok(serde_json::from_str(&app.grounds)?)
    }

    /// For an app of which the record is lost, as JSON: whose rule it was is known again when it is judged again.
    pub(super) fn lost() -> String {
        r#"{"layer":"","organisation":{"nl":null,"en":null},"rule":"","reason":null,"link":null}"#.to_owned()
    }

    pub(super) fn layer(&self) -> &str {
        &self.layer
    }

    pub(super) fn rule(&self) -> Option<&str> {
        self.rule.as_deref()
    }

    pub(super) fn organisation(&self, language: Language) -> String {
        self.organisation.get(language)
    }

    pub(super) fn link(&self, language: Language) -> Option<String> {
        self.link.as_ref().map(|link| link.get(language))
    }

    /// In the policy's own words, or in ours where it has none.
    pub(super) fn reason(&self, language: Language) -> Reason {
        match (&self.reason, &self.rule) {
            (Some(words), _) => Reason::Text(words.get(language)),
            (None, Some(_)) => Reason::Message(Message::new("reason_forbidden", [])),
            (None, None) => Reason::Message(Message::new("reason_not_approved", [])),
        }
    }
}
