//! `sluis diff` as an administrator runs it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

const AT: &str = "2026-06-01T00:00:00Z";

struct Desk(tempfile::TempDir);

impl Desk {
    /// A desk with the policies `old.json` and `new.json`, of these rules.
    fn new(old: &Value, new: &Value) -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.write("old.json", policy("city", old).to_string().as_bytes());
        desk.write("new.json", policy("city", new).to_string().as_bytes());
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), bytes).unwrap();
    }

    fn run(&self, command: &str, arguments: &[&str], inventory: &str) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sluis"))
            .current_dir(self.0.path())
            .arg(command)
            .args(arguments)
            .args(["--at", AT])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It may have refused a policy before it reads the inventory.
        let _ = child.stdin.take().unwrap().write_all(inventory.as_bytes());
        child.wait_with_output().unwrap()
    }

    fn diff(&self, inventory: &str, arguments: &[&str]) -> Output {
        let common = ["old.json", "new.json", "--inventory", "-"];
        self.run("diff", &[&common, arguments].concat(), inventory)
    }

    fn json(&self, inventory: &str, arguments: &[&str]) -> Value {
        let output = self.diff(inventory, &[&["--format", "json"], arguments].concat());
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

fn policy(layer: &str, rules: &Value) -> Value {
    json!({
        "format": "sluis.policy/1", "layer": layer, "organisation": { "name": { "en": "City", "nl": "Stad" } },
        "stance": "open", "rules": rules
    })
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn phone(name: &str, packages: &[&str]) -> String {
    let packages: Vec<Value> = packages
        .iter()
        .map(|name| json!({ "name": name, "system": false }))
        .collect();
    format!(
        "{}\n",
        json!({ "format": "sluis.inventory/1", "device": name, "packages": packages })
    )
}

fn rule(id: &str, effect: &str, package: &str) -> Value {
    json!({ "id": id, "effect": effect, "match": { "packages": [package] } })
}

fn with(mut rule: Value, field: &str, value: Value) -> Value {
    rule[field] = value;
    rule
}

/// Of each change: packages and phones.
fn changes(report: &Value) -> BTreeMap<String, (u64, u64)> {
    let changes = report["changes"].as_array().unwrap().iter();
    changes
        .map(|change| {
            let count = |what: &str| change[what].as_u64().unwrap();
            let name = change["change"].as_str().unwrap().to_owned();
            (name, (count("packages"), count("phones")))
        })
        .collect()
}

#[test]
fn each_kind_of_change_is_told_apart_and_put_down_to_its_rule() {
    let deny = |app: &str| rule(app, "deny", &format!("app.{app}"));
    let reason = |words: &str| json!({ "en": words });
    let old = json!([
        deny("released"),
        deny("stricter"),
        with(deny("milder"), "remedy", json!("remove")),
        with(deny("deadline"), "grace", json!("P30D")),
        with(deny("reason"), "reason", reason("Old.")),
        rule("unadvised", "advise", "app.unadvised"),
        deny("same"),
        with(
            with(deny("later"), "grace", json!("P30D")),
            "remedy",
            json!("hide")
        ),
    ]);
    let new = json!([
        deny("denied"),
        with(deny("stricter"), "remedy", json!("hide")),
        with(deny("milder"), "remedy", json!("hide")),
        with(deny("deadline"), "grace", json!("P10D")),
        with(deny("reason"), "reason", reason("New.")),
        rule("advised", "advise", "app.advised"),
        deny("same"),
        with(
            with(deny("later"), "grace", json!("P30D")),
            "remedy",
            json!("remove")
        ),
    ]);
    let apps = [
        "app.released",
        "app.stricter",
        "app.milder",
        "app.deadline",
        "app.reason",
        "app.unadvised",
        "app.same",
        "app.denied",
        "app.advised",
        "app.later",
        "app.other",
    ];
    let report = Desk::new(&old, &new).json(&(phone("a", &apps) + &phone("b", &apps)), &[]);
    let once = |names: &[&str]| {
        names
            .iter()
            .map(|name| ((*name).to_owned(), (2, 2)))
            .collect::<BTreeMap<_, _>>()
    };
    let mut expected = once(&[
        "denied",
        "milder",
        "deadline",
        "released",
        "advised",
        "unadvised",
        "reason",
    ]);
    // A remedy that comes only after the grace counts, too.
    expected.insert("stricter".into(), (4, 2));
    assert_eq!(changes(&report), expected);
    for rule in report["rules"].as_array().unwrap() {
        let kind = match rule["rule"].as_str().unwrap() {
            "later" => "stricter",
            other => other,
        };
        assert_eq!(
            rule["changes"],
            json!([{ "change": kind, "packages": 2, "phones": 2 }])
        );
    }
    assert_eq!(
        (&report["phones"], &report["changed_packages"]),
        (&json!(2), &json!(18))
    );
    assert_eq!(
        report["removals"],
        json!({ "packages": 2, "phones": 2 }),
        "`later` is uninstalled in the end"
    );
}

#[test]
fn where_nothing_changes_that_is_told_and_the_exit_code_says_so() {
    let rules = json!([rule("ban", "deny", "bad.app")]);
    let desk = Desk::new(&rules, &rules);
    let output = desk.diff(&phone("a", &["bad.app", "good.app"]), &[]);
    assert_eq!(output.status.code(), Some(0));
    assert!(
        stdout(&output).contains("Nothing changes on 1 phone with 2 apps."),
        "{}",
        stdout(&output)
    );
    // What allows an app is nobody's concern.
    let desk = Desk::new(&json!([]), &json!([rule("fine", "allow", "good.app")]));
    assert_eq!(desk.diff(&phone("a", &["good.app"]), &[]).status.code(), Some(0));
    let desk = Desk::new(&json!([]), &rules);
    assert_eq!(desk.diff(&phone("a", &["bad.app"]), &[]).status.code(), Some(1));
    assert_eq!(desk.diff("", &[]).status.code(), Some(2));
    assert_eq!(
        desk.run("diff", &["old.json", "absent.json", "--inventory", "-"], "")
            .status
            .code(),
        Some(2)
    );
}

/// Numbers that look random and are always the same.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// Policies and phones at random, over so few words that they meet.
fn random(dice: &mut Dice) -> (Value, String) {
    let names = [
        "org.a.a",
        "org.a.b",
        "org.a.c",
        "org.b.a",
        "org.b.b",
        "com.zhiliaoapp.musically",
    ];
    let patterns = ["org.a.a", "org.a.*", "org.a.b", "org.b.b*", "org.b.a"];
    let rules: Vec<Value> = (0..1 + dice.below(5))
        .map(|number| {
            let mut rule = json!({ "id": format!("r{number}"), "match": {} });
            match dice.below(4) {
                0 => rule["match"]["controlled_from"] = json!(["CN"]),
                1 => rule["match"]["installers"] = json!(["shop.a"]),
                _ => rule["match"]["packages"] = json!([patterns[dice.below(5)]]),
            }
            rule["effect"] = json!(["deny", "deny", "advise", "allow"][dice.below(4)]);
            if rule["effect"] == "deny" {
                rule["remedy"] = json!(["suspend", "hide", "remove"][dice.below(3)]);
                if dice.below(3) == 0 {
                    rule["grace"] = json!("P7D");
                }
            }
            if dice.below(3) == 0 {
                rule["match"]["system"] = json!(dice.below(2) == 0);
            }
            rule
        })
        .collect();
    let mut phones = String::new();
    for number in 0..40 {
        let chosen: BTreeSet<&str> = (0..dice.below(7)).map(|_| names[dice.below(6)]).collect();
        let packages: Vec<Value> = chosen
            .into_iter()
            .map(|name| {
                let mut package = json!({ "name": name });
                match dice.below(3) {
                    0 => package["system"] = json!(true),
                    1 => package["system"] = json!(false),
                    _ => {}
                }
                if dice.below(2) == 0 {
                    package["installer"] = json!(["shop.a", "shop.b"][dice.below(2)]);
                }
                package
            })
            .collect();
        let phone =
            json!({ "format": "sluis.inventory/1", "device": format!("p{number}"), "packages": packages });
        phones += &format!("{phone}\n");
    }
    (json!(rules), phones)
}

/// What `simulate` says of each package of each phone.
fn simulated(desk: &Desk, policy: &str, phones: &str) -> Vec<Value> {
    let output = desk.run(
        "simulate",
        &["--policy", policy, "--inventory", "-", "--format", "json"],
        phones,
    );
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let all: Vec<Value> = serde_json::Deserializer::from_slice(&output.stdout)
        .into_iter()
        .collect::<Result<_, _>>()
        .unwrap();
    all.iter()
        .flat_map(|phone| phone["verdicts"].as_array().unwrap().clone())
        .collect()
}

#[test]
fn what_is_counted_is_what_simulate_says_of_each_package_before_and_after() {
    let mut dice = Dice(1);
    let mut seen = 0;
    for _ in 0..30 {
        let (old, phones) = random(&mut dice);
        let (new, _) = random(&mut dice);
        let desk = Desk::new(&old, &new);
        let report = desk.json(&phones, &[]);
        let (before, after) = (
            simulated(&desk, "old.json", &phones),
            simulated(&desk, "new.json", &phones),
        );
        assert_eq!(report["packages"], json!(before.len()));
        let denies = |row: &Value| row["effect"] == "deny";
        let advises = |row: &Value| row["effect"] == "advise";
        let count = |holds: &dyn Fn(&Value, &Value) -> bool| {
            before
                .iter()
                .zip(&after)
                .filter(|(old, new)| holds(old, new))
                .count() as u64
        };
        let counted = changes(&report);
        let of = |change: &str| counted.get(change).map_or(0, |(packages, _)| *packages);
        assert_eq!(of("denied"), count(&|old, new| !denies(old) && denies(new)));
        assert_eq!(of("released"), count(&|old, new| denies(old) && !denies(new)));
        assert_eq!(
            of("advised"),
            count(&|old, new| !denies(old) && !advises(old) && advises(new))
        );
        let by_now = |old: &Value, new: &Value| denies(old) && denies(new) && old["remedy"] != new["remedy"];
        let others = of("stricter") + of("milder") + of("deadline") + of("reason");
        assert!(of("stricter") + of("milder") >= count(&by_now));
        assert!(
            others
                >= count(&|old, new| {
                    denies(old)
                        && denies(new)
                        && ["remedy", "deadline", "rule"]
                            .iter()
                            .any(|field| old[field] != new[field])
                })
        );
        seen += counted.len();
    }
    assert!(seen > 60, "only {seen} kinds of change were met");
}

#[test]
fn the_order_in_which_threads_come_to_an_end_changes_nothing() {
    let mut dice = Dice(2);
    let (old, _) = random(&mut dice);
    let desk = Desk::new(
        &old,
        &json!([
            rule("ban", "deny", "org.a.*"),
            rule("advice", "advise", "org.b.*")
        ]),
    );
    let phones: String = (0..40).map(|_| random(&mut dice).1).collect();
    let first = desk.diff(&phones, &["--format", "json"]).stdout;
    for _ in 0..5 {
        assert_eq!(desk.diff(&phones, &["--format", "json"]).stdout, first);
    }
}

#[test]
fn phones_on_which_too_much_is_newly_denied_are_counted_and_named() {
    let apps: Vec<String> = (0..30).map(|number| format!("org.app.a{number}")).collect();
    let apps: Vec<&str> = apps.iter().map(String::as_str).collect();
    let desk = Desk::new(&json!([]), &json!([rule("ban", "deny", "org.app.*")]));
    let phones = phone("few", &apps[..25]) + &phone("many", &apps[..26]) + &phone("most", &apps);
    let report = desk.json(&phones, &[]);
    assert_eq!(
        report["brake"],
        json!({ "max_changes": 25, "phones": 2, "most": [
            { "phone": "most", "packages": 30 }, { "phone": "many", "packages": 26 }, { "phone": "few", "packages": 25 }
        ]})
    );
    let bars = report["newly_denied"].as_array().unwrap();
    let total: u64 = bars.iter().map(|bar| bar["phones"].as_u64().unwrap()).sum();
    assert_eq!(
        (total, &bars[4]["phones"], &bars[5]["phones"]),
        (3, &json!(1), &json!(2))
    );
    let text = stdout(&desk.diff(&phones, &[]));
    assert!(
        text.contains("On 2 phones more than 25 apps are newly denied: they would obey the version before"),
        "{text}"
    );
}

#[test]
fn the_brake_is_that_of_the_version_before_and_a_later_moment_confirms() {
    let policy = |rules: Value, limits: Value| with(policy("city", &rules), "limits", limits);
    let (some, more) = (json!([]), json!([rule("ban", "deny", "org.app.*")]));
    let phones = phone("a", &["org.app.a", "org.app.b", "org.app.c"]);
    let confirmed = json!({ "max_changes": 2, "confirmed": "2026-05-01T00:00:00Z" });
    for (before, after, most, held) in [
        (
            json!({ "max_changes": 2 }),
            json!({ "max_changes": 9 }),
            json!(2),
            1,
        ),
        (
            json!({ "max_changes": 3 }),
            json!({ "max_changes": 1 }),
            json!(3),
            0,
        ),
        (json!({ "max_changes": 2 }), confirmed.clone(), Value::Null, 0),
        (confirmed.clone(), confirmed.clone(), json!(2), 1),
    ] {
        let desk = Desk::new(&some, &more);
        desk.write("old.json", policy(some.clone(), before).to_string().as_bytes());
        desk.write("new.json", policy(more.clone(), after).to_string().as_bytes());
        let report = desk.json(&phones, &[]);
        assert_eq!(
            (&report["brake"]["max_changes"], &report["brake"]["phones"]),
            (&most, &json!(held))
        );
    }
    // A policy that no phone obeys yet is not braked.
    let desk = Desk::new(&some, &more);
    desk.write("state.json", crate::policy("state", &more).to_string().as_bytes());
    let output = desk.run(
        "diff",
        &["old.json", "state.json", "--inventory", "-", "--format", "json"],
        &phones,
    );
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["brake"]["max_changes"], Value::Null);
}

#[test]
fn what_a_rule_forbids_only_from_a_date_on_is_told_and_counts_for_the_brake() {
    let later = with(
        with(
            rule("later", "deny", "bad.app"),
            "from",
            json!("2027-01-01T00:00:00Z"),
        ),
        "remedy",
        json!("remove"),
    );
    let desk = Desk::new(&json!([]), &json!([later.clone()]));
    let report = desk.json(&phone("a", &["bad.app", "good.app"]), &[]);
    assert_eq!(changes(&report), [("coming".to_owned(), (1, 1))].into());
    assert_eq!(
        (&report["rules"][0]["rule"], &report["removals"]["packages"]),
        (&json!("later"), &json!(1))
    );
    assert_eq!(report["brake"]["most"], json!([{ "phone": "a", "packages": 1 }]));
    let both = json!([later]);
    assert_eq!(
        changes(&Desk::new(&both, &both).json(&phone("a", &["bad.app"]), &[])),
        BTreeMap::new()
    );
}

#[test]
fn a_policy_in_yaml_is_one_like_any_other() {
    let desk = Desk::new(&json!([]), &json!([]));
    desk.write("proposed/policy.yaml", b"# why\nformat: sluis.policy/1\nlayer: city\norganisation: { name: { en: City, nl: Stad } }\nstance: open\nrules:\n  - id: ban\n    effect: deny\n    match: { packages: [bad.app] }\n");
    let output = desk.run(
        "diff",
        &["old.json", "proposed", "--inventory", "-", "--format", "json"],
        &phone("a", &["bad.app"]),
    );
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        changes(&report),
        [("denied".to_owned(), (1, 1))].into(),
        "{}",
        stderr(&output)
    );
}

