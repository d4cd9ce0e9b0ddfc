use runtime::Database;

use crate::error::Error;

/// How a transaction ends when nothing went wrong.
pub(crate) enum End<T> {
    /// What was written stays.
    Commit(T),
    /// What was written is taken back.
    Rollback(T),
}

/// Runs `work` in one writing transaction; an error rolls it back.
pub(crate) async fn transaction<D: Database, T>(
    database: &D,
    work: impl AsyncFnOnce() -> Result<End<T>, Error>,
) -> Result<T, Error> {
    database.execute("BEGIN IMMEDIATE", &[]).await?;
    let (result, end) = match work().await {
        Ok(End::Commit(result)) => match database.execute("COMMIT", &[]).await {
            Ok(_) => return Ok(result),
            Err(error) => (Err(error.into()), "ROLLBACK"),
        },
        Ok(End::Rollback(result)) => (Ok(result), "ROLLBACK"),
        Err(error) => (Err(error), "ROLLBACK"),
    };
    // A rollback that fails means that the database already took the transaction back: the first error tells why.
    let _ = database.execute(end, &[]).await;
    result
}
