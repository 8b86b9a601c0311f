//! What a naive reading of `docs/semantics.md` says: slow, and plain to see. Nothing here is shared with the compiled
//! rule set but the types of documents and facts.

use sluis_core::policy::Layer;
use sluis_core::policy::facts::PackageFacts;
use sluis_policy::catalogue::{Control, Vendor};
use sluis_policy::policy::{ComponentPattern, Effect, Exemption, Match, Remedy, Rule, StanceKind};
use sluis_policy::values::{Digest, PackagePattern};

use crate::world::World;

/// What comes of a package, in words: effect, remedy, who decided, deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) effect: Effect,
    pub(crate) remedy: Option<Remedy>,
    /// "rule l0/r1", "stance l0", "exempt l0/r1", "nothing".
    pub(crate) by: String,
    pub(crate) deadline_ms: Option<i64>,
}

#[derive(Clone, Copy, PartialEq)]
enum Truth {
    Yes,
    No,
    Unknown,
}
use Truth::{No, Unknown, Yes};

fn any(truths: impl IntoIterator<Item = Truth>) -> Truth {
    let truths: Vec<Truth> = truths.into_iter().collect();
    match () {
        () if truths.contains(&Yes) => Yes,
        () if truths.contains(&Unknown) => Unknown,
        () => No,
    }
}

fn all(truths: impl IntoIterator<Item = Truth>) -> Truth {
    let truths: Vec<Truth> = truths.into_iter().collect();
    match () {
        () if truths.contains(&No) => No,
        () if truths.contains(&Unknown) => Unknown,
        () => Yes,
    }
}

fn truth(holds: bool) -> Truth {
    if holds { Yes } else { No }
}

/// A rule that denies the package, in force.
struct Denial<'l> {
    place: usize,
    rule: &'l Rule,
    /// What it asks for from which moment on; `None` is now. Of a removal, whether it is certain too.
    steps: Vec<(Option<i64>, bool, Remedy)>,
    /// Of the exemption that suppresses it: its number among all, and its end.
    exemption: Option<(usize, i64)>,
}

impl Denial<'_> {
    fn now(&self) -> Option<Remedy> {
        let due = self.steps.iter().filter(|(_, due, _)| *due);
        due.map(|(_, _, remedy)| *remedy).max()
    }

    /// Moments at which it will ask for more than it asks for now.
    fn later(&self) -> Vec<(i64, Remedy)> {
        let stricter = self
            .steps
            .iter()
            .filter(|(_, due, remedy)| !due && Some(*remedy) > self.now());
        stricter
            .map(|(moment, _, remedy)| (moment.unwrap(), *remedy))
            .collect()
    }
}

pub(crate) fn judge(layers: &[Layer], world: &World, package: &PackageFacts) -> Said {
    let mut denials: Vec<Denial<'_>> = Vec::new();
    let mut advice: Vec<(usize, &Rule)> = Vec::new();
    let mut approvals: Vec<(usize, &Rule)> = Vec::new();
    for (place, layer) in layers.iter().enumerate() {
        for rule in &layer.policy.rules {
            if !matches(layer, rule, package) || !in_force(world, place, rule) {
                continue;
            }
            match rule.effect {
                Effect::Deny => denials.push(denial(layers, world, place, rule, package)),
                Effect::Advise => advice.push((place, rule)),
                Effect::Allow => approvals.push((place, rule)),
            }
        }
    }
    let mut unapproved: Vec<(usize, Option<(usize, i64)>)> = Vec::new();
    for (place, layer) in layers.iter().enumerate() {
        let stance = &layer.policy.stance;
        let counts =
            |other: usize| other == place || stance.approvals_from.contains(&layers[other].policy.layer);
        let approved = approvals.iter().any(|(other, _)| counts(*other));
        if stance.kind == StanceKind::Closed
            && !stance.audit_only
            && !approved
            && package.system != Some(true)
        {
            unapproved.push((
                place,
                best_exemption(layers, world, place, stance.id.as_str(), package),
            ));
        }
    }
    let standing: Vec<&Denial<'_>> = denials.iter().filter(|d| d.exemption.is_none()).collect();
    let closed: Option<usize> = unapproved
        .iter()
        .find(|(_, exemption)| exemption.is_none())
        .map(|(place, _)| *place);
    let remedy = standing
        .iter()
        .map(|d| d.now())
        .chain(closed.map(|_| Some(Remedy::Suspend)))
        .max()
        .flatten();
    let later = denials
        .iter()
        .flat_map(Denial::later)
        .filter(|(_, more)| Some(*more) > remedy);
    let exempt_stances = unapproved
        .iter()
        .filter_map(|(_, exemption)| *exemption)
        .map(|(_, end)| (end, Remedy::Suspend));
    let deadline_ms = later
        .chain(exempt_stances.filter(|(_, more)| Some(*more) > remedy))
        .map(|(moment, _)| moment)
        .min();
    let name = |place: usize, rule: &Rule| format!("{}/{}", layers[place].policy.layer, rule.id);
    let (effect, by) = if let Some(denial) = decisive(&standing, remedy) {
        (Effect::Deny, format!("rule {}", name(denial.place, denial.rule)))
    } else if let Some(place) = closed {
        (Effect::Deny, format!("stance {}", layers[place].policy.layer))
    } else if let Some((place, rule)) = first(&advice) {
        (Effect::Advise, format!("rule {}", name(place, rule)))
    } else if !denials.is_empty() {
        denials.sort_by_key(|d| {
            (
                std::cmp::Reverse(d.rule.remedy.unwrap_or_default()),
                d.place,
                d.rule.id.clone(),
            )
        });
        (
            Effect::Allow,
            format!("exempt {}", name(denials[0].place, denials[0].rule)),
        )
    } else if let Some((place, _)) = unapproved.first() {
        (Effect::Allow, format!("exempt {}", layers[*place].policy.layer))
    } else if let Some((place, rule)) = first(&approvals) {
        (Effect::Allow, format!("rule {}", name(place, rule)))
    } else {
        (Effect::Allow, "nothing".to_owned())
    };
    Said {
        effect,
        remedy,
        by,
        deadline_ms,
    }
}