#[test]
fn layers_that_stay_folders_and_groups_are_taken_into_account() {
    let desk = Desk::new(&json!([rule("ban", "deny", "bad.app")]), &json!([]));
    desk.write(
        "state.json",
        policy("state", &json!([rule("state-ban", "deny", "bad.app")]))
            .to_string()
            .as_bytes(),
    );
    let phones = phone("a", &["bad.app"]);
    // The state denies it as before: only whose rule it is may change.
    let report = desk.json(&phones, &["--with", "state.json"]);
    assert_eq!(changes(&report).get("released"), None);
    for (side, name) in [("in-force", "old.json"), ("proposed", "new.json")] {
        for file in ["0-state.json", name] {
            let policy = fs::read(desk.path(file.trim_start_matches("0-"))).unwrap();
            desk.write(&format!("{side}/{file}"), &policy);
        }
        desk.write(&format!("{side}/notes.txt"), b"no policy");
    }
    let output = desk.run(
        "diff",
        &["in-force", "proposed", "--inventory", "-", "--format", "json"],
        &phones,
    );
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap(), report);
    let output = desk.run(
        "diff",
        &["in-force", "proposed", "--inventory", "-", "--group", "nobody"],
        &phones,
    );
    assert_eq!(output.status.code(), Some(2), "a group that no exemption names");
}

