//! Cedar, a policy for each rule, so that the policies which determined a decision are its reasons. What nothing permits
//! is denied, as a closed stance does.

use std::collections::{HashMap, HashSet};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityId, EntityTypeName, EntityUid, Policy, PolicyId,
    PolicySet, Request, Response, RestrictedExpression,
};
use serde_json::json;
use sluis_core::policy::facts::PackageFacts;
use sluis_policy::policy::Effect;

use super::Contender;
use super::tables::effects;
use crate::work::{Answer, Values, Work, signer, system};

/// What came with the phone may stay, if nothing forbids it. It is no rule of ours: its number is none.
const CAME_WITH_THE_PHONE: (&str, &str) = (
    "came-with-the-phone",
    "permit (principal, action, resource) when { context.system };",
);

pub struct Cedar {
    form: &'static str,
    /// Id and text of each policy.
    texts: Vec<(String, String)>,
    /// The entities as JSON.
    groups: String,
    effects: Vec<Effect>,
    policies: PolicySet,
    entities: Entities,
    authorizer: Authorizer,
    phones: Vec<Vec<Request>>,
    responses: Vec<Response>,
}

impl Cedar {
    /// Each rule's values are entities of one group.
    pub fn groups(work: &Work) -> Self {
        let texts = work.rules.iter().enumerate().map(|(number, rule)| {
            let group = format!("Group::\"{number}\"");
            let text = match (rule.effect, rule.signers.is_empty()) {
                (Effect::Deny, true) => format!("forbid (principal, action, resource in {group});"),
                (Effect::Deny, false) => format!(
                    "forbid (principal, action, resource) when {{ !context.system && context.signer in {group} }};"
                ),
                (Effect::Advise, _) => format!(
                    "permit (principal, action, resource in Group::\"approved\") when {{ !context.system && ({}) }};",
                    like(&rule.prefixes)
                ),
                (Effect::Allow, _) => format!("permit (principal, action, resource in {group});"),
            };
            (number.to_string(), text)
        });
        Self::new("groups of entities", work, texts.collect(), groups(work))
    }

    /// Each rule's values are a set in its policy.
    pub fn sets(work: &Work) -> Self {
        let approved: Vec<&String> = work
            .rules(Effect::Allow)
            .flat_map(|(_, rule)| &rule.names)
            .collect();
        let approved = json!(approved);
        let texts = work.rules.iter().enumerate().map(|(number, rule)| {
            let (names, signers) = (json!(rule.names), json!(rule.signers));
            let (effect, condition) = match (rule.effect, rule.signers.is_empty()) {
                (Effect::Deny, true) => ("forbid", format!("{names}.contains(context.name)")),
                (Effect::Deny, false) => (
                    "forbid",
                    format!("!context.system && {signers}.contains(context.certificate)"),
                ),
                (Effect::Advise, _) => (
                    "permit",
                    format!(
                        "!context.system && ({}) && {approved}.contains(context.name)",
                        like(&rule.prefixes)
                    ),
                ),
                (Effect::Allow, _) => ("permit", format!("{names}.contains(context.name)")),
            };
            (
                number.to_string(),
                format!("{effect} (principal, action, resource) when {{ {condition} }};"),
            )
        });
        Self::new("sets in policies", work, texts.collect(), "[]".into())
    }

    fn new(form: &'static str, work: &Work, mut texts: Vec<(String, String)>, groups: String) -> Self {
        let (id, text) = CAME_WITH_THE_PHONE;
        texts.push((id.into(), text.into()));
        Self {
            form,
            texts,
            groups,
            effects: effects(work),
            policies: PolicySet::new(),
            entities: Entities::empty(),
            authorizer: Authorizer::new(),
            phones: Vec::new(),
            responses: Vec::new(),
        }
    }
}

fn like(prefixes: &[String]) -> String {
    let patterns: Vec<String> = prefixes
        .iter()
        .map(|prefix| format!("context.name like \"{prefix}*\""))
        .collect();
    patterns.join(" || ")
}

