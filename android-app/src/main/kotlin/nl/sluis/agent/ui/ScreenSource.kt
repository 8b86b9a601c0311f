package nl.sluis.agent.ui

import android.content.Context
import nl.sluis.agent.Agent
import nl.sluis.agent.Enrolment
import nl.sluis.agent.core.Answer
import nl.sluis.agent.core.Argument
import nl.sluis.agent.core.Message
import nl.sluis.agent.core.Screen

/** Gets the screen from the core; where the core cannot answer, a screen that says so. */
internal class ScreenSource(private val context: Context) {
    /** What the reader prefers to read, best first. */
    val languages: List<String>
        get() = context.resources.configuration.locales.let { locales ->
            (0 until locales.size()).map { locales[it].toLanguageTag() }
        }

    /** Calls [show] with the screen in the phone's languages, on the core's thread. */
    fun load(show: (Screen) -> Unit) {
        val refusal = Enrolment(context).refusal
        Agent.of(context).screen(languages) { answer ->
            val screen = screen(answer)
            show(if (refusal == null) screen else screen.warnedOf(listOf(warning("warning_configuration", refusal))))
        }
    }

    private fun screen(answer: Answer): Screen = when (answer) {
        is Answer.Directed -> answer.directives.screen ?: notWorking(warning("warning_core_failed", "screen"))
        is Answer.Refused -> notWorking(warning("warning_core_failed", answer.why))
        is Answer.LibraryMissing -> notWorking(Message("warning_library_missing"))
        is Answer.Failed -> notWorking(warning("warning_core_failed", answer.why))
    }

    private fun notWorking(warning: Message) =
        Screen(Message("headline_not_working"), listOf(warning), listOf(), listOf())

    private fun warning(id: String, why: String) = Message(id, listOf(Argument.Text(why)))
}