#[test]
fn inventories_of_any_kind_are_read_from_folders_and_compressed() {
    let desk = Desk::new(&json!([]), &json!([rule("ban", "deny", "bad.app")]));
    desk.write("phones/list.txt", b"package:bad.app\npackage:good.app\n");
    let mut compressed = GzEncoder::new(Vec::new(), Compression::fast());
    compressed
        .write_all((phone("b", &["bad.app"]) + "{broken\n").as_bytes())
        .unwrap();
    desk.write("phones/fleet.jsonl.gz", &compressed.finish().unwrap());
    desk.write("phones/z-nothing.txt", b"");
    let arguments = [
        "old.json",
        "new.json",
        "--inventory",
        "phones",
        "--format",
        "json",
    ];
    let output = desk.run("diff", &arguments, "");
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(changes(&report), [("denied".to_owned(), (2, 2))].into());
    assert_eq!(
        (&report["unreadable_lines"], &report["unreadable_files"]),
        (&json!(1), &json!(1))
    );
    assert!(stderr(&output).contains("z-nothing.txt"), "{}", stderr(&output));
}

#[test]
fn what_a_phone_needs_to_work_safely_is_not_counted_as_changed() {
    let desk = Desk::new(
        &json!([]),
        &json!([with(
            rule("ban", "deny", "the.dialer"),
            "match",
            json!({ "packages": ["the.dialer"], "system": true })
        )]),
    );
    let phone = json!({ "format": "sluis.inventory/1", "device": "a", "packages": [{ "name": "the.dialer", "system": true }], "roles": { "dialer": ["the.dialer"] } });
    let report = desk.json(&phone.to_string(), &[]);
    assert_eq!(
        (&report["changed_packages"], &report["protected"]["packages"]),
        (&json!(0), &json!(1))
    );
}

