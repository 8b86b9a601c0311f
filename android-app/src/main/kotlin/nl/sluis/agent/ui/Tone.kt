package nl.sluis.agent.ui

import nl.sluis.agent.R
import nl.sluis.agent.core.Message

/** The colours in which a sentence is set. They stress what the words say and never say more. */
internal enum class Tone(val text: Int, val soft: Int) {
    CALM(R.color.calm_text, R.color.calm_soft),
    NEUTRAL(R.color.neutral_text, R.color.neutral_soft),
    NOTICE(R.color.notice_text, R.color.notice_soft),
    FAULT(R.color.fault_text, R.color.fault_soft)
    ;

    /** Whether somebody should do something about it. */
    val asksAttention: Boolean
        get() = this == NOTICE || this == FAULT

    companion object {
        /** The tone of a headline or of an app's state. */
        fun of(message: Message): Tone = when (message.id) {
            "headline_all_well", "state_restored" -> CALM
            "headline_action_needed", "headline_no_policy", "state_advised" -> NOTICE
            "headline_not_working", "state_failed" -> FAULT
            else -> NEUTRAL
        }
    }
}
