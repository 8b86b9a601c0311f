use super::*;

const LIMITS: Limits = Limits {
    max_bytes: 10_000,
    max_depth: 4,
};

fn fails(text: &str) -> String {
    parse(text.as_bytes(), LIMITS).unwrap_err().to_string()
}

#[test]
fn a_document_keeps_order_and_positions() {
    let node = parse(
        "{\n  \"b\": [1, -2],\n  \"é\": \"\\u00e9\\n\\ud83d\\ude00\"}".as_bytes(),
        LIMITS,
    )
    .unwrap();
    let members = node.as_object().unwrap();
    assert_eq!(
        members.iter().map(|m| m.key.as_str()).collect::<Vec<_>>(),
        ["b", "é"]
    );
    assert_eq!(
        node.get("b").unwrap().as_array().unwrap()[1].at,
        Position { line: 2, column: 12 }
    );
    assert_eq!(node.get("é").unwrap().as_str(), Some("é\n😀"));
    assert_eq!(node.get("é").unwrap().at, Position { line: 3, column: 8 });
}

#[test]
fn columns_count_characters_of_any_length_also_after_escapes_and_long_strings() {
    let text = "[\"é\\u00e9€\", \"😀 and more than eight bytes\", 1,\n \"é\", 2]";
    let node = parse(text.as_bytes(), LIMITS).unwrap();
    let at: Vec<(u32, u32)> = node
        .as_array()
        .unwrap()
        .iter()
        .map(|n| (n.at.line, n.at.column))
        .collect();
    assert_eq!(at, [(1, 2), (1, 14), (1, 45), (2, 2), (2, 7)]);
    assert!(fails("\"é€\u{1}\"").starts_with("line 1, column 4: "));
}

#[test]
fn a_duplicate_key_is_refused_even_when_written_with_an_escape() {
    assert_eq!(
        fails(r#"{"a":1,"b":2,"\u0061":3}"#),
        "line 1, column 14: found the key \"a\" again (first at line 1, column 2), expected every key once"
    );
}

#[test]
fn numbers_that_others_may_read_differently_are_refused() {
    for number in [
        "1.0",
        "1e3",
        "-0",
        "01",
        "9223372036854775808",
        "1.",
        "--1",
        "+1",
        "-",
    ] {
        assert!(fails(number).contains("expected"), "{number}");
    }
    assert_eq!(
        parse(b"-9223372036854775808", LIMITS).unwrap().as_integer(),
        Some(i64::MIN)
    );
}

#[test]
fn depth_and_size_are_bounded() {
    assert!(parse(b"[[[[1]]]]", LIMITS).is_ok());
    assert!(fails("[[[[[1]]]]]").contains("at most 4 levels"));
    assert!(fails(&" ".repeat(10_001)).contains("at most 10000 bytes"));
}

#[test]
fn broken_text_says_where() {
    assert_eq!(
        fails(""),
        "line 1, column 1: found the end of the document, expected a value"
    );
    assert_eq!(fails("{\"a\" 1}"), "line 1, column 6: found `1`, expected `:`");
    assert_eq!(
        fails("[1,\n2"),
        "line 2, column 2: found the end of the document, expected `,` or `]`"
    );
    assert_eq!(
        fails("[1] 2"),
        "line 1, column 5: found `2`, expected the end of the document"
    );
    assert_eq!(fails("[1,]"), "line 1, column 4: found `]`, expected a value");
    assert!(fails("\"\\ud800\"").contains("surrogate"));
    assert!(fails("\"\\ud800\\u0041\"").contains("surrogate"));
    assert!(fails("\"a\nb\"").contains("U+000A"));
    assert!(fails("\"abc").contains("closing"));
    assert!(fails("\u{feff}{}").contains("expected a value"));
    assert!(
        parse(b"\"\xff\"", LIMITS)
            .unwrap_err()
            .to_string()
            .contains("UTF-8")
    );
    assert!(fails("truth").contains("expected"));
}
