//! What a word without quotes is, where all versions of YAML agree.

use sluis_policy::json::{Position, SyntaxError, Text, Value};

use super::error;

/// Words that are true or false to some: all of YAML 1.1's but `true` and `false` themselves.
const BOOLEANS: [&str; 20] = [
    "y", "Y", "yes", "Yes", "YES", "n", "N", "no", "No", "NO", "True", "TRUE", "False", "FALSE", "on", "On",
    "ON", "off", "Off", "OFF",
];

/// The value of a scalar without quotes.
///
/// # Errors
/// Where versions of YAML, or its readers, disagree, and where it is a number that JSON documents cannot have here.
pub(super) fn plain(text: &str, at: Position) -> Result<Value, SyntaxError> {
    let quoted = || format!("\"{text}\"");
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
        "true" => return Ok(Value::Bool(true)),
        "false" => return Ok(Value::Bool(false)),
        _ => {}
    }
    if BOOLEANS.contains(&text) {
        let found = format!("`{text}`, which is true or false in some versions of YAML");
        return Err(error(
            at,
            found,
            format!("true, false, or the word in quotes: {}", quoted()),
        ));
    }
    if let Some(number) = whole_number(text) {
        let number = number.ok_or_else(|| error(at, format!("the number {text}"), "a number of 64 bits"))?;
        return Ok(Value::Integer(number));
    }
    if is_like_a_number(text) {
        let found = format!("`{text}`, which is not the same number, or none, in every version of YAML");
        let expected = format!("a whole number such as 10, or a string in quotes: {}", quoted());
        return Err(error(at, found, expected));
    }
    if is_like_a_date(text) {
        let found = format!("`{text}`, which is a date in some versions of YAML and a string in others");
        return Err(error(at, found, format!("it in quotes: {}", quoted())));
    }
    Ok(Value::String(Text::from(text)))
}

/// A whole number as JSON writes it; within, nothing if it is too large.
fn whole_number(text: &str) -> Option<Option<i64>> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let canonical = digits == "0" && text == "0" || plain && !digits.starts_with('0');
    canonical.then(|| text.parse().ok())
}

/// Whether some version of YAML takes it for a number: octal, hexadecimal, binary, with underscores, a sign, a fraction,
/// an exponent, in sixties (`12:30`), infinite or none.
fn is_like_a_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let lower = unsigned.to_ascii_lowercase();
    if matches!(lower.as_str(), ".inf" | ".nan") {
        return true;
    }
    let of = |digits: &str, allowed: fn(char) -> bool| {
        !digits.is_empty() && digits.chars().all(|c| allowed(c) || c == '_')
    };
    for (prefix, allowed) in [
        ("0x", (|c: char| c.is_ascii_hexdigit()) as fn(char) -> bool),
        ("0o", |c| c.is_digit(8)),
        ("0b", |c| c.is_digit(2)),
    ] {
        if lower
            .strip_prefix(prefix)
            .is_some_and(|digits| of(digits, allowed))
        {
            return true;
        }
    }
    // Digits to begin with, or a point and then digits.
    let mut rest = lower.as_str();
    if !rest
        .strip_prefix('.')
        .unwrap_or(rest)
        .starts_with(|c: char| c.is_ascii_digit())
    {
        return false;
    }
    if let Some((mantissa, exponent)) = rest.split_once('e') {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if exponent.is_empty() || !exponent.bytes().all(|b| b.is_ascii_digit()) {
            return false;
        }
        rest = mantissa;
    }
    let points = rest.matches('.').count();
    let sixties = rest.split(':').skip(1);
    points <= 1
        && rest
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | '_' | ':'))
        && sixties.clone().all(|part| {
            let whole = part.split('.').next().unwrap_or_default();
            matches!(whole.len(), 1 | 2) && whole.parse::<u8>().is_ok_and(|n| n < 60)
        })
}

/// `2026-03-01`, with or without a time.
fn is_like_a_date(text: &str) -> bool {
    let (date, rest) = text
        .split_at_checked(text.find(['T', 't', ' ']).unwrap_or(text.len()))
        .unwrap_or((text, ""));
    let parts: Vec<&str> = date.split('-').collect();
    let digits = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    match parts.as_slice() {
        [year, month, day] => {
            let is_date = digits(year, 4..=4) && digits(month, 1..=2) && digits(day, 1..=2);
            is_date
                && (rest.is_empty()
                    || rest
                        .chars()
                        .skip(1)
                        .all(|c| c.is_ascii_digit() || " :.Zz+-".contains(c)))
        }
        _ => false,
    }
}
