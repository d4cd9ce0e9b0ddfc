use runtime::DatabaseError;

/// Why the warehouse could not do what was asked; whatever it is, the transaction was rolled back.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    kind: Kind,
    message: String,
}

/// What an [`Error`] means for the caller.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// The database refused a statement or is not there; the next try may succeed.
    Database,
    /// What was to be stored is not a page of objects with ids.
    InvalidPage,
    /// Another run took the job over; this one must not write any more.
    LeaseLost,
    /// The schema is not one this program knows.
    Schema,
}

impl Error {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    pub(crate) fn lease_lost(job: &str) -> Self {
        Self::new(Kind::LeaseLost, format!("another run of {job} took over while this one was slow"))
    }

    /// What the error means for the caller.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }
}

impl From<DatabaseError> for Error {
    fn from(error: DatabaseError) -> Self {
        Self::new(Kind::Database, format!("warehouse: {error}"))
    }
}