/// The rule that is named where rules deny: one that asks for what is done, else the one whose time comes first.
fn decisive<'d, 'l>(standing: &[&'d Denial<'l>], remedy: Option<Remedy>) -> Option<&'d Denial<'l>> {
    let mut asking: Vec<&Denial<'_>> = standing.iter().copied().filter(|d| d.now() == remedy).collect();
    asking.sort_by_key(|d| {
        let first = d.later().into_iter().map(|(moment, _)| moment).min();
        (
            first.filter(|_| remedy.is_none()),
            std::cmp::Reverse(d.rule.remedy.unwrap_or_default()),
            d.place,
            d.rule.id.clone(),
        )
    });
    asking.first().copied()
}

/// By layer as they come; within one by id.
fn first<'l>(rules: &[(usize, &'l Rule)]) -> Option<(usize, &'l Rule)> {
    rules
        .iter()
        .copied()
        .min_by_key(|(place, rule)| (*place, rule.id.clone()))
}

fn in_force(world: &World, place: usize, rule: &Rule) -> bool {
    let (now, floor) = (world.now(place), world.floors[place]);
    let certain = |moment: i64| floor.is_some_and(|floor| floor >= moment);
    let (begun, over) = match rule.effect {
        Effect::Allow => (
            rule.from.is_none_or(|from| certain(from.ms())),
            rule.until.is_some_and(|until| now >= until.ms()),
        ),
        _ => (
            rule.from.is_none_or(|from| now >= from.ms()),
            rule.until.is_some_and(|until| certain(until.ms())),
        ),
    };
    // Which phones are rolled out to is a hash, which is tested elsewhere; here the phone has no id.
    let rolled_out = rule
        .rollout
        .is_none_or(|r| rule.effect != Effect::Allow || r.percent() == 100);
    begun && !over && !rule.audit_only && rolled_out
}

