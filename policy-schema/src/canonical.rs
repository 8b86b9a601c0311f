//! OLPC canonical JSON: the one byte sequence of a document that signatures are made over, those of grants as well as TUF's.

use crate::json::{Member, Node, Value};

/// The canonical form: no space, keys in order of their code points, in strings nothing escaped but `"` and `\`.
pub fn canonical(node: &Node) -> Vec<u8> {
    let mut out = Vec::new();
    write(node, &mut out);
    out
}

fn write(node: &Node, out: &mut Vec<u8>) {
    match &node.value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Integer(number) => out.extend_from_slice(number.to_string().as_bytes()),
        Value::String(text) => write_string(text, out),
        Value::Array(elements) => separated(b'[', elements, b']', out, write),
        Value::Object(members) => {
            let mut sorted: Vec<&Member> = members.iter().collect();
            // UTF-8 sorts bytewise as its code points do.
            sorted.sort_unstable_by(|a, b| a.key.cmp(&b.key));
            separated(b'{', &sorted, b'}', out, |member, out| {
                write_string(&member.key, out);
                out.push(b':');
                write(&member.node, out);
            });
        }
    }
}

fn separated<T>(
    open: u8,
    items: &[T],
    close: u8,
    out: &mut Vec<u8>,
    mut write_item: impl FnMut(&T, &mut Vec<u8>),
) {
    out.push(open);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_item(item, out);
    }
    out.push(close);
}

fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' || byte == b'\\' {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Limits, parse};

    fn canonical_of(text: &str) -> String {
        let limits = Limits {
            max_bytes: 1000,
            max_depth: 8,
        };
        String::from_utf8(canonical(&parse(text.as_bytes(), limits).unwrap())).unwrap()
    }

    #[test]
    fn order_and_space_do_not_matter() {
        assert_eq!(
            canonical_of(" { \"b\" : [ 1 , -2, {} ] , \"a\" : { \"d\" : null, \"c\" : true } } "),
            r#"{"a":{"c":true,"d":null},"b":[1,-2,{}]}"#
        );
    }

    #[test]
    fn keys_sort_by_code_point_not_by_utf16_unit() {
        assert_eq!(
            canonical_of("{\"\u{10000}\":1,\"\u{ff61}\":2,\"Z\":3,\"a\":4}"),
            "{\"Z\":3,\"a\":4,\"\u{ff61}\":2,\"\u{10000}\":1}"
        );
    }

    #[test]
    fn only_quote_and_backslash_are_escaped() {
        assert_eq!(
            canonical_of(r#""\u00e9\n\t\"\\\/\u0000""#),
            "\"é\n\t\\\"\\\\/\0\""
        );
    }
}
