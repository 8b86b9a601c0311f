//! A derivation for people, step by step.

use sluis_core::policy::Outcome;
use sluis_core::policy::facts::PackageFacts;

use super::derivation::{Derivation, LayerStep, RuleStep, StanceOutcome, Standing};
use super::witness;
use crate::messages::Messages;
use crate::output::{aligned, shown};
use crate::verdict::{Exempting, Row, done, said};

/// The derivation; with `all`, also the rules that are not about the package.
pub(super) fn render(derivation: &Derivation, all: bool, messages: &Messages) -> String {
    let mut out = Outline(String::new());
    let (name, at) = (shown(&derivation.package.name), &derivation.at);
    out.line(
        0,
        &match &derivation.phone {
            Some(phone) => messages.with("explain_title", &[&name, &shown(phone), at]),
            None => messages.with("explain_title_alone", &[&name, at]),
        },
    );
    out.heading(&messages.get("explain_facts"));
    out.block(&aligned(&facts(&derivation.package, messages)));
    out.heading(&messages.get("explain_floor"));
    floor(&mut out, derivation, messages);
    for layer in &derivation.layers {
        let name = messages.with("explain_layer", &[&layer.layer, &layer.organisation]);
        out.heading(&name);
        of_layer(&mut out, layer, all, messages);
    }
    out.heading(&messages.get("explain_together"));
    together(&mut out, &derivation.verdict, messages);
    out.0.trim_end().to_owned()
}

/// Lines, set in by how deep they stand.
struct Outline(String);

