//! What the small values look like in a document. What only arithmetic can tell (a February of 29 days, ten years) is
//! not in these.

use super::{Country, Digest, Duration, Host, Id, Moment, PackagePattern};
use crate::shape::{Pattern, Shape};

macro_rules! part {
    () => {
        "[A-Za-z_][A-Za-z0-9_]*"
    };
}

macro_rules! label {
    () => {
        "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
    };
}

pub(crate) const ID: Shape = Shape::Text(&Pattern {
    name: "id",
    expected: Id::EXPECTED,
    regex: "^[a-z0-9][a-z0-9_-]{0,63}$",
});

pub(crate) const DIGEST: Shape = Shape::Text(&Pattern {
    name: "digest",
    expected: Digest::EXPECTED,
    regex: "^(?:[0-9A-Fa-f]{64}|[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){31})$",
});

pub(crate) const COUNTRY: Shape = Shape::Words(Country::all);

pub(crate) const PACKAGE_NAME: Pattern = Pattern {
    name: "package",
    expected: "an Android package name such as com.example.app",
    regex: concat!("^(?=.{1,255}$)", part!(), "(?:\\.", part!(), ")*$"),
};

pub(crate) const PACKAGE: Shape = Shape::Text(&PACKAGE_NAME);

pub(crate) const PACKAGE_PATTERN: Shape = Shape::Text(&Pattern {
    name: "package_pattern",
    expected: PackagePattern::EXPECTED,
    regex: concat!(
        "^(?=.{1,255}\\*?$)(?:",
        part!(),
        "(?:\\.",
        part!(),
        ")*|",
        part!(),
        "(?:\\.",
        part!(),
        ")+\\.?\\*)$"
    ),
});

pub(crate) const PREFIX: Shape = Shape::Text(&Pattern {
    name: "prefix",
    expected: "the beginning of package names, more than its first part, followed by `*`",
    regex: concat!("^(?=.{1,255}\\*$)", part!(), "(?:\\.", part!(), ")+\\.?\\*$"),
});

pub(crate) const PERMISSION: Shape = Shape::Text(&Pattern {
    name: "permission",
    expected: "a permission in full, such as android.permission.READ_SMS",
    regex: concat!("^(?=.{1,255}$)", part!(), "(?:\\.", part!(), ")+$"),
});

pub(crate) const HOST: Shape = Shape::Text(&Pattern {
    name: "host",
    expected: Host::EXPECTED,
    regex: concat!(
        "^(?=.{1,253}$)(?:",
        label!(),
        "\\.)+(?=[0-9-]*[a-z])",
        label!(),
        "$"
    ),
});

pub(crate) const DOMAIN: Shape = Shape::Text(&Pattern {
    name: "domain",
    expected: "a domain in small letters, such as tiktok.com",
    regex: concat!("^(?=.{1,253}$)", label!(), "(?:\\.", label!(), ")+$"),
});

pub(crate) const CLASS: Shape = Shape::Text(&Pattern {
    name: "class",
    expected: "a Java package or class of at least two parts, such as com.example.push",
    regex: "^[A-Za-z_$][A-Za-z0-9_$]*(?:\\.[A-Za-z_$][A-Za-z0-9_$]*)+$",
});

pub(crate) const COMPONENT: Shape = Shape::Text(&Pattern {
    name: "component",
    expected: "the id of a component in the catalogue, or a class name such as com.example.sdk.Service or com.example.sdk.*",
    regex: concat!(
        "^(?:[a-z0-9][a-z0-9_-]{0,63}|(?=.{1,255}\\*?$)",
        part!(),
        "(?:\\.",
        part!(),
        ")+(?:\\.?\\*)?)$"
    ),
});

pub(crate) const MOMENT: Shape = Shape::Text(&Pattern {
    name: "moment",
    expected: Moment::EXPECTED,
    regex: "^[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|\
            02-(?:0[1-9]|[12][0-9]))T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$",
});

pub(crate) const DURATION: Shape = Shape::Text(&Pattern {
    name: "duration",
    expected: Duration::EXPECTED,
    regex: "^(?=.*[1-9])P(?:[0-9]+W|[0-9]+D(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+S)?)?|\
            T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+S)?)$",
});

/// Words that are not blank, without the characters that deceive who reads them.
pub(crate) const WORDS: Shape = Shape::Text(&Pattern {
    name: "words",
    expected: "a text that is not empty, in one line",
    regex: "^(?=.*\\S)[^\\u0000-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069]+$",
});

pub(crate) const LINK: Shape = Shape::Text(&Pattern {
    name: "link",
    expected: "an address that begins with https://",
    regex: "^https://[^\\s\\u0000-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069]*$",
});
