//! Countries.

use std::fmt;

use serde::{Serialize, Serializer};

/// A country, as ISO 3166-1 alpha-2 names it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// What a country looks like, for messages.
    pub const EXPECTED: &'static str = "an ISO 3166-1 alpha-2 country code in capitals, such as CN";

    /// Reads an assigned code.
    pub fn parse(text: &str) -> Option<Self> {
        let code: [u8; 2] = text.as_bytes().try_into().ok()?;
        // Two letters and a blank each.
        let mut assigned = ISO_3166_1.as_bytes().chunks(3);
        assigned.any(|each| each.starts_with(&code)).then_some(Self(code))
    }

    /// Every assigned code.
    pub fn all() -> Vec<&'static str> {
        ISO_3166_1.split(' ').collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_assigned_codes() {
        assert_eq!(ISO_3166_1.split(' ').count(), 249);
        assert_eq!(Country::parse("KP").unwrap().to_string(), "KP");
        for text in ["", "cn", "XX", "CHN", "C", "C ", "N O"] {
            assert_eq!(Country::parse(text), None, "{text}");
        }
    }
}
