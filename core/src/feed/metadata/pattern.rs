//! Patterns of target paths, as shells match them (TUF 4.5).

/// A pattern: `*` stands for any characters, `?` for one, `[abc]`, `[a-z]` and `[!a-z]` for one of a set; none of them
/// for `/`. Case matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// Takes a pattern as it is written; every text is one.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Whether the whole path matches.
    pub fn matches(&self, path: &str) -> bool {
        let mut patterns = self.0.split('/');
        let mut names = path.split('/');
        loop {
            match (patterns.next(), names.next()) {
                (None, None) => return true,
                (Some(pattern), Some(name)) if matches_name(pattern, name) => {}
                _ => return false,
            }
        }
    }
}

/// Matches what stands between two `/`. Of several stars only the last ever needs another try, so that the work is
/// bounded by the product of the lengths.
fn matches_name(pattern: &str, name: &str) -> bool {
    let (mut pattern, mut name) = (pattern, name);
    let mut last_star: Option<(&str, &str)> = None;
    loop {
        let step = match pattern.chars().next() {
            Some('*') => {
                pattern = after_first(pattern);
                last_star = Some((pattern, name));
                continue;
            }
            None if name.is_empty() => return true,
            None => None,
            Some(_) => one(pattern, name),
        };
        (pattern, name) = match (step, last_star) {
            (Some(rest), _) => rest,
            // The star takes one character more.
            (None, Some((after_star, taken_to))) if !taken_to.is_empty() => {
                let next = after_first(taken_to);
                last_star = Some((after_star, next));
                (after_star, next)
            }
            (None, _) => return false,
        };
    }
}

/// Matches one character, if the pattern begins with something that stands for it; what is left of both.
fn one<'a, 'b>(pattern: &'a str, name: &'b str) -> Option<(&'a str, &'b str)> {
    let found = name.chars().next()?;
    let rest = after_first(name);
    match pattern.chars().next()? {
        '?' => Some((after_first(pattern), rest)),
        '[' => match set(after_first(pattern)) {
            Some((members, inverted, after)) => (in_set(members, found) != inverted).then_some((after, rest)),
            // A bracket that nothing closes is a bracket.
            None => (found == '[').then(|| (after_first(pattern), rest)),
        },
        expected => (expected == found).then(|| (after_first(pattern), rest)),
    }
}

/// Takes a set apart, after its `[`: its members, whether it means all others, what comes after its `]`.
fn set(pattern: &str) -> Option<(&str, bool, &str)> {
    let (inverted, pattern) = match pattern.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, pattern),
    };
    // A `]` that comes first is a member.
    let from = pattern.chars().next()?.len_utf8();
    let end = from + pattern.get(from..)?.find(']')?;
    Some((pattern.get(..end)?, inverted, pattern.get(end + 1..)?))
}

fn in_set(members: &str, found: char) -> bool {
    let mut rest = members.chars();
    while let Some(low) = rest.next() {
        let mut ahead = rest.clone();
        match (ahead.next(), ahead.next()) {
            (Some('-'), Some(high)) => {
                rest = ahead;
                if (low..=high).contains(&found) {
                    return true;
                }
            }
            _ if low == found => return true,
            _ => {}
        }
    }
    false
}

fn after_first(text: &str) -> &str {
    let mut chars = text.chars();
    chars.next();
    chars.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_the_specification_and_shells_say() {
        for (pattern, path, expected) in [
            ("targets/*.tgz", "targets/foo.tgz", true),
            ("targets/*.tgz", "targets/foo.txt", false),
            ("targets/foo-version-?.tgz", "targets/foo-version-2.tgz", true),
            (
                "targets/foo-version-?.tgz",
                "targets/foo-version-alpha.tgz",
                false,
            ),
            ("*.tgz", "foo.tgz", true),
            ("*.tgz", "targets/foo.tgz", false),
            ("*", "", true),
            ("*", "a/b", false),
            ("*/*", "a/b", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("*a", "aaab", false),
            ("**", "abc", true),
            ("a?", "a", false),
            ("?", "é", true),
            ("*é", "policy-é", true),
            ("a", "A", false),
            ("a", "ab", false),
            ("ab", "a", false),
            ("", "", true),
            ("", "a", false),
            ("a/", "a", false),
            ("[ab]", "b", true),
            ("[ab]", "c", false),
            ("[!ab]", "c", true),
            ("[!ab]", "a", false),
            ("[a-c]x", "bx", true),
            ("[a-c]", "d", false),
            ("[]]", "]", true),
            ("[a-]", "-", true),
            ("[", "[", true),
            ("[a", "[a", true),
            ("*[0-9]", "version-7", true),
        ] {
            assert_eq!(
                Pattern::new(pattern).matches(path),
                expected,
                "{pattern} against {path}"
            );
        }
    }

    #[test]
    fn many_stars_do_not_take_for_ever() {
        let pattern = "*a".repeat(1000) + "b";
        assert!(!Pattern::new(&pattern).matches(&"a".repeat(4000)));
    }

    /// Every way to match, tried one after the other.
    fn naively(pattern: &[char], path: &[char]) -> bool {
        match (pattern.split_first(), path.split_first()) {
            (None, None) => true,
            (Some(('*', rest)), None) => naively(rest, path),
            (Some(('*', rest)), Some((found, after))) => {
                naively(rest, path) || (*found != '/' && naively(pattern, after))
            }
            (Some(('?', rest)), Some((found, after))) => *found != '/' && naively(rest, after),
            (Some((expected, rest)), Some((found, after))) => expected == found && naively(rest, after),
            _ => false,
        }
    }

    proptest::proptest! {
        #[test]
        fn patterns_match_what_trying_every_way_matches(pattern in "[ab*?/]{0,8}", path in "[abé/]{0,8}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            assert_eq!(Pattern::new(&pattern).matches(&path), naively(&chars(&pattern), &chars(&path)));
        }
    }
}
