use super::*;

/// The document as JSON, or what is wrong with it.
fn json(text: &str) -> Result<String, String> {
    let node = read(text.as_bytes()).map_err(|e| format!("{}: {}", e.at, e.found))?;
    Ok(written(&node).0.replace('\n', ""))
}

#[test]
fn words_without_quotes_are_what_every_version_of_yaml_takes_them_for_or_refused() {
    for (text, expected) in [
        ("true", "true"),
        ("false", "false"),
        ("~", "null"),
        ("0", "0"),
        ("-17", "-17"),
        ("com.example.app", "\"com.example.app\""),
        ("com.example.*", "\"com.example.*\""),
        ("P14D", "\"P14D\""),
        ("PT4H", "\"PT4H\""),
        ("1.2.3", "\"1.2.3\""),
        ("CN", "\"CN\""),
        ("90:41:80:3E", "\"90:41:80:3E\""),
        ("2fa", "\"2fa\""),
        ("e5", "\"e5\""),
        ("3e5f", "\"3e5f\""),
        ("2026-W09", "\"2026-W09\""),
        ("'no'", "\"no\""),
        ("\"2026-03-01\"", "\"2026-03-01\""),
        ("|\n  two\n  lines\n", "\"two\\nlines\\n\""),
        (">\n  one\n  line\n", "\"one line\\n\""),
        ("\"Gr\\u00fc\\u00dfe\"", "\"Grüße\""),
    ] {
        assert_eq!(json(text).as_deref(), Ok(expected), "{text}");
    }
    for text in [
        "no",
        "Yes",
        "on",
        "OFF",
        "y",
        "N",
        "True",
        "010",
        "-010",
        "0o17",
        "0x1F",
        "0b11",
        "1_000",
        "+1",
        "1e3",
        "1E-3",
        "1.5",
        ".5",
        "-.inf",
        ".NaN",
        "12:30",
        "1:30:00",
        "2026-03-01",
        "2026-03-01T00:00:00Z",
        "2026-3-1 10:00:00",
        "9223372036854775808",
        "1.",
        "00",
    ] {
        assert!(json(text).is_err(), "{text} was taken for {:?}", json(text));
    }
}

#[test]
fn an_alias_is_what_its_anchor_is_and_stands_where_that_stands() {
    let text = "a: &it\n  - x\nb: *it\n";
    assert_eq!(json(text).as_deref(), Ok(r#"{"a": ["x"],"b": ["x"]}"#));
    let (written, places) = written(&read(text.as_bytes()).unwrap());
    let line = written
        .lines()
        .position(|line| line.starts_with("\"b\""))
        .unwrap();
    let at = |line: usize, column| Position {
        line: u32::try_from(line).unwrap(),
        column,
    };
    assert_eq!(places.of(at(line + 1, 1)), at(3, 1), "the key");
    assert_eq!(places.of(at(line + 2, 1)), at(2, 5), "its element");
}

#[test]
fn lines_that_stand_for_billions_are_refused_before_they_are_made() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for n in 1..40 {
        let alias = format!("*a{}", n - 1);
        text.push_str(&format!("a{n}: &a{n} [{}]\n", [alias.as_str(); 10].join(", ")));
    }
    let started = std::time::Instant::now();
    assert!(json(&text).unwrap_err().contains("too many values"));
    // Not a measurement: without a bound this would not end in anybody's lifetime.
    assert!(started.elapsed().as_secs() < 60);
}

#[test]
fn depth_is_bounded_through_aliases_too() {
    let deep = |depth: usize| format!("a: &a {}x{}\nb: [*a]\n", "[".repeat(depth), "]".repeat(depth));
    assert!(json(&deep(30)).is_ok());
    assert!(json(&deep(31)).unwrap_err().contains("inside one another"));
    assert!(json(&"[".repeat(100_000)).is_err());
}

#[test]
fn every_place_of_the_json_leads_to_the_place_of_the_same_thing_in_the_yaml() {
    let text = "# Über\nlayer: \"é\"\nrules:\n  - id: one\n    \"match\": { packages: [a.b] }\n";
    let node = read(text.as_bytes()).unwrap();
    let (written, places) = written(&node);
    let read_back = sluis_policy::json::parse(written.as_bytes(), LIMITS).unwrap();
    fn same(yaml: &Node, json: &Node, places: &Places) {
        assert_eq!(places.of(json.at), yaml.at);
        match (&yaml.value, &json.value) {
            (Value::Array(yaml), Value::Array(json)) => {
                yaml.iter()
                    .zip(json)
                    .for_each(|(yaml, json)| same(yaml, json, places));
            }
            (Value::Object(yaml), Value::Object(json)) => {
                for (yaml, json) in yaml.iter().zip(json) {
                    assert_eq!(places.of(json.key_at), yaml.key_at);
                    same(&yaml.node, &json.node, places);
                }
            }
            (yaml, json) => assert_eq!(yaml, json),
        }
    }
    same(&node, &read_back, &places);
    let rule = node.get("rules").unwrap().as_array().unwrap()[0].clone();
    assert_eq!(rule.get("id").unwrap().at, Position { line: 4, column: 9 });
}
