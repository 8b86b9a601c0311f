//! No key twice.

use super::{Member, Position, SyntaxError, shortened};

/// Refuses an object in which a key stands twice. Sorting finds that without comparing every pair, which is quicker only
/// for a few.
pub(super) fn distinct(members: &[Member]) -> Result<(), SyntaxError> {
    const FEW: usize = 12;
    let differ = |(i, member): (usize, &Member)| members.iter().take(i).all(|other| other.key != member.key);
    if members.len() <= FEW && members.iter().enumerate().all(differ) {
        return Ok(());
    }
    let mut keys: Vec<(&str, Position)> = members.iter().map(|m| (m.key.as_str(), m.key_at)).collect();
    keys.sort_unstable();
    for pair in keys.windows(2) {
        if let [(first, first_at), (second, at)] = pair
            && first == second
        {
            return Err(SyntaxError {
                at: *at,
                found: format!("the key \"{}\" again (first at {first_at})", shortened(second)),
                expected: "every key once".into(),
            });
        }
    }
    Ok(())
}