/// Names and signers, each in the groups of the rules that have it. What is approved at all is one more group.
fn groups(work: &Work) -> String {
    let mut parents: HashMap<(&str, &str), HashSet<String>> = HashMap::new();
    for (
        number,
        Values {
            effect,
            names,
            signers,
            ..
        },
    ) in work.rules.iter().enumerate()
    {
        for name in names {
            let groups = parents.entry(("App", name)).or_default();
            groups.insert(number.to_string());
            if *effect == Effect::Allow {
                groups.insert("approved".into());
            }
        }
        for signer in signers {
            parents
                .entry(("Signer", signer))
                .or_default()
                .insert(number.to_string());
        }
    }
    let entity = |((kind, id), groups): ((&str, &str), HashSet<String>)| {
        let groups: Vec<_> = groups
            .iter()
            .map(|id| json!({ "type": "Group", "id": id }))
            .collect();
        json!({ "uid": { "type": kind, "id": id }, "attrs": {}, "parents": groups })
    };
    serde_json::Value::from(parents.into_iter().map(entity).collect::<Vec<_>>()).to_string()
}

fn uid(kind: &str, id: &str) -> EntityUid {
    let kind: EntityTypeName = kind.parse().unwrap();
    EntityUid::from_type_name_and_id(kind, EntityId::new(id))
}

fn request(package: &PackageFacts) -> Request {
    let certificate = signer(package);
    let facts = [
        ("name", RestrictedExpression::new_string(package.name.clone())),
        (
            "signer",
            RestrictedExpression::new_entity_uid(uid("Signer", &certificate)),
        ),
        ("certificate", RestrictedExpression::new_string(certificate)),
        ("system", RestrictedExpression::new_bool(system(package))),
    ];
    let context = Context::from_pairs(facts.map(|(name, fact)| (name.to_owned(), fact))).unwrap();
    let (phone, action) = (uid("Phone", "this"), uid("Action", "use"));
    Request::new(phone, action, uid("App", &package.name), context, None).unwrap()
}

impl Contender for Cedar {
    fn package(&self) -> &'static str {
        "cedar-policy"
    }

    fn form(&self) -> &'static str {
        self.form
    }

    fn load(&mut self) {
        self.policies = PolicySet::new();
        for (id, text) in &self.texts {
            let policy = Policy::parse(Some(PolicyId::new(id)), text).unwrap();
            self.policies.add(policy).unwrap();
        }
        self.entities = Entities::from_json_str(&self.groups, None).unwrap();
    }

    fn prepare(&mut self, phones: &[Vec<PackageFacts>]) {
        let requests = |phone: &Vec<PackageFacts>| phone.iter().map(request).collect();
        self.phones = phones.iter().map(requests).collect();
    }

    fn judge(&mut self, phone: usize) {
        self.responses.clear();
        let Self {
            authorizer,
            policies,
            entities,
            ..
        } = self;
        let answers = self.phones[phone]
            .iter()
            .map(|request| authorizer.is_authorized(request, policies, entities));
        self.responses.extend(answers);
    }

    fn answers(&self) -> Vec<Answer> {
        self.responses
            .iter()
            .map(|response| self.answer(response))
            .collect()
    }
}

impl Cedar {
    fn answer(&self, response: &Response) -> Answer {
        let diagnostics = response.diagnostics();
        assert_eq!(diagnostics.errors().count(), 0);
        let ours = diagnostics
            .reason()
            .filter_map(|id| id.to_string().parse::<u32>().ok());
        match (response.decision(), ours.min()) {
            (Decision::Deny, Some(rule)) => Answer::Denied(rule),
            (Decision::Deny, None) => Answer::NotApproved,
            (Decision::Allow, None) => Answer::NothingSaid,
            (Decision::Allow, Some(rule)) => match self.effects[rule as usize] {
                Effect::Advise => Answer::Advised(rule),
                _ => Answer::Allowed(rule),
            },
        }
    }
}