#[test]
fn the_page_needs_nothing_else_and_what_is_hostile_stays_text() {
    let hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u{202E}";
    let new = json!([with(
        rule("ban", "deny", "bad.app"),
        "reason",
        json!({ "en": "</td><script>alert('reason')</script>", "nl": "<b>Nee</b>" })
    )]);
    let desk = Desk::new(&json!([]), &new);
    let phones = phone(hostile, &["bad.app"]) + &phone("good", &["good.app"]);
    let output = desk.diff(&phones, &["--html", "report.html"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(!stdout(&output).contains('\u{202E}'));
    let page = fs::read_to_string(desk.path("report.html")).unwrap();
    assert_eq!(
        page,
        stdout(&desk.diff(&phones, &["--format", "html"]))
            .trim_end()
            .to_owned()
            + "\n"
    );
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && page.contains("&lt;/td&gt;"));
    let tags: BTreeSet<&str> = page
        .split('<')
        .skip(1)
        .map(|rest| rest.split([' ', '>', '/']).find(|name| !name.is_empty()).unwrap())
        .collect();
    let ours = [
        "!DOCTYPE", "body", "desc", "div", "h1", "h2", "head", "html", "li", "main", "meta", "p", "rect",
        "style", "svg", "table", "tbody", "td", "text", "th", "thead", "title", "tr", "ul",
    ];
    assert_eq!(
        tags,
        ours.into(),
        "no other element, whatever a policy or phone is called"
    );
    for outside in [
        "http:",
        "https:",
        "url(",
        "src=",
        "href=",
        "@import",
        "javascript",
    ] {
        let ours = page.split("<style>").next().unwrap();
        assert!(!ours.contains(outside) || outside == "src=", "{outside}");
    }
    assert!(page.contains("content=\"default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;\""));
    assert!(
        well_formed(&page),
        "every element is closed in the order in which it was opened"
    );
    let dutch = stdout(&desk.diff(&phones, &["--format", "html", "--language", "nl"]));
    assert!(dutch.contains("<html lang=\"nl\">") && dutch.contains("&lt;b&gt;Nee&lt;/b&gt;"));
    assert!(
        dutch.contains("<desc>nieuw verboden: 1. </desc>"),
        "a chart says its numbers to who cannot see it"
    );
}

/// Whether elements are nested well; those without an end aside.
fn well_formed(page: &str) -> bool {
    let mut open = Vec::new();
    for tag in page.split('<').skip(1) {
        let (inside, _) = tag.split_once('>').unwrap();
        let name = inside.trim_start_matches('/').split([' ', '/']).next().unwrap();
        if inside.starts_with('/') {
            if open.pop() != Some(name) {
                return false;
            }
        } else if !inside.ends_with('/') && !["!DOCTYPE", "meta"].contains(&name) {
            open.push(name);
        }
    }
    open.is_empty()
}

#[test]
fn the_report_comes_in_dutch_too() {
    let desk = Desk::new(
        &json!([]),
        &json!([with(rule("ban", "deny", "bad.app"), "remedy", json!("remove"))]),
    );
    let text = stdout(&desk.diff(&phone("a", &["bad.app"]), &["--language", "nl"]));
    assert!(
        text.contains("nieuw verboden") && text.contains("moet eerst worden bewaard"),
        "{text}"
    );
}

#[test]
fn a_phones_name_of_any_length_and_kind_neither_stops_the_report_nor_forges_it() {
    let desk = Desk::new(&json!([]), &json!([rule("new", "deny", "com.a.app")]));
    let hostile = format!("\u{202e}{}", "x".repeat(70_000));
    let phones = phone("first", &["com.other.app"]) + &phone(&hostile, &["com.a.app"]);
    let output = desk.diff(&phones, &[]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let said = stdout(&output);
    let shown = format!("\\u{{202e}}{}…", "x".repeat(199));
    assert!(said.contains(&shown) && !said.contains('\u{202e}'), "{said}");
}

#[test]
fn a_phone_that_cannot_be_read_is_none_on_which_nothing_changes() {
    let rules = json!([rule("ban", "deny", "bad.app")]);
    let desk = Desk::new(&rules, &rules);
    let broken = "{\"format\":\"sluis.inventory/1\",\"device\":\"a\",\"packages\":[{}]}\n";
    let some = desk.diff(&format!("{}{broken}", phone("a", &["bad.app"])), &[]);
    assert_eq!(some.status.code(), Some(1));
    let said = stdout(&some);
    assert!(
        said.contains("Nothing changes on 1 phone with 1 app.\n"),
        "{said}"
    );
    assert!(
        said.contains("too low: 1 line and 0 files could not be read."),
        "{said}"
    );
    let none = desk.diff(&broken.repeat(2), &["--html", "page.html"]);
    assert_eq!((none.status.code(), none.stdout.as_slice()), (Some(2), &b""[..]));
    assert!(
        stderr(&none).contains("no inventory could be read"),
        "{}",
        stderr(&none)
    );
    assert!(!desk.path("page.html").exists());
}

#[test]
fn the_page_takes_the_place_of_an_older_one_and_of_nothing_else() {
    let desk = Desk::new(&json!([]), &json!([rule("ban", "deny", "bad.app")]));
    let phones = phone("a", &["bad.app"]);
    let written = |name: &str| desk.diff(&phones, &["--html", name]).status.code();
    assert_eq!((written("page.html"), written("page.html")), (Some(1), Some(1)));
    desk.write("own.html", b"<!DOCTYPE html>\n<html lang=\"en\"><p>mine");
    for name in ["new.json", "own.html"] {
        let before = fs::read(desk.path(name)).unwrap();
        assert_eq!(written(name), Some(2), "{name}");
        assert_eq!(fs::read(desk.path(name)).unwrap(), before);
    }
}