fn denial<'l>(
    layers: &'l [Layer],
    world: &World,
    place: usize,
    rule: &'l Rule,
    package: &PackageFacts,
) -> Denial<'l> {
    let (now, floor) = (world.now(place), world.floors[place]);
    let layer = layers[place].policy.layer.as_str();
    let exemption = best_exemption(layers, world, place, rule.id.as_str(), package);
    let activated = world.activation(layer, rule.id.as_str());
    let was_first = activated.is_none_or(|(_, present)| present.contains(&package.name));
    let began = activated.map_or(now, |(at, _)| at.min(now));
    let ended = match exemption {
        Some((_, end)) => Some(end),
        None => world
            .exempted(layer, rule.id.as_str(), &package.name)
            .map(|ended| ended.unwrap_or(now).min(now)),
    };
    let mut due: Vec<i64> = Vec::new();
    if let Some(grace) = rule.grace {
        let starts = was_first.then_some(began).into_iter().chain(ended);
        due.extend(starts.map(|start| start + grace.ms()));
    }
    due.extend(exemption.map(|(_, end)| end));
    let due = due.into_iter().max();
    let fourteen_days = 14 * 86_400_000;
    let gone: Vec<i64> = [
        due,
        rule.from.map(|from| from.ms()),
        ended.map(|ended| ended + fourteen_days),
    ]
    .into_iter()
    .flatten()
    .collect();
    let gone = gone.into_iter().max();
    let reached = |moment: Option<i64>| moment.is_none_or(|moment| now >= moment);
    let certain =
        |moment: Option<i64>| moment.is_none_or(|moment| floor.is_some_and(|floor| floor >= moment));
    let steps = match rule.remedy.unwrap_or_default() {
        Remedy::Remove => vec![
            (due, reached(due), Remedy::Suspend),
            (gone, reached(gone) && certain(gone), Remedy::Remove),
        ],
        other => vec![(due, reached(due), other)],
    };
    Denial {
        place,
        rule,
        steps,
        exemption,
    }
}

/// The exemption that lasts longest, with its end; of several the first.
fn best_exemption(
    layers: &[Layer],
    world: &World,
    place: usize,
    target: &str,
    package: &PackageFacts,
) -> Option<(usize, i64)> {
    let mut found: Vec<(usize, i64)> = Vec::new();
    let mut number = 0;
    for (by, layer) in layers.iter().enumerate() {
        for exemption in &layer.policy.exemptions {
            number += 1;
            if let Some(end) = exempts(layers, world, (by, exemption), place, target, package) {
                found.push((number, end));
            }
        }
    }
    found.sort_by_key(|(number, end)| (std::cmp::Reverse(*end), *number));
    found.first().copied()
}

fn exempts(
    layers: &[Layer],
    world: &World,
    (by, exemption): (usize, &Exemption),
    place: usize,
    target: &str,
    package: &PackageFacts,
) -> Option<i64> {
    let (own, other) = (&layers[by].policy, &layers[place].policy);
    let named = exemption.layer.as_ref().unwrap_or(&own.layer);
    let covers = exemption.packages.iter().any(|pattern| match pattern {
        PackagePattern::Exact(name) => *name == package.name,
        PackagePattern::Prefix(prefix) => package.name.starts_with(prefix.as_str()),
    });
    if *named != other.layer || exemption.rule.as_str() != target || !covers {
        return None;
    }
    let rule = other.rules.iter().find(|rule| rule.id.as_str() == target);
    let mut end = exemption.until.ms();
    match rule {
        Some(rule) if by != place && !rule.exemptible_by.contains(&own.layer) => return None,
        None if by != place => return None,
        Some(rule) => {
            if let Some(longest) = rule.max_exemption {
                end = end.min(exemption.from?.ms() + longest.ms());
            }
        }
        None => {}
    }
    let (now, floor) = (world.now(by), world.floors[by]);
    let begun = exemption
        .from
        .is_none_or(|from| floor.is_some_and(|floor| floor >= from.ms()));
    let memberships = world.groups.iter().filter(|member| {
        let begun = member
            .from_ms
            .is_none_or(|from| floor.is_some_and(|floor| floor >= from));
        let ours = member.layer == own.layer && exemption.groups.contains(&member.group);
        ours && begun && member.until_ms > now
    });
    let member_until = memberships.map(|member| member.until_ms).max()?;
    (begun && end > now).then(|| end.min(member_until))
}

fn matches(layer: &Layer, rule: &Rule, package: &PackageFacts) -> bool {
    let loosens = rule.effect == Effect::Allow;
    let matched = holds(layer, &rule.matches, rule.matches.system, loosens, package);
    // Whatever its origin, what forbids lets an app go only if it would let it go as a part of the phone too.
    let mut taken = package.clone();
    if !loosens && taken.system.is_none() {
        taken.system = Some(true);
    }
    let excepted = rule.except.as_ref().map_or(No, |except| {
        holds(
            layer,
            except,
            except.system.or(rule.matches.system),
            !loosens,
            &taken,
        )
    });
    matched == Yes && if loosens { excepted == No } else { excepted != Yes }
}

