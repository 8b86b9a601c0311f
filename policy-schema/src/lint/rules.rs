//! Rules that do nothing, or more than they seem to: beside other rules, and in time.

use super::checks::{
    ALTERNATIVE_DENIED, GRACE_OUTLIVES_RULE, NEVER_MATCHES, REMOVE_WITHOUT_GRACE, RULE_ENDED, SHADOWED,
};
use super::cover::{Broad, covers, names, reaches, reaches_name};
use super::duration;
use super::page::Page;
use crate::catalogue::Catalogue;
use crate::policy::{Effect, Match, Policy, Remedy, Rule, StanceKind};
use crate::values::Moment;

pub(super) fn check(page: &mut Page<'_>, catalogue: &Catalogue, now_ms: Option<i64>) {
    let policy = page.policy.clone();
    let broad = Broad::of(&policy.rules);
    for (i, rule) in policy.rules.iter().enumerate() {
        let pointer = format!("/rules/{i}");
        if rule
            .except
            .as_ref()
            .is_some_and(|except| excepts_all(except, rule, catalogue))
        {
            let message = "`except` takes out all that `match` takes in: this matches nothing";
            page.find_of(&rule.id, &NEVER_MATCHES, format!("{pointer}/except"), message);
        }
        let others = broad.candidates(&rule.matches);
        let others = others
            .into_iter()
            .filter_map(|other| Some((other, policy.rules.get(other)?)));
        let by = others.filter(|(other, _)| *other != i).find(|(other, wide)| {
            // Of two that say the same, the second is one too many.
            shadows(wide, rule, &policy, catalogue)
                && (*other < i || !shadows(rule, wide, &policy, catalogue))
        });
        if let Some((_, wide)) = by {
            page.find_of(&rule.id, &SHADOWED, pointer.as_str(), shadow(wide, rule));
        }
        alternative(page, rule, &policy, catalogue, &pointer);
        destruction(page, rule, &pointer);
        life(page, rule, now_ms, &pointer);
    }
}

/// Whether nothing is left of a rule. A fact that could not be read gets no app out of a deny, and a name always can be
/// read; a rule that allows is careful the other way round.
fn excepts_all(except: &Match, rule: &Rule, catalogue: &Catalogue) -> bool {
    // An exception reaches what the rule reaches, if it says nothing else.
    let except = Match {
        system: except.system.or(rule.matches.system),
        ..except.clone()
    };
    let names = Match {
        packages: except.packages.clone(),
        system: except.system,
        ..Match::default()
    };
    let certain = rule.effect == Effect::Allow || except == names;
    certain && reaches(&except, &rule.matches, catalogue)
}

/// Whether nothing comes of `narrow` beside `wide`, whenever and wherever.
fn shadows(wide: &Rule, narrow: &Rule, policy: &Policy, catalogue: &Catalogue) -> bool {
    // A grace is counted from when a phone first obeyed the rule, which may have been later than it obeyed the other.
    let at_once = wide.grace.is_none();
    let stronger = match (wide.effect, narrow.effect) {
        (Effect::Deny, Effect::Deny) => {
            at_once && wide.remedy.unwrap_or_default() >= narrow.remedy.unwrap_or_default()
        }
        // Until the grace ends, the approval may still count in another layer.
        (Effect::Deny, Effect::Allow) => at_once,
        (Effect::Deny, Effect::Advise) => true,
        (Effect::Advise, Effect::Advise) | (Effect::Allow, Effect::Allow) => true,
        (Effect::Advise | Effect::Allow, _) => false,
    };
    stronger
        // What is only tried is told apart, and meant to be beside what is in force.
        && !narrow.audit_only
        && stands(wide, policy)
        && lasts(wide, narrow)
        && covers(wide, narrow, catalogue)
}

/// Whether a rule holds on every phone, and no exemption takes it away.
pub(super) fn stands(rule: &Rule, policy: &Policy) -> bool {
    let exempted = policy
        .exemptions
        .iter()
        .any(|e| e.is_own(policy) && e.rule == rule.id);
    !rule.audit_only && rule.rollout.is_none() && rule.exemptible_by.is_empty() && !exempted
}

