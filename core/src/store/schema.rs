//! The schema: numbered migrations, each run once and for good.

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// In order; the n-th brings a store from version n-1 to n. One that was released is never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_feed.sql"),
    include_str!("migrations/0002_agent.sql"),
    include_str!("migrations/0003_last_known.sql"),
    include_str!("migrations/0004_expired.sql"),
    include_str!("migrations/0010_policy_state.sql"),
];

/// Brings the schema up to date, in one transaction.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
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
    Ok(transaction.commit()?)
}