fn holds(layer: &Layer, m: &Match, system: Option<bool>, loosens: bool, package: &PackageFacts) -> Truth {
    let came_with_the_phone = package.system == Some(true);
    if came_with_the_phone && system == Some(false) {
        return No;
    }
    // A part of the system is reached by its exact name; by anything wider only if the rule says so.
    let wide = !came_with_the_phone || system == Some(true);
    let reached = |found: Truth| if wide { found } else { No };
    let named = |pattern: &PackagePattern| match pattern {
        PackagePattern::Exact(name) => truth(*name == package.name),
        PackagePattern::Prefix(prefix) => reached(truth(package.name.starts_with(prefix.as_str()))),
    };
    let signed = |keys: &[Digest]| {
        let Some(signers) = &package.signers else {
            return if keys.is_empty() { No } else { Unknown };
        };
        let known = |key: &Digest| keys.contains(key);
        let found = match loosens {
            true => !signers.current.is_empty() && signers.current.iter().all(known),
            false => signers.current.iter().chain(&signers.lineage).any(known),
        };
        match found {
            true => Yes,
            false if signers.current.is_empty() && !keys.is_empty() => Unknown,
            false => No,
        }
    };
    let at = |hosts: &[String]| match &package.web_origin {
        _ if hosts.is_empty() => No,
        Some(address) => {
            let host = address.trim_start_matches("https://").trim_end_matches('/');
            truth(
                hosts
                    .iter()
                    .any(|h| host == h || host.ends_with(&format!(".{h}"))),
            )
        }
        None if package.name.starts_with("org.chromium.webapk.") => Unknown,
        None => No,
    };
    let vendors = |wanted: &dyn Fn(&Vendor) -> bool| {
        let sure = |v: &&Vendor| m.contested || v.control_assessment == Control::Clear;
        let meant: Vec<&Vendor> = layer
            .catalogue
            .vendors
            .iter()
            .filter(sure)
            .filter(|v| wanted(v))
            .collect();
        let keys: Vec<Digest> = meant
            .iter()
            .flat_map(|v| v.signers.iter().filter(|s| !s.platform).map(|s| s.sha256))
            .collect();
        let by_name = meant
            .iter()
            .any(|v| v.packages.iter().any(|app| app.package == package.name));
        let mut ways = vec![truth(by_name), signed(&keys)];
        if !loosens {
            let hosts: Vec<String> = meant.iter().flat_map(|v| v.domains.clone()).collect();
            ways.push(at(&hosts));
            ways.extend(meant.iter().flat_map(|v| &v.prefixes).map(named));
        }
        reached(any(ways))
    };
    let mut attributes = Vec::new();
    if !m.packages.is_empty() {
        attributes.push(any(m.packages.iter().map(named)));
    }
    if !m.signers.is_empty() {
        attributes.push(reached(signed(&m.signers)));
    }
    if !m.vendors.is_empty() {
        attributes.push(vendors(&|v| m.vendors.contains(&v.id)));
    }
    if !m.controlled_from.is_empty() {
        attributes.push(vendors(&|v| {
            v.country_of_control
                .is_some_and(|c| m.controlled_from.contains(&c))
        }));
    }
    if !m.installers.is_empty() {
        let by = |installer: &String| truth(m.installers.contains(installer));
        attributes.push(reached(package.installer.as_ref().map_or(Unknown, by)));
    }
    if !m.web_origins.is_empty() {
        let hosts: Vec<String> = m.web_origins.iter().map(ToString::to_string).collect();
        attributes.push(reached(at(&hosts)));
    }
    if !m.permissions.is_empty() {
        let asks = |asked: &Vec<String>| truth(asked.iter().any(|p| m.permissions.contains(p)));
        attributes.push(reached(package.permissions.as_ref().map_or(Unknown, asks)));
    }
    if !m.components.is_empty() {
        let has = |classes: &Vec<String>| truth(classes.iter().any(|class| is_component(layer, m, class)));
        attributes.push(reached(package.components.as_ref().map_or(Unknown, has)));
    }
    if let Some(below) = m.version_below {
        attributes.push(package.version_code.map_or(Unknown, |code| truth(code < below)));
    }
    all(attributes)
}

fn is_component(layer: &Layer, m: &Match, class: &str) -> bool {
    m.components.iter().any(|component| match component {
        ComponentPattern::Class(PackagePattern::Exact(name)) => name == class,
        ComponentPattern::Class(PackagePattern::Prefix(prefix)) => class.starts_with(prefix.as_str()),
        ComponentPattern::Sdk(id) => layer.catalogue.components.iter().any(|sdk| {
            let sure = m.contested || sdk.control_assessment == Control::Clear;
            sdk.id == *id && sure && sdk.has_class(class)
        }),
    })
}