/// Whether `wide` is in force whenever `narrow` is.
pub(super) fn lasts(wide: &Rule, narrow: &Rule) -> bool {
    let begins = match (wide.from, narrow.from) {
        (None, _) => true,
        (Some(wide), Some(narrow)) => wide <= narrow,
        (Some(_), None) => false,
    };
    let ends = match (wide.until, narrow.until) {
        (None, _) => true,
        (Some(wide), Some(narrow)) => wide >= narrow,
        (Some(_), None) => false,
    };
    // The two ends go by different clocks where one rule forbids and the other allows.
    let same_clocks = (wide.effect == Effect::Allow) == (narrow.effect == Effect::Allow);
    begins && ends && (same_clocks || wide.from.is_none() && wide.until.is_none())
}

fn shadow(wide: &Rule, narrow: &Rule) -> String {
    let id = &wide.id;
    match (wide.effect, narrow.effect) {
        (_, Effect::Allow) if wide.effect == Effect::Deny => {
            format!("rule `{id}` denies all that this allows, and a deny wins: this approves nothing")
        }
        (Effect::Deny, Effect::Advise) => {
            format!("rule `{id}` denies all that this advises against: nobody gets this advice")
        }
        (_, Effect::Allow) => format!("rule `{id}` allows all that this allows: this approves nothing more"),
        (_, Effect::Advise) => {
            format!("rule `{id}` advises against all that this does: nothing more comes of this")
        }
        _ => format!(
            "rule `{id}` denies all that this denies, as strictly or more: nothing more comes of this"
        ),
    }
}

fn alternative(page: &mut Page<'_>, rule: &Rule, policy: &Policy, catalogue: &Catalogue, pointer: &str) {
    let Some(package) = &rule.alternative else { return };
    let named = |other: &&Rule, effect| {
        let certain = other.except.is_none() && !other.audit_only;
        other.effect == effect && certain && reaches_name(&other.matches, package, catalogue)
    };
    let denied = policy.rules.iter().find(|other| named(other, Effect::Deny));
    let may_be_allowed = |other: &Rule| {
        let packages = &other.matches.packages;
        other.effect == Effect::Allow && (packages.is_empty() || packages.iter().any(|p| names(p, package)))
    };
    let stance = &policy.stance;
    let closed = stance.kind == StanceKind::Closed && !stance.audit_only && stance.approvals_from.is_empty();
    let message = match denied {
        Some(other) => format!(
            "rule `{}` denies {package}, which people are told to use instead",
            other.id
        ),
        None if closed && !policy.rules.iter().any(may_be_allowed) => {
            format!("no rule allows {package}, which people are told to use instead")
        }
        None => return,
    };
    page.find_of(
        &rule.id,
        &ALTERNATIVE_DENIED,
        format!("{pointer}/alternative"),
        message,
    );
}

fn destruction(page: &mut Page<'_>, rule: &Rule, pointer: &str) {
    if rule.remedy == Some(Remedy::Remove) && rule.grace.is_none() && !rule.audit_only {
        let message = "the apps are removed at once, and with them what is in them, which may have to be archived; give \
                       people a `grace` to save it, or `hide` the apps";
        page.find_of(
            &rule.id,
            &REMOVE_WITHOUT_GRACE,
            format!("{pointer}/remedy"),
            message,
        );
    }
}

fn life(page: &mut Page<'_>, rule: &Rule, now_ms: Option<i64>, pointer: &str) {
    let Some(until) = rule.until else { return };
    if now_ms.is_some_and(|now| until.ms() <= now) {
        let message = format!("it ended at {until}: this says nothing any more");
        return page.find_of(&rule.id, &RULE_ENDED, format!("{pointer}/until"), message);
    }
    let begins = rule.from.map(Moment::ms).max(now_ms);
    if let (Some(grace), Some(begins)) = (rule.grace, begins)
        && begins.saturating_add(grace.ms()) >= until.ms()
    {
        let message = format!(
            "the rule ends at {until}, {} after it begins; until then everybody who has the app keeps it",
            duration::in_words(until.ms() - begins)
        );
        page.find_of(
            &rule.id,
            &GRACE_OUTLIVES_RULE,
            format!("{pointer}/grace"),
            message,
        );
    }
}
