//! What policies say that a list of apps cannot.

use sluis_policy::policy::{Effect, Match, Policy, Remedy, Rule};
use sluis_policy::rfc3339;
use sluis_policy::values::PackagePattern;

/// One line for each thing that is not expressed, with layer and rule.
pub(super) fn lines(policies: &[Policy], now_ms: i64) -> Vec<String> {
    let mut lines = Vec::new();
    for policy in policies {
        for rule in &policy.rules {
            let of_rule = |what: String| format!("{}/{}: {what}", policy.layer, rule.id);
            lines.extend(of(rule, now_ms).into_iter().map(of_rule));
        }
        for exemption in &policy.exemptions {
            let groups: Vec<String> = exemption.groups.iter().map(ToString::to_string).collect();
            lines.push(format!(
                "{}: the exemption from `{}` for {}: make a policy of its own for these people",
                policy.layer,
                exemption.rule,
                groups.join(", ")
            ));
        }
        let unsaid = [
            (
                "device",
                policy.device.is_some(),
                "set what it asks of the phone there",
            ),
            (
                "limits",
                policy.limits.is_some(),
                "nothing holds a large change back there",
            ),
            (
                "staleness",
                policy.staleness.is_some(),
                "nothing there knows how old this is",
            ),
            (
                "notify",
                policy.notify.is_some(),
                "what people are told is decided there",
            ),
        ];
        let unsaid = unsaid.iter().filter(|(_, is_there, _)| *is_there);
        lines.extend(unsaid.map(|(field, _, what)| format!("{}: `{field}`: {what}", policy.layer)));
        if policy.stance.audit_only {
            lines.push(format!(
                "{}: its closed stance is only tried, so it closes nothing",
                policy.layer
            ));
        }
    }
    lines
}

fn of(rule: &Rule, now_ms: i64) -> Vec<String> {
    if rule.audit_only {
        return vec!["is only tried, so it does nothing here".into()];
    }
    let when = |ms: i64| rfc3339::format(ms.div_euclid(1000));
    let mut lines = Vec::new();
    if let Some(from) = rule.from.map(|from| from.ms()).filter(|from| *from > now_ms) {
        return vec![format!("begins at {}: export again then", when(from))];
    }
    match rule.until.map(|until| until.ms()) {
        Some(until) if until <= now_ms => return lines,
        Some(until) => lines.push(format!("ends at {}: export again then", when(until))),
        None => {}
    }
    if let Some(rollout) = rule.rollout.filter(|rollout| rollout.percent() < 100) {
        let percent = rollout.percent();
        lines.push(format!(
            "is in force on {percent} of a hundred phones: here it is on all that get this"
        ));
    }
    if rule.effect == Effect::Advise {
        lines.push("advises against apps: there is only blocked and not blocked, so they stay".into());
        return lines;
    }
    lines.extend(unreached(&rule.matches, rule.effect));
    if let Some(except) = &rule.except {
        let beyond = beyond_names(except);
        if !beyond.is_empty() {
            lines.push(format!(
                "excepts apps by {}: they are not excepted here",
                beyond.join(", ")
            ));
        }
    }
    if rule.effect == Effect::Deny {
        if rule.grace.is_some() {
            lines.push(
                "gives a grace to apps that were there first: left out; export without it when it is over"
                    .into(),
            );
        }
        match rule.remedy.unwrap_or_default() {
            Remedy::Suspend => {
                lines.push("blocks what can be unblocked: here the app is uninstalled and its data go".into())
            }
            Remedy::Hide => {
                lines.push("hides what keeps its data: here the app is uninstalled and its data go".into())
            }
            Remedy::Remove => {}
        }
    }
    lines
}

/// What a rule reaches besides apps that somebody names.
fn unreached(matches: &Match, effect: Effect) -> Vec<String> {
    let mut lines = Vec::new();
    let beyond = beyond_names(matches);
    // An approval may ask for a certificate beside the name: the store has one app of each name.
    let asks =
        |what: &&&str| !(effect == Effect::Allow && **what == "certificate" && !matches.packages.is_empty());
    let beyond: Vec<&str> = beyond.iter().filter(asks).copied().collect();
    if !beyond.is_empty() {
        lines.push(format!(
            "matches by {}: nothing is matched by that here",
            beyond.join(", ")
        ));
    }
    let prefixes = matches
        .packages
        .iter()
        .filter(|pattern| matches!(pattern, PackagePattern::Prefix(_)));
    for prefix in prefixes {
        lines.push(format!(
            "matches `{prefix}`: only apps that the catalogue names are matched here"
        ));
    }
    if effect == Effect::Deny && !(matches.vendors.is_empty() && matches.controlled_from.is_empty()) {
        lines.push(
            "matches by vendor: only apps that the catalogue names, not its name prefixes and certificates"
                .into(),
        );
    }
    if matches.system == Some(true) {
        lines.push(
            "also reaches apps that came with the phone: those the management system has to name".into(),
        );
    }
    lines
}

/// The attributes that no list of names can say.
fn beyond_names(matches: &Match) -> Vec<&'static str> {
    let given = [
        ("certificate", !matches.signers.is_empty()),
        ("installer", !matches.installers.is_empty()),
        ("web app", !matches.web_origins.is_empty()),
        ("permission", !matches.permissions.is_empty()),
        ("component", !matches.components.is_empty()),
        ("version", matches.version_below.is_some()),
    ];
    given
        .into_iter()
        .filter(|(_, given)| *given)
        .map(|(what, _)| what)
        .collect()
}
