//! What documents look like, as data. The parser takes the names of fields and words from here, and the JSON Schema is
//! made of it ([`crate::schema`]); a test holds the two against each other.

/// What a value looks like.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// One word of a few.
    Words(fn() -> Vec<&'static str>),
    /// A string.
    Text(&'static Pattern),
    /// A whole number between these, both included.
    Integer(i64, i64),
    /// `true` or `false`.
    Boolean,
    /// An array.
    List {
        /// What its elements look like.
        of: &'static Shape,
        /// Whether it has at least one.
        filled: bool,
    },
    /// An object with fields.
    Object(&'static Object),
    /// An object from keys to values.
    Map(&'static Pattern, &'static Shape),
    /// Any of these.
    Either(&'static [Shape]),
}

/// What a string looks like.
#[derive(Debug, Clone, Copy)]
pub struct Pattern {
    /// Names it in the schema.
    pub name: &'static str,
    /// What it may look like, for people.
    pub expected: &'static str,
    /// A regular expression of ECMA 262 that covers the whole of it.
    pub regex: &'static str,
}

/// What an object looks like.
#[derive(Debug, Clone, Copy)]
pub struct Object {
    /// Names it in the schema.
    pub name: &'static str,
    /// Its fields; there are no others.
    pub fields: &'static [Field],
    /// At least one of these fields is there, where any is named.
    pub some_of: &'static [&'static str],
    /// The first field is there only where the second is one of these words.
    pub only_where: &'static [(&'static str, &'static str, &'static [&'static str])],
}

impl Object {
    pub(crate) const fn new(name: &'static str, fields: &'static [Field]) -> Self {
        Self {
            name,
            fields,
            some_of: &[],
            only_where: &[],
        }
    }
}

/// A field of an object.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Whether it has to be there.
    pub required: bool,
    /// What its value looks like.
    pub shape: Shape,
    /// What it is, for who writes a document.
    pub about: &'static str,
}

impl Field {
    pub(crate) const fn required(name: &'static str, shape: Shape, about: &'static str) -> Self {
        Self {
            name,
            required: true,
            shape,
            about,
        }
    }

    pub(crate) const fn optional(name: &'static str, shape: Shape, about: &'static str) -> Self {
        Self {
            name,
            required: false,
            shape,
            about,
        }
    }
}

/// The names of fields, for the parser.
#[allow(
    clippy::indexing_slicing,
    reason = "it runs in the compiler, which refuses a wrong index"
)]
pub(crate) const fn names<const N: usize>(fields: &[Field; N]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut i = 0;
    while i < N {
        names[i] = fields[i].name;
        i += 1;
    }
    names
}

/// The words of a table of words and their meanings.
pub(crate) fn words<T>(table: &[(&'static str, T)]) -> Vec<&'static str> {
    table.iter().map(|(word, _)| *word).collect()
}

/// A list of at least one.
pub(crate) const fn filled(of: &'static Shape) -> Shape {
    Shape::List { of, filled: true }
}

/// A list that may be empty.
pub(crate) const fn list(of: &'static Shape) -> Shape {
    Shape::List { of, filled: false }
}
