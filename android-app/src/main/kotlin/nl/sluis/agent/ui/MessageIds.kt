// Generated from core/messages/messages.json; edit that file and run
// `cargo run -p sluis-tests --bin generate`.
package nl.sluis.agent.ui

import nl.sluis.agent.R

/** Where the words of a message stand: a string, or plural forms. */
internal class MessageResource(val id: Int, val plural: Boolean)

/** The ids that the core uses, and their resources. */
internal object MessageIds {
    /** The resource of [id]; null for an id that this version does not know. */
    fun resource(id: String): MessageResource? = when (id) {
        "bundle_expired" -> MessageResource(R.string.bundle_expired, plural = false)
        "bundle_foreign" -> MessageResource(R.string.bundle_foreign, plural = false)
        "bundle_older" -> MessageResource(R.string.bundle_older, plural = false)
        "bundle_reading" -> MessageResource(R.string.bundle_reading, plural = false)
        "bundle_refused" -> MessageResource(R.string.bundle_refused, plural = false)
        "bundle_unchanged" -> MessageResource(R.string.bundle_unchanged, plural = false)
        "bundle_unreadable" -> MessageResource(R.string.bundle_unreadable, plural = false)
        "bundle_updated" -> MessageResource(R.string.bundle_updated, plural = false)
        "headline_action_needed" -> MessageResource(R.plurals.headline_action_needed, plural = true)
        "headline_all_well" -> MessageResource(R.string.headline_all_well, plural = false)
        "headline_no_policy" -> MessageResource(R.string.headline_no_policy, plural = false)
        "headline_not_working" -> MessageResource(R.string.headline_not_working, plural = false)
        "headline_refused" -> MessageResource(R.plurals.headline_refused, plural = true)
        "headline_removed" -> MessageResource(R.plurals.headline_removed, plural = true)
        "layer_fresh" -> MessageResource(R.string.layer_fresh, plural = false)
        "layer_never" -> MessageResource(R.string.layer_never, plural = false)
        "layer_stale" -> MessageResource(R.string.layer_stale, plural = false)
        "notice_action" -> MessageResource(R.string.notice_action, plural = false)
        "notice_action_failed" -> MessageResource(R.string.notice_action_failed, plural = false)
        "notice_agent_offered" -> MessageResource(R.string.notice_agent_offered, plural = false)
        "notice_agent_refused" -> MessageResource(R.string.notice_agent_refused, plural = false)
        "notice_agent_updated" -> MessageResource(R.string.notice_agent_updated, plural = false)
        "notice_feed_checked" -> MessageResource(R.string.notice_feed_checked, plural = false)
        "notice_feed_refused" -> MessageResource(R.string.notice_feed_refused, plural = false)
        "notice_feed_unreachable" -> MessageResource(R.string.notice_feed_unreachable, plural = false)
        "notice_floor_refused" -> MessageResource(R.string.notice_floor_refused, plural = false)
        "notice_policy_held_back" -> MessageResource(R.plurals.notice_policy_held_back, plural = true)
        "notice_policy_updated" -> MessageResource(R.string.notice_policy_updated, plural = false)
        "notice_store_lost" -> MessageResource(R.string.notice_store_lost, plural = false)
        "notice_store_restored" -> MessageResource(R.string.notice_store_restored, plural = false)
        "notification_apps" -> MessageResource(R.plurals.notification_apps, plural = true)
        "reason_approved" -> MessageResource(R.string.reason_approved, plural = false)
        "reason_forbidden" -> MessageResource(R.string.reason_forbidden, plural = false)
        "reason_not_approved" -> MessageResource(R.string.reason_not_approved, plural = false)
        "reason_open_stance" -> MessageResource(R.string.reason_open_stance, plural = false)
        "remedy_hide" -> MessageResource(R.string.remedy_hide, plural = false)
        "remedy_remove" -> MessageResource(R.string.remedy_remove, plural = false)
        "remedy_suspend" -> MessageResource(R.string.remedy_suspend, plural = false)
        "state_advised" -> MessageResource(R.string.state_advised, plural = false)
        "state_announced" -> MessageResource(R.string.state_announced, plural = false)
        "state_exempted" -> MessageResource(R.string.state_exempted, plural = false)
        "state_failed" -> MessageResource(R.string.state_failed, plural = false)
        "state_hidden" -> MessageResource(R.string.state_hidden, plural = false)
        "state_refused_floor" -> MessageResource(R.string.state_refused_floor, plural = false)
        "state_removed" -> MessageResource(R.string.state_removed, plural = false)
        "state_removing" -> MessageResource(R.string.state_removing, plural = false)
        "state_restored" -> MessageResource(R.string.state_restored, plural = false)
        "state_suspended" -> MessageResource(R.string.state_suspended, plural = false)
        "warning_agent_update" -> MessageResource(R.string.warning_agent_update, plural = false)
        "warning_configuration" -> MessageResource(R.string.warning_configuration, plural = false)
        "warning_core_failed" -> MessageResource(R.string.warning_core_failed, plural = false)
        "warning_feed_refused" -> MessageResource(R.string.warning_feed_refused, plural = false)
        "warning_floor" -> MessageResource(R.plurals.warning_floor, plural = true)
        "warning_held_back" -> MessageResource(R.plurals.warning_held_back, plural = true)
        "warning_incomplete" -> MessageResource(R.string.warning_incomplete, plural = false)
        "warning_installs_closed" -> MessageResource(R.string.warning_installs_closed, plural = false)
        "warning_library_missing" -> MessageResource(R.string.warning_library_missing, plural = false)
        "warning_stale" -> MessageResource(R.string.warning_stale, plural = false)
        "warning_store_lost" -> MessageResource(R.string.warning_store_lost, plural = false)
        "warning_store_restored" -> MessageResource(R.string.warning_store_restored, plural = false)
        "warning_switches" -> MessageResource(R.plurals.warning_switches, plural = true)
        else -> null
    }
}
