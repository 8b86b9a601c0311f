//! The schema: numbered migrations, each run once and for good.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{StoreError, second_copy};

/// In order; the n-th brings a store from version n-1 to n. One that was released is never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_feed.sql"),
    include_str!("migrations/0002_agent.sql"),
    include_str!("migrations/0003_last_known.sql"),
    include_str!("migrations/0004_expired.sql"),
    include_str!("migrations/0005_second_copy.sql"),
    include_str!("migrations/0010_policy_state.sql"),
    include_str!("migrations/0011_change.sql"),
    include_str!("migrations/0014_agent_update.sql"),
    include_str!("migrations/0021_grant.sql"),
];

/// The schema's version in the file; 0 in a new one.
pub(super) fn version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Brings the schema up to date and does `more`, in one transaction.
pub(super) fn migrate<T, E: From<StoreError>>(
    connection: &mut Connection,
    more: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(StoreError::from)?;
    bring_up(&transaction)?;
    let done = more(&transaction)?;
    transaction.commit().map_err(StoreError::from)?;
    Ok(done)
}

fn bring_up(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let found = version(transaction)?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let pending = usize::try_from(found)
        .ok()
        .and_then(|done| MIGRATIONS.get(done..))
        .ok_or(StoreError::FutureVersion { found, known })?;
    for migration in pending {
        transaction.execute_batch(migration)?;
    }
    if !pending.is_empty() {
        transaction.pragma_update(None, "user_version", known)?;
    }
    if !pending.is_empty() && found > 0 {
        // What the second copy has was collected from the tables of before.
        let before = second_copy::generation(transaction)?;
        second_copy::follow(transaction, before)?;
    }
    Ok(())
}
