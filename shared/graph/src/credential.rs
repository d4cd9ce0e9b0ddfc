use std::future::Future;

use runtime::Secret;

use crate::error::Error;

/// Where the token for Graph comes from.
pub trait Credential {
    /// A token that is good for some minutes at least.
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind [`Credential`](crate::Kind::Credential).
    fn token(&self) -> impl Future<Output = Result<Secret, Error>>;
}

impl<T: Credential> Credential for &T {
    fn token(&self) -> impl Future<Output = Result<Secret, Error>> {
        T::token(self)
    }
}
