//! What one policy of the small scope has to keep: it says what the naive reading says, and each of the promises of
//! `docs/semantics.md` that one can see by changing a thing and looking what else changes.

use sluis_core::policy::facts::PackageFacts;
use sluis_core::policy::{Layer, RuleName, Ruleset, Verdict};
use sluis_policy::policy::{Effect, Exemption, Remedy, StanceKind};
use sluis_policy::values::Id;

use crate::naive::{self, Said};
use crate::world::{World, said};

pub(super) struct Case<'c> {
    layers: &'c [Layer],
    worlds: &'c [World],
    packages: &'c [PackageFacts],
    all: Vec<Said>,
}

/// Of each world all packages.
fn verdicts(layers: &[Layer], worlds: &[World], packages: &[PackageFacts]) -> Vec<Said> {
    let ruleset = Ruleset::compile(layers.to_vec()).unwrap();
    let mut all = Vec::new();
    for world in worlds {
        let circumstances = world.circumstances();
        let judge = ruleset.at(&circumstances);
        all.extend(packages.iter().map(|package| said(&ruleset, &judge, package)));
    }
    all
}

fn strictness(said: &Said) -> (Option<Remedy>, bool) {
    (said.remedy, said.effect == Effect::Deny)
}

fn stricter_or_equal(all: &[Said], fewer: &[Said]) -> bool {
    assert_eq!(all.len(), fewer.len());
    all.iter()
        .zip(fewer)
        .all(|(all, fewer)| strictness(fewer) <= strictness(all))
}

impl<'c> Case<'c> {
    /// The policies in each of the circumstances, said of each package as the naive reading says it.
    pub(super) fn new(layers: &'c [Layer], worlds: &'c [World], packages: &'c [PackageFacts]) -> Self {
        let case = Self {
            layers,
            worlds,
            packages,
            all: verdicts(layers, worlds, packages),
        };
        case.says_what_the_naive_reading_says();
        case
    }

    pub(super) fn keeps_its_promises(&self) {
        self.order_means_nothing();
        self.a_double_means_nothing();
        self.a_deny_more_never_loosens();
        self.a_layer_never_loosens_another();
        self.an_exemption_touches_only_what_it_names();
        self.what_is_unknown_never_loosens();
        self.alone_as_in_the_whole();
    }

    fn of(&self, layers: &[Layer]) -> Vec<Said> {
        verdicts(layers, self.worlds, self.packages)
    }

    fn says_what_the_naive_reading_says(&self) {
        let naive = self.worlds.iter().flat_map(|world| {
            let naive = |package| naive::judge(self.layers, world, package);
            self.packages.iter().map(naive)
        });
        for (compiled, naive) in self.all.iter().zip(naive) {
            assert_eq!(*compiled, naive, "{:#?}", self.layers);
        }
    }

    fn order_means_nothing(&self) {
        let mut turned = self.layers.to_vec();
        for layer in &mut turned {
            layer.policy.rules.reverse();
            layer.policy.exemptions.reverse();
        }
        assert_eq!(self.of(&turned), self.all, "{:#?}", self.layers);
    }

    /// A double has an id of its own, and is exempted from and obeyed as long as what it doubles.
    fn a_double_means_nothing(&self) {
        let id = |text: &str| Id::parse(text).unwrap();
        let double_of = |rule: &Id| id(&format!("{rule}-double"));
        for (place, layer) in self.layers.iter().enumerate() {
            let mut doubled = self.layers.to_vec();
            let Some(rule) = layer.policy.rules.first() else {
                continue;
            };
            let mut double = rule.clone();
            double.id = double_of(&rule.id);
            doubled[place].policy.rules.push(double);
            for other in &mut doubled {
                let of_the_rule = |exemption: &&Exemption| {
                    exemption.layer.as_ref() == Some(&layer.policy.layer) && exemption.rule == rule.id
                };
                let mut more: Vec<_> = other
                    .policy
                    .exemptions
                    .iter()
                    .filter(of_the_rule)
                    .cloned()
                    .collect();
                more.iter_mut()
                    .for_each(|exemption| exemption.rule = double_of(&rule.id));
                other.policy.exemptions.extend(more);
            }
            let name = |rule: Id| RuleName {
                layer: layer.policy.layer.clone(),
                rule,
            };
            let mut worlds = self.worlds.to_vec();
            for world in &mut worlds {
                let (first, second) = (name(rule.id.clone()), name(double_of(&rule.id)));
                let past = &mut world.past;
                if let Some(activation) = past.activations.get(&first).cloned() {
                    past.activations.insert(second.clone(), activation);
                }
                if let Some(exempted) = past.exempted.get(&first).cloned() {
                    past.exempted.insert(second, exempted);
                }
            }
            assert_eq!(
                verdicts(&doubled, &worlds, self.packages),
                self.all,
                "{:#?}",
                self.layers
            );
        }
    }

