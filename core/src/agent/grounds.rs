//! Whose rule and why: kept beside an app, so that it can be told after the policy has changed.

use serde::{Deserialize, Serialize};
use sluis_policy::policy::{Effect, Organisation, Policy, Rule};
use sluis_policy::text::{Language, Text};
use sluis_policy::values::PackagePattern;

use super::error::AgentError;
use super::message::{Message, Reason};
use crate::policy::{Basis, Ruleset, Verdict};
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
    /// What to use instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alternative: Option<Words>,
    /// By when people have to be rid of it, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deadline_ms: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exemption: Option<Exempting>,
}

/// Whose exemption, and what for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Exempting {
    layer: String,
    purpose: Words,
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
    pub(super) fn of(ruleset: &Ruleset, verdict: Verdict) -> Option<Self> {
        let (
            Policy {
                layer,
                organisation: Organisation { name, .. },
                stance,
                ..
            },
            rule,
        ) = ruleset.source(verdict.basis)?;
        let reason = rule.map_or(stance.reason.as_ref(), |rule: &Rule| rule.reason.as_ref());
        let exemption = match verdict.basis {
            Basis::Exempted { exemption } => ruleset.exemption(exemption),
            _ => None,
        };
        Some(Self {
            layer: layer.to_string(),
            organisation: name.into(),
            rule: rule.map(|rule| rule.id.to_string()),
            reason: reason.map(Words::from),
            link: rule.and_then(|rule| rule.link.as_ref()).map(Words::from),
            alternative: rule.and_then(|rule| alternative(ruleset, rule)),
            deadline_ms: verdict.deadline_ms,
            exemption: exemption.map(|(policy, exemption)| Exempting {
                layer: policy.layer.to_string(),
                purpose: (&exemption.purpose).into(),
            }),
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

    pub(super) fn deadline_ms(&self) -> Option<i64> {
        self.deadline_ms
    }

    /// The layer whose exemption keeps the app in use.
    pub(super) fn exempting_layer(&self) -> Option<&str> {
        self.exemption.as_ref().map(|exemption| exemption.layer.as_str())
    }

    pub(super) fn organisation(&self, language: Language) -> String {
        self.organisation.get(language)
    }

    pub(super) fn link(&self, language: Language) -> Option<String> {
        self.link.as_ref().map(|link| link.get(language))
    }

    pub(super) fn alternative(&self, language: Language) -> Option<String> {
        self.alternative.as_ref().map(|name| name.get(language))
    }

    /// In the policy's own words, or in ours where it has none. What keeps an exempted app in use is what the
    /// exemption is for.
    pub(super) fn reason(&self, language: Language) -> Reason {
        if let Some(exemption) = &self.exemption {
            return Reason::Text(exemption.purpose.get(language));
        }
        match (&self.reason, &self.rule) {
            (Some(words), _) => Reason::Text(words.get(language)),
            (None, Some(_)) => Reason::Message(Message::new("reason_forbidden", [])),
            (None, None) => Reason::Message(Message::new("reason_not_approved", [])),
        }
    }
}

/// The name of the app to use instead: as an approval of it calls it, or its package name.
fn alternative(ruleset: &Ruleset, rule: &Rule) -> Option<Words> {
    let package = rule.alternative.as_ref()?;
    let names = |other: &&Rule| {
        let exact =
            |pattern: &PackagePattern| matches!(pattern, PackagePattern::Exact(name) if name == package);
        other.effect == Effect::Allow && other.matches.packages.iter().any(exact)
    };
    let approvals = ruleset
        .layers()
        .iter()
        .flat_map(|policy| &policy.rules)
        .filter(names);
    let name = approvals.filter_map(|approval| approval.name.as_ref()).next();
    Some(name.map_or_else(
        || Words {
            nl: None,
            en: Some(package.clone()),
        },
        Words::from,
    ))
}
