//! The small values that documents are made of; each can only hold what is valid.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The name of a layer, rule, stance or vendor: 1 to 64 of `a-z`, `0-9`, `-` and `_`, beginning with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Id(String);

impl Id {
    /// What an id may look like, for messages.
    pub const EXPECTED: &'static str =
        "a name of 1 to 64 characters a-z, 0-9, - and _, beginning with a letter or digit";

    /// Reads an id.
    pub fn parse(text: &str) -> Option<Self> {
        let first = text.bytes().next()?;
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let valid =
            text.len() <= 64 && plain(first) && text.bytes().all(|b| plain(b) || b == b'-' || b == b'_');
        valid.then(|| Self(text.to_owned()))
    }

    /// The id as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A SHA-256 digest, written as 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// What a digest looks like, for messages.
    pub const EXPECTED: &'static str = "a SHA-256 digest of 64 hex digits";

    /// Reads 64 hex digits, in either case; colons between bytes, as certificate tools print them, are accepted.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let with_colons = text.len() == 95;
        let mut digits = text.bytes();
        for (i, byte) in bytes.iter_mut().enumerate() {
            if with_colons && i > 0 && digits.next() != Some(b':') {
                return None;
            }
            *byte = nibble(digits.next()?)? << 4 | nibble(digits.next()?)?;
        }
        digits.next().is_none().then_some(Self(bytes))
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Hex;
        impl de::Visitor<'_> for Hex {
            type Value = Digest;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(Digest::EXPECTED)
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Digest, E> {
                Digest::parse(text).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(Hex)
    }
}

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

/// Parts of letters, digits and `_`, each beginning with no digit, between dots; one may stand at the end. In one pass:
/// a policy names thousands.
fn is_package_prefix(text: &str) -> bool {
    let mut part_begins = true;
    for byte in text.bytes() {
        part_begins = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => false,
            b'0'..=b'9' if !part_begins => false,
            b'.' if !part_begins => true,
            _ => return false,
        };
    }
    (1..=255).contains(&text.len())
}

/// A country, as ISO 3166-1 alpha-2 names it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// What a country looks like, for messages.
    pub const EXPECTED: &'static str = "an ISO 3166-1 alpha-2 country code in capitals, such as CN";

    /// Reads an assigned code.
    pub fn parse(text: &str) -> Option<Self> {
        let code: [u8; 2] = text.as_bytes().try_into().ok()?;
        ISO_3166_1
            .split(' ')
            .any(|assigned| assigned == text)
            .then_some(Self(code))
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        // Holds only what `parse` took from a list of ASCII codes.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Country {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The 249 officially assigned codes.
const ISO_3166_1: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR \
BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI \
FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS \
IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO \
MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA \
RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT \
TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// A span of time: ISO 8601 in weeks, or in days, hours, minutes and seconds. Months and years have no fixed length
/// and are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration {
    seconds: u64,
}

impl Duration {
    /// What a duration may look like, for messages.
    pub const EXPECTED: &'static str =
        "an ISO 8601 duration in weeks, days, hours, minutes or seconds, such as P14D or PT4H";

    /// The most that is taken: ten years.
    const MAX_SECONDS: u64 = 10 * 366 * 86_400;

    /// Reads a duration longer than nothing.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix('P')?;
        let (date, time) = match rest.split_once('T') {
            Some((_, "")) => return None,
            Some((date, time)) => (date, time),
            None => (rest, ""),
        };
        let weeks = date.ends_with('W');
        if weeks && !time.is_empty() {
            return None;
        }
        let date_units: &[(char, u64)] = if weeks {
            &[('W', 604_800)]
        } else {
            &[('D', 86_400)]
        };
        let date = units(date, date_units)?;
        let time = units(time, &[('H', 3_600), ('M', 60), ('S', 1)])?;
        let seconds = date.checked_add(time)?;
        (1..=Self::MAX_SECONDS)
            .contains(&seconds)
            .then_some(Self { seconds })
    }

    /// How long, in seconds.
    pub fn seconds(self) -> u64 {
        self.seconds
    }
}

/// Adds up numbers each followed by its unit, the units in the given order, each at most once.
fn units(mut text: &str, units: &[(char, u64)]) -> Option<u64> {
    let mut total: u64 = 0;
    for (unit, seconds) in units {
        if let Some((number, rest)) = text.split_once(*unit) {
            if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(*seconds)?)?;
            text = rest;
        }
    }
    text.is_empty().then_some(total)
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("PT{}S", self.seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_exact_or_refused() {
        for (text, seconds) in [
            ("P14D", 14 * 86_400),
            ("P2W", 1_209_600),
            ("PT4H", 14_400),
            ("P1DT1H1M1S", 90_061),
        ] {
            assert_eq!(
                Duration::parse(text).map(Duration::seconds),
                Some(seconds),
                "{text}"
            );
        }
        let wrong = "|P|PT|P0D|P1M|P1Y|P1W1D|PT1D|P1DT|P1H|14D|p1d|P-1D|P1.5D|P1D1D|PT1M1H|P99999999D|P1WT1H|P1D |P+1D";
        for text in wrong.split('|') {
            assert_eq!(Duration::parse(text), None, "{text}");
        }
    }

    #[test]
    fn countries_are_assigned_codes() {
        assert_eq!(ISO_3166_1.split(' ').count(), 249);
        assert_eq!(Country::parse("KP").unwrap().to_string(), "KP");
        for text in ["", "cn", "XX", "CHN", "C", "C ", "N O"] {
            assert_eq!(Country::parse(text), None, "{text}");
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

    #[test]
    fn digests_are_read_in_every_usual_spelling() {
        let plain = "0fe4ff85c215918396dadc7cd8ce6963339af33d37751a56e54c7206b63a3c7c";
        let colons: Vec<String> = plain
            .as_bytes()
            .chunks(2)
            .map(|c| String::from_utf8_lossy(c).to_uppercase())
            .collect();
        assert_eq!(Digest::parse(plain).unwrap().to_string(), plain);
        assert_eq!(Digest::parse(&colons.join(":")), Digest::parse(plain));
        for text in [
            "",
            plain.split_at(1).1,
            &format!("{plain}00"),
            &plain.replace('f', "g"),
            &colons.join(";"),
        ] {
            assert_eq!(Digest::parse(text), None, "{text}");
        }
    }

    #[test]
    fn ids_are_plain() {
        assert!(Id::parse("nl-rijk_2023").is_some());
        for text in ["", "-a", "A", "a b", "é", &"a".repeat(65)] {
            assert_eq!(Id::parse(text), None, "{text}");
        }
    }
}