impl Outline {
    fn line(&mut self, depth: usize, text: &str) {
        self.0.push_str(&"  ".repeat(depth));
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn heading(&mut self, text: &str) {
        self.0.push('\n');
        self.line(0, text);
    }

    fn block(&mut self, text: &str) {
        text.lines().for_each(|line| self.line(1, line));
    }
}

/// What is known, and what is not.
fn facts(package: &PackageFacts, messages: &Messages) -> Vec<[String; 2]> {
    let unknown = || messages.get("explain_unknown");
    let yes_no = |fact: Option<bool>| match fact {
        Some(true) => messages.get("explain_yes"),
        Some(false) => messages.get("explain_no"),
        None => unknown(),
    };
    let text = |fact: &Option<String>| fact.as_ref().map_or_else(unknown, |fact| shown(fact));
    let count = |fact: &Option<Vec<String>>| fact.as_ref().map_or_else(unknown, |all| all.len().to_string());
    let signers = |former: bool| match &package.signers {
        None => unknown(),
        Some(signers) => {
            let digests = if former {
                &signers.lineage
            } else {
                &signers.current
            };
            let digests: Vec<String> = digests.iter().map(ToString::to_string).collect();
            match (digests.is_empty(), former) {
                (true, true) => messages.get("explain_none"),
                (true, false) => unknown(),
                (false, _) => digests.join(", "),
            }
        }
    };
    let version = package.version_code.map_or_else(unknown, |code| code.to_string());
    [
        ("explain_fact_label", text(&package.label)),
        ("explain_fact_version", version),
        ("explain_fact_signers", signers(false)),
        ("explain_fact_former_signers", signers(true)),
        ("explain_fact_installer", text(&package.installer)),
        ("explain_fact_system", yes_no(package.system)),
        ("explain_fact_web_origin", text(&package.web_origin)),
        ("explain_fact_permissions", count(&package.permissions)),
        ("explain_fact_components", count(&package.components)),
        ("explain_fact_suspended", yes_no(package.suspended)),
        ("explain_fact_hidden", yes_no(package.hidden)),
    ]
    .map(|(label, value)| [messages.get(label), value])
    .to_vec()
}

fn floor(out: &mut Outline, derivation: &Derivation, messages: &Messages) {
    let floor = &derivation.floor;
    match floor.protected_by.is_empty() {
        true => out.line(1, &messages.get("explain_floor_none")),
        false => out.line(
            1,
            &messages.with("explain_floor_protects", &[&floor.protected_by.join(", ")]),
        ),
    }
    if !floor.unknown.is_empty() {
        out.line(
            1,
            &messages.with("explain_floor_unknown", &[&floor.unknown.join(", ")]),
        );
    }
}

fn of_layer(out: &mut Outline, layer: &LayerStep, all: bool, messages: &Messages) {
    let is_told = |rule: &&RuleStep| all || rule.trace.outcome != Outcome::DoesNotMatch;
    for rule in layer.rules.iter().filter(is_told) {
        of_rule(out, rule, messages);
    }
    let others = layer.rules.iter().filter(|rule| !is_told(rule)).count();
    if others > 0 {
        out.line(1, &messages.with("explain_others", &[&others]));
    }
    out.line(1, &stance(layer, messages));
}

fn of_rule(out: &mut Outline, rule: &RuleStep, messages: &Messages) {
    let mut effect = messages.get(messages.effect(rule.effect));
    if let Some(remedy) = rule.remedy {
        effect = format!("{effect}, {}", messages.get(messages.remedy(remedy)));
    }
    out.line(1, &messages.with("explain_rule", &[&rule.rule, &effect]));
    let outcome = match rule.trace.outcome {
        Outcome::Matches => "explain_matches",
        Outcome::Excepted => "explain_excepted",
        Outcome::Unknown => "explain_depends",
        Outcome::DoesNotMatch => "explain_does_not_match",
    };
    out.line(2, &messages.get(outcome));
    for attribute in &rule.trace.attributes {
        out.line(3, &witness::sentence(attribute, messages));
    }
    for attribute in &rule.trace.except {
        let sentence = witness::sentence(attribute, messages);
        out.line(3, &messages.with("explain_exception", &[&sentence]));
    }
    for line in rule
        .standing
        .iter()
        .flat_map(|standing| standing_lines(standing, messages))
    {
        out.line(2, &line);
    }
    if let (Some(reason), true) = (&rule.reason, rule.standing.is_some()) {
        out.line(2, &messages.with("explain_reason", &[reason]));
    }
}

fn standing_lines(standing: &Standing, messages: &Messages) -> Vec<String> {
    let at = |moment: &Option<String>| moment.clone().unwrap_or_default();
    let one = |line: String| vec![line];
    match standing {
        Standing::AuditOnly => one(messages.get("explain_audit_only")),
        Standing::NotRolledOut(percent) => one(messages.with("explain_not_rolled_out", &[percent])),
        Standing::NotYet(from) => one(messages.with("explain_not_yet", &[&at(from)])),
        Standing::Over(until) => one(messages.with("explain_over", &[&at(until)])),
        Standing::Exempted(exempting) => one(exempted(exempting, messages)),
        Standing::Advises => one(messages.get("explain_advises")),
        Standing::Approves => one(messages.get("explain_approves")),
        Standing::Denies { now, later } => {
            let mut lines = vec![match now {
                Some(remedy) => messages.with("explain_now", &[&messages.get(messages.remedy(*remedy))]),
                None => messages.get("explain_nothing_now"),
            }];
            lines.extend(later.iter().map(|(moment, remedy)| {
                messages.with(
                    "explain_later",
                    &[moment, &messages.get(messages.remedy(*remedy))],
                )
            }));
            lines
        }
    }
}

fn exempted(exempting: &Exempting, messages: &Messages) -> String {
    let Exempting {
        layer,
        purpose,
        until,
        ..
    } = exempting;
    let until = until.clone().unwrap_or_default();
    messages.with("explain_exempted", &[layer, &until, purpose])
}

fn stance(layer: &LayerStep, messages: &Messages) -> String {
    let id = &layer.stance.id;
    match &layer.stance.outcome {
        StanceOutcome::Open => messages.with("explain_stance_open", &[id]),
        StanceOutcome::AuditOnly => messages.with("explain_stance_tried", &[id]),
        StanceOutcome::CameWithThePhone => messages.with("explain_stance_system", &[id]),
        StanceOutcome::ApprovedBy(rules) => {
            messages.with("explain_stance_approved", &[id, &rules.join(", ")])
        }
        StanceOutcome::NotApproved => messages.with("explain_stance_denies", &[id]),
        StanceOutcome::Exempted(exempting) => {
            messages.with("explain_stance_exempted", &[id, &exempted(exempting, messages)])
        }
    }
}

fn together(out: &mut Outline, row: &Row, messages: &Messages) {
    out.line(1, &messages.with("explain_verdict", &[&said(row, messages)]));
    let by = match (&row.layer, &row.rule) {
        (Some(layer), Some(rule)) => Some(format!("{layer}/{rule}")),
        (Some(layer), None) => Some(layer.clone()),
        (None, _) => None,
    };
    match by {
        Some(by) => out.line(1, &messages.with("explain_by", &[&by, &row.reason])),
        None => out.line(1, &messages.with("explain_because", &[&row.reason])),
    }
    if let Some(exempting) = &row.exemption {
        out.line(1, &exempted(exempting, messages));
    }
    for other in &row.also_denied_by {
        let by = match &other.rule {
            Some(rule) => format!("{}/{rule}", other.layer),
            None => messages.with("diff_not_approved", &[&other.layer]),
        };
        let id = match other.exempted {
            true => "explain_also_exempted",
            false => "explain_also",
        };
        out.line(1, &messages.with(id, &[&by]));
    }
    let id = match (row.actions.is_empty(), row.protected_by) {
        (_, Some(_)) => "explain_leaves_alone",
        (true, None) => "explain_does_nothing",
        (false, None) => "explain_does",
    };
    out.line(1, &messages.with(id, &[&done(row, messages)]));
}
