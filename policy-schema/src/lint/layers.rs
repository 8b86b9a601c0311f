//! What policies say of each other: a phone obeys them together.

use super::checks::{APPROVAL_NOT_COUNTED, FOREIGN_EXEMPTION, SAME_LAYER, SHADOWED, UNKNOWN_LAYER};
use super::cover::{Broad, covers};
use super::page::Page;
use super::rules::{lasts, stands};
use crate::catalogue::Catalogue;
use crate::decode::nearest;
use crate::policy::{Effect, Exemption, Policy, StanceKind};
use crate::values::Id;

pub(super) fn check(pages: &mut [&mut Page<'_>], catalogue: &Catalogue) {
    let policies: Vec<Policy> = pages.iter().map(|page| page.policy.clone()).collect();
    for (i, page) in pages.iter_mut().enumerate() {
        let own = page.policy.clone();
        let before = policies.iter().take(i);
        if before.clone().any(|policy| policy.layer == own.layer) {
            let message = format!(
                "another policy is `{}`, too: a phone refuses two of one name",
                own.layer
            );
            page.find(&SAME_LAYER, "/layer", message);
        }
        let others: Vec<&Policy> = policies
            .iter()
            .filter(|policy| policy.layer != own.layer)
            .collect();
        named_layers(page, &own, &others);
        for (e, exemption) in own.exemptions.iter().enumerate() {
            let layer = exemption.layer.as_ref().filter(|layer| **layer != own.layer);
            if let Some(other) = layer.and_then(|layer| others.iter().find(|p| p.layer == *layer))
                && let Some((field, message)) = refusal(exemption, &own.layer, other)
            {
                page.find_of(
                    &exemption.rule,
                    &FOREIGN_EXEMPTION,
                    format!("/exemptions/{e}/{field}"),
                    message,
                );
            }
        }
        approvals(page, &own, &others);
        overruled(page, &own, &others, catalogue);
    }
}

/// Whether the layers that are named are there.
fn named_layers(page: &mut Page<'_>, own: &Policy, others: &[&Policy]) {
    let mut named: Vec<(String, Option<&Id>, &Id)> = Vec::new();
    let stance = own.stance.approvals_from.iter().enumerate();
    named.extend(stance.map(|(i, layer)| (format!("/stance/approvals_from/{i}"), None, layer)));
    for (r, rule) in own.rules.iter().enumerate() {
        let layers = rule.exemptible_by.iter().enumerate();
        named.extend(layers.map(|(i, layer)| {
            let pointer = format!("/rules/{r}/exemptible_by/{i}");
            (pointer, Some(&rule.id), layer)
        }));
    }
    for (e, exemption) in own.exemptions.iter().enumerate() {
        let layer = exemption.layer.iter();
        named.extend(layer.map(|layer| (format!("/exemptions/{e}/layer"), Some(&exemption.rule), layer)));
    }
    let known: Vec<&str> = others.iter().map(|policy| policy.layer.as_str()).collect();
    for (pointer, rule, layer) in named {
        if *layer == own.layer || known.contains(&layer.as_str()) {
            continue;
        }
        let hint = nearest(layer.as_str(), &known).map(|id| format!(" (perhaps `{id}`)"));
        let message = format!("no policy here is `{layer}`{}", hint.unwrap_or_default());
        match rule {
            Some(rule) => page.find_of(rule, &UNKNOWN_LAYER, pointer, message),
            None => page.find(&UNKNOWN_LAYER, pointer, message),
        }
    }
}

/// Why another layer's rule is not exempted from so, and in which field that stands.
fn refusal(exemption: &Exemption, own: &Id, other: &Policy) -> Option<(&'static str, String)> {
    let (id, layer) = (&exemption.rule, &other.layer);
    if *id == other.stance.id {
        let message = format!("only `{layer}` itself exempts from its stance: this exempts from nothing");
        return Some(("rule", message));
    }
    let Some(rule) = other.rules.iter().find(|rule| rule.id == *id) else {
        let ids: Vec<&str> = other.rules.iter().map(|rule| rule.id.as_str()).collect();
        let hint = nearest(id.as_str(), &ids).map(|id| format!(" (perhaps `{id}`)"));
        let message = format!(
            "`{layer}` has no rule `{id}`{}: this exempts from nothing",
            hint.unwrap_or_default()
        );
        return Some(("rule", message));
    };
    if rule.effect != Effect::Deny {
        let message = format!("rule `{id}` of `{layer}` denies nothing that could be exempted from");
        return Some(("rule", message));
    }
    if !rule.exemptible_by.contains(own) {
        let message = format!(
            "rule `{id}` of `{layer}` does not name `{own}` in `exemptible_by`: this exempts from nothing"
        );
        return Some(("layer", message));
    }
    let longest = rule.max_exemption?;
    match exemption.from {
        None => Some((
            "until",
            format!(
                "rule `{id}` of `{layer}` limits how long an exemption lasts: without `from` this does not count"
            ),
        )),
        Some(from) if exemption.until > from.after(longest) => Some((
            "until",
            format!(
                "rule `{id}` of `{layer}` lets it end at {} at the latest",
                from.after(longest)
            ),
        )),
        Some(_) => None,
    }
}

/// Approvals that a closed layer does not hear of.
fn approvals(page: &mut Page<'_>, own: &Policy, others: &[&Policy]) {
    let Some(first) = own.rules.iter().position(|rule| rule.effect == Effect::Allow) else {
        return;
    };
    for other in others {
        let stance = &other.stance;
        let deaf = !stance.approvals_from.contains(&own.layer);
        if stance.kind == StanceKind::Closed && !stance.audit_only && deaf {
            let message = format!(
                "`{}` has a closed stance and does not name `{}` in `approvals_from`: what this allows stays closed there",
                other.layer, own.layer
            );
            page.find(&APPROVAL_NOT_COUNTED, format!("/rules/{first}"), message);
        }
    }
}

/// Allows of apps that another layer denies at once and whatever comes.
fn overruled(page: &mut Page<'_>, own: &Policy, others: &[&Policy], catalogue: &Catalogue) {
    let others: Vec<(&Policy, Broad<'_>)> = others.iter().map(|p| (*p, Broad::of(&p.rules))).collect();
    for (i, rule) in own.rules.iter().enumerate() {
        if rule.effect != Effect::Allow {
            continue;
        }
        let by = others.iter().find_map(|(other, broad)| {
            let candidates = broad.candidates(&rule.matches).into_iter();
            let mut denies = candidates.filter_map(|place| other.rules.get(place));
            let deny = denies.find(|deny| {
                deny.effect == Effect::Deny
                    && deny.grace.is_none()
                    && stands(deny, other)
                    && lasts(deny, rule)
                    && covers(deny, rule, catalogue)
            });
            Some((other, deny?))
        });
        if let Some((other, deny)) = by {
            let message = format!(
                "rule `{}` of `{}` denies all that this allows, and the strictest layer wins: this approves nothing",
                deny.id, other.layer
            );
            page.find_of(&rule.id, &SHADOWED, format!("/rules/{i}"), message);
        }
    }
}
