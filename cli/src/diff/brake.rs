//! How many apps a phone lets a new version of a policy keep from use at once.

/// What holds where no policy says otherwise.
const MAX_CHANGES: u64 = 25;

/// The most apps that policies may newly deny on a phone before it keeps to those before.
pub(super) fn max_changes() -> u64 {
    MAX_CHANGES
}
