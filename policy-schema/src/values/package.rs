//! Names of packages and classes.

use std::fmt;

use serde::{Serialize, Serializer};

/// A package name, or the beginning of package names, written with a trailing `*`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PackagePattern {
    /// Exactly this package.
    Exact(String),
    /// Every package whose name begins so.
    Prefix(String),
}

impl PackagePattern {
    /// What a pattern may look like, for messages.
    pub const EXPECTED: &'static str = "an Android package name such as com.example.app, or more than its first part followed by `*`, such as com.example.*";

    /// Reads a pattern. A prefix says more than its first part: `com.*` or `*` would reach every app.
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_suffix('*') {
            Some(prefix) => {
                let narrow = prefix.split_once('.').is_some_and(|(_, rest)| !rest.is_empty());
                (narrow && is_package_prefix(prefix)).then(|| Self::Prefix(prefix.to_owned()))
            }
            None => is_package(text).then(|| Self::Exact(text.to_owned())),
        }
    }
}

impl fmt::Display for PackagePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(name) => f.write_str(name),
            Self::Prefix(prefix) => write!(f, "{prefix}*"),
        }
    }
}

impl Serialize for PackagePattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Whether Android would take this for a package name. One word alone is taken (`android`), since the system has such.
pub fn is_package(text: &str) -> bool {
    is_package_prefix(text) && !text.ends_with('.')
}

/// Parts that begin with a letter, each followed by a dot but for the last one, which may be. A phone asks this of
/// thousands of names each time it starts, so each byte is looked at once, in a table.
fn is_package_prefix(text: &str) -> bool {
    let mut within = false;
    for byte in text.bytes() {
        let fits = match KINDS.get(usize::from(byte)) {
            Some(Kind::Letter) => true,
            Some(Kind::Digit | Kind::Dot) => within,
            Some(Kind::Other) | None => false,
        };
        if !fits {
            return false;
        }
        within = byte != b'.';
    }
    !text.is_empty() && text.len() <= 255
}

/// What a byte is in a name.
#[derive(Clone, Copy)]
enum Kind {
    Letter,
    Digit,
    Dot,
    Other,
}

static KINDS: [Kind; 256] = {
    let mut kinds = [Kind::Other; 256];
    let mut rest: &mut [Kind] = &mut kinds;
    let mut byte = 0_u8;
    while let Some((kind, more)) = rest.split_first_mut() {
        *kind = match byte {
            b'.' => Kind::Dot,
            b'0'..=b'9' => Kind::Digit,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => Kind::Letter,
            _ => Kind::Other,
        };
        byte = byte.wrapping_add(1);
        rest = more;
    }
    kinds
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_parts_that_begin_with_a_letter() {
        for name in ["android", "com.a", "a.B9._c", "_.x", "com.x2.y_z"] {
            assert!(is_package(name), "{name}");
            assert!(is_package_prefix(&format!("{name}.")), "{name}.");
        }
        let long = format!("a.{}", "b".repeat(254));
        for name in [
            "", ".", "..", ".a", "a..b", "a.", "9a", "a.9", "a-b", "a b", "a.é", "a\0", &long,
        ] {
            assert!(!is_package(name), "{name}");
        }
    }

    #[test]
    fn a_prefix_that_reaches_every_app_is_refused() {
        for text in [
            "*", "com*", "com.*", "c*", "", ".", "com..x", "com.x.", "1com.x", "com.x**", "com.*.x",
            "com.x y",
        ] {
            assert_eq!(PackagePattern::parse(text), None, "{text}");
        }
        assert_eq!(
            PackagePattern::parse("com.vivo.*"),
            Some(PackagePattern::Prefix("com.vivo.".into()))
        );
        assert_eq!(
            PackagePattern::parse("com.lemon.lv*"),
            Some(PackagePattern::Prefix("com.lemon.lv".into()))
        );
        assert_eq!(
            PackagePattern::parse("android"),
            Some(PackagePattern::Exact("android".into()))
        );
        assert_eq!(
            PackagePattern::parse("iGap.Plus"),
            Some(PackagePattern::Exact("iGap.Plus".into()))
        );
    }
}
