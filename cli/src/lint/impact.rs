//! What rules would change on real phones: a rule that changes more than phones take at once is probably a mistake.

use std::collections::HashMap;

use sluis_core::plan::floor::Floor;
use sluis_core::policy::facts::PackageFacts;
use sluis_core::policy::{Circumstances, Judge, Layer, Past, Ruleset};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::lint::checks::MANY_CHANGES;
use sluis_policy::lint::{Document, Finding};
use sluis_policy::policy::Policy;
use sluis_policy::values::Id;

use crate::failure::Failure;
use crate::inventory::{Device, Inventories};
use crate::output::shown;

/// How many apps of a phone a new version of that policy may newly forbid without being confirmed.
fn max_changes(policy: &Policy) -> usize {
    policy.limits.unwrap_or_default().max_changes.apps()
}

/// What changes apps: a rule or a closed stance, by its layer and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    Rule { layer: usize, rule: usize },
    Stance { layer: usize },
}

/// Rules by their layer and id.
type Places<'p> = HashMap<(&'p Id, &'p Id), Cause>;

/// What one cause changes on all phones.
struct Tally {
    cause: Cause,
    /// Phones on which it is more than the layer allows.
    phones: usize,
    /// The phone with the most, and what it changes there.
    worst: (String, Vec<String>),
}

/// A finding for each rule and stance that changes too many apps of a phone. Where a policy cannot be used there are none:
/// that is told already.
pub(super) fn findings(
    documents: &[Document<'_>],
    catalogue: &Catalogue,
    phones: Inventories<'_>,
    now_ms: i64,
) -> Result<Vec<Finding>, Failure> {
    let policies = documents
        .iter()
        .map(|document| Policy::parse(document.name, document.bytes));
    let Ok(policies) = policies.collect::<Result<Vec<Policy>, _>>() else {
        return Ok(Vec::new());
    };
    let layers = policies.iter().map(|policy| Layer {
        policy: policy.clone(),
        catalogue: catalogue.clone(),
    });
    let Ok(ruleset) = Ruleset::compile(layers.collect()) else {
        return Ok(Vec::new());
    };
    let past = Past::default();
    let circumstances = Circumstances::on_a_desk(now_ms, &past);
    let judge = ruleset.at(&circumstances);
    let mut places = HashMap::new();
    for (layer, policy) in policies.iter().enumerate() {
        let rules = policy.rules.iter().enumerate();
        places.extend(rules.map(|(rule, of)| ((&policy.layer, &of.id), Cause::Rule { layer, rule })));
    }
    let (mut tallies, mut read) = (Vec::new(), 0);
    for phone in phones {
        let phone = phone.map_err(|error| Failure::unusable(error.to_string()))?;
        if phone.is_unknown() {
            continue;
        }
        count(&judge, &policies, &places, &phone, &mut tallies);
        read += 1;
    }
    if read == 0 {
        return Err(Failure::unusable("no inventory could be read"));
    }
    Ok(tallies
        .iter()
        .filter_map(|tally| finding(tally, documents, &policies, read))
        .collect())
}

/// Adds what is changed on one phone.
fn count(
    judge: &Judge<'_>,
    policies: &[Policy],
    places: &Places<'_>,
    phone: &Device,
    tallies: &mut Vec<Tally>,
) {
    let mut changed: Vec<(Cause, Vec<String>)> = Vec::new();
    let denied = |_: &str| false;
    let floor = Floor::new(&phone.roles, denied);
    for package in &phone.packages {
        if floor.clause_of_held(package).is_some() {
            continue;
        }
        for cause in causes(judge, places, package) {
            match changed.iter_mut().find(|(other, _)| *other == cause) {
                Some((_, packages)) => packages.push(package.name.clone()),
                None => changed.push((cause, vec![package.name.clone()])),
            }
        }
    }
    for (cause, packages) in changed {
        let (Cause::Rule { layer, .. } | Cause::Stance { layer }) = cause;
        let too_many = policies
            .get(layer)
            .is_some_and(|policy| packages.len() > max_changes(policy));
        if !too_many {
            continue;
        }
        match tallies.iter_mut().find(|tally| tally.cause == cause) {
            Some(tally) => {
                tally.phones += 1;
                if packages.len() > tally.worst.1.len() {
                    tally.worst = (phone.name.clone(), packages);
                }
            }
            None => tallies.push(Tally {
                cause,
                phones: 1,
                worst: (phone.name.clone(), packages),
            }),
        }
    }
}

/// What keeps that app from use, now or after a grace.
fn causes(judge: &Judge<'_>, places: &Places<'_>, package: &PackageFacts) -> Vec<Cause> {
    let explanation = judge.explain(package);
    let denials = explanation
        .denials
        .iter()
        .filter(|denial| denial.exemption.is_none());
    let rules = denials.filter_map(|denial| {
        let (policy, rule) = judge.ruleset().rule(denial.rule)?;
        places.get(&(&policy.layer, &rule.id)).copied()
    });
    let stances = explanation
        .not_approved
        .iter()
        .filter(|(_, exemption)| exemption.is_none());
    let stances = stances.map(|(layer, _)| Cause::Stance {
        layer: *layer as usize,
    });
    rules.chain(stances).collect()
}

fn finding(tally: &Tally, documents: &[Document<'_>], policies: &[Policy], phones: usize) -> Option<Finding> {
    let (layer, pointer, rule) = match tally.cause {
        Cause::Rule { layer, rule } => (layer, format!("/rules/{rule}"), Some(rule)),
        Cause::Stance { layer } => (layer, "/stance".to_owned(), None),
    };
    let policy = policies.get(layer)?;
    let rule = rule.and_then(|rule| policy.rules.get(rule)).map(|rule| &rule.id);
    let (phone, packages) = (shown(&tally.worst.0), &tally.worst.1);
    let most = max_changes(policy);
    let of = match phones {
        1 => format!("on {phone} this is against {} apps", packages.len()),
        n => format!(
            "on {} of {n} phones this is against more than {most} apps; on {phone} against {}",
            tally.phones,
            packages.len()
        ),
    };
    let examples: Vec<&str> = packages.iter().take(3).map(String::as_str).collect();
    let message = format!(
        "{of} ({}, …); a phone that obeys a version which left them alone holds this one back where that one allows \
         {most} (`limits.max_changes`), until `limits.confirmed` confirms it",
        examples.join(", ")
    );
    let document = documents.get(layer)?;
    Some(Finding::new(
        &MANY_CHANGES,
        *document,
        policy,
        rule,
        &pointer,
        message,
    ))
}

#[cfg(test)]
mod tests {
    use sluis_core::plan::floor;
    use sluis_core::policy::facts::Roles;
    use sluis_policy::lint::ALWAYS_ON_THE_FLOOR;

    use super::*;

    #[test]
    fn what_lint_says_of_the_floor_is_what_the_floor_protects() {
        // Nobody holds any role, so that nothing is protected but by its name.
        let roles: Roles = floor::roles().map(|role| (role.to_owned(), Vec::new())).collect();
        let denied = |_: &str| true;
        let floor = Floor::new(&roles, denied);
        let protected = |name: &str| {
            let package = PackageFacts {
                name: name.to_owned(),
                ..PackageFacts::default()
            };
            floor.clause_of_held(&package).is_some()
        };
        for name in ALWAYS_ON_THE_FLOOR {
            assert!(protected(name), "{name}");
        }
        assert!(!protected("com.android.settings"), "nothing but names");
    }
}
