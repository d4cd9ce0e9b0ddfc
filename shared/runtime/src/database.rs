use std::future::Future;

/// One connection to a SQL database; `BEGIN` and `COMMIT` are statements like any other.
pub trait Database {
    /// Runs one statement and returns its rows.
    ///
    /// # Errors
    ///
    /// [`DatabaseError`] with the database's own words.
    fn execute(&self, statement: &str, parameters: &[Value]) -> impl Future<Output = Result<Rows, DatabaseError>>;
}

impl<T: Database> Database for &T {
    fn execute(&self, statement: &str, parameters: &[Value]) -> impl Future<Output = Result<Rows, DatabaseError>> {
        T::execute(self, statement, parameters)
    }
}

/// A value that goes into a statement or comes out of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// A whole number.
    Integer(i64),
    /// A floating-point number.
    Real(f64),
    /// UTF-8 text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl Value {
    /// The text, where the value is text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, where the value is one.
    #[must_use]
    pub const fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(integer) => Some(*integer),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(integer: i64) -> Self {
        Self::Integer(integer)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// What a statement returned.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// The names of the columns, in order.
    pub columns: Vec<String>,
    /// The rows; each has a value a column.
    pub rows: Vec<Vec<Value>>,
}

impl Rows {
    /// The first row, if there is one.
    #[must_use]
    pub fn first(&self) -> Option<&[Value]> {
        self.rows.first().map(Vec::as_slice)
    }
}

/// Why a statement failed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("database: {0}")]
pub struct DatabaseError(pub String);
