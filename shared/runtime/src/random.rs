/// A source of random bytes fit for secrets.
pub trait Random {
    /// Fills `buffer` with bytes that nobody can foresee.
    fn fill(&self, buffer: &mut [u8]);
}

impl<T: Random> Random for &T {
    fn fill(&self, buffer: &mut [u8]) {
        T::fill(self, buffer);
    }
}