    fn a_deny_more_never_loosens(&self) {
        for (place, layer) in self.layers.iter().enumerate() {
            for (number, rule) in layer.policy.rules.iter().enumerate() {
                if rule.effect == Effect::Deny {
                    let mut fewer = self.layers.to_vec();
                    fewer[place].policy.rules.remove(number);
                    assert!(
                        stricter_or_equal(&self.all, &self.of(&fewer)),
                        "{:#?}",
                        self.layers
                    );
                }
            }
        }
    }

    /// What a layer forbids by itself it forbids beside the other: of what it says the other takes away only what it
    /// was given, by `exemptible_by` and `approvals_from`.
    fn a_layer_never_loosens_another(&self) {
        if self.layers.len() < 2 {
            return;
        }
        for place in 0..self.layers.len() {
            let mut kept = self.layers.to_vec();
            let policy = &mut kept[place].policy;
            policy.stance.approvals_from.clear();
            policy
                .rules
                .iter_mut()
                .for_each(|rule| rule.exemptible_by.clear());
            let together = self.of(&kept);
            let worlds: Vec<World> = self
                .worlds
                .iter()
                .map(|world| World {
                    floors: vec![world.floors[place]],
                    ..world.clone()
                })
                .collect();
            let alone = verdicts(&kept[place..=place], &worlds, self.packages);
            assert!(stricter_or_equal(&together, &alone), "{:#?}", self.layers);
        }
    }

    fn an_exemption_touches_only_what_it_names(&self) {
        for (by, layer) in self.layers.iter().enumerate() {
            for (number, exemption) in layer.policy.exemptions.iter().enumerate() {
                let mut without = self.layers.to_vec();
                without[by].policy.exemptions.remove(number);
                let bare = self.of(&without);
                // It loosens only.
                assert!(stricter_or_equal(&bare, &self.all), "{:#?}", self.layers);
                // Its packages.
                let named = |name: &str| {
                    exemption
                        .packages
                        .iter()
                        .any(|pattern| pattern.to_string() == name)
                };
                let names = self.packages.iter().map(|package| package.name.as_str());
                for ((name, with), bare) in names.cycle().zip(&self.all).zip(&bare) {
                    assert!(
                        named(name) || with == bare,
                        "{name} {exemption:?} {:#?}",
                        self.layers
                    );
                }
                // Its groups: whoever is in none of them is judged as if it were not there.
                let strangers: Vec<World> = self
                    .worlds
                    .iter()
                    .map(|world| World {
                        groups: vec![],
                        ..world.clone()
                    })
                    .collect();
                assert_eq!(
                    verdicts(self.layers, &strangers, self.packages),
                    verdicts(&without, &strangers, self.packages),
                    "{:#?}",
                    self.layers
                );
                self.touches_only_its_rule(by, number, &bare);
            }
        }
    }

    /// Where neither its rule nor its stance is, an exemption changes nothing: so it touches no other.
    fn touches_only_its_rule(&self, by: usize, number: usize, bare: &[Said]) {
        let exemption = &self.layers[by].policy.exemptions[number];
        let mut with = self.layers.to_vec();
        let Some(of) = with
            .iter_mut()
            .find(|layer| Some(&layer.policy.layer) == exemption.layer.as_ref())
        else {
            assert_eq!(self.all, bare, "{:#?}", self.layers);
            return;
        };
        if of.policy.stance.id == exemption.rule {
            of.policy.stance.kind = StanceKind::Open;
            of.policy.stance.approvals_from.clear();
        } else {
            of.policy.rules.retain(|rule| rule.id != exemption.rule);
        }
        let mut without = with.clone();
        without[by].policy.exemptions.remove(number);
        assert_eq!(self.of(&with), self.of(&without), "{:#?}", self.layers);
    }

    /// The last of three is a package of which it is not known whether it came with the phone, as the first and the
    /// second did not and did.
    fn what_is_unknown_never_loosens(&self) {
        for three in self.all.chunks(3) {
            let [added, system, unknown] = three else {
                panic!("packages come in threes");
            };
            for known in [added, system] {
                assert!(
                    strictness(known) <= strictness(unknown),
                    "{three:?} {:#?}",
                    self.layers
                );
            }
        }
    }

    fn alone_as_in_the_whole(&self) {
        let ruleset = Ruleset::compile(self.layers.to_vec()).unwrap();
        let mut together: Vec<Verdict> = Vec::new();
        for world in self.worlds {
            let circumstances = world.circumstances();
            ruleset
                .at(&circumstances)
                .evaluate_all(self.packages, &mut together);
            for (package, in_the_whole) in self.packages.iter().zip(&together) {
                assert_eq!(
                    ruleset.at(&circumstances).evaluate(package),
                    *in_the_whole,
                    "{:#?}",
                    self.layers
                );
            }
        }
    }
}
