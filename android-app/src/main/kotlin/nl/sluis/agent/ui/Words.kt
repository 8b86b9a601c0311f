package nl.sluis.agent.ui

import android.content.Context
import android.content.res.Configuration
import android.text.format.DateFormat
import java.text.NumberFormat
import java.text.SimpleDateFormat
import java.util.Date
import java.util.IllegalFormatException
import java.util.Locale
import nl.sluis.agent.core.Argument
import nl.sluis.agent.core.Message

/** Turns messages into sentences in the language of [context]. */
internal class Words(private val context: Context) {
    private val locale: Locale = context.resources.configuration.locales[0]

    /** The sentence of a message; one that this version does not know is shown by its id rather than left out. */
    fun of(message: Message): String {
        val resource = MessageIds.resource(message.id) ?: return unknown(message)
        val arguments = message.args.map(::argument).toTypedArray()
        return try {
            when {
                resource.plural -> context.resources.getQuantityString(resource.id, quantity(message), *arguments)
                // A text without places is not a format string: its `%` stands for itself.
                PLACE !in context.getString(resource.id) -> context.getString(resource.id)
                else -> context.getString(resource.id, *arguments)
            }
        } catch (_: IllegalFormatException) {
            unknown(message)
        }
    }

    /** A moment by the reader's locale and choice of clock. */
    fun time(wallMs: Long): String {
        val hours = if (DateFormat.is24HourFormat(context)) "Hm" else "hma"
        val pattern = DateFormat.getBestDateTimePattern(locale, "dMMMMyyyy$hours")
        return SimpleDateFormat(pattern, locale).format(Date(wallMs))
    }

    private fun argument(argument: Argument): String = when (argument) {
        is Argument.Text -> argument.text
        is Argument.Count -> NumberFormat.getIntegerInstance(locale).format(argument.count)
        is Argument.Time -> time(argument.wallMs)
    }

    private fun quantity(message: Message): Int {
        val count = message.args.firstNotNullOfOrNull { (it as? Argument.Count)?.count } ?: 0
        return count.coerceIn(0, Int.MAX_VALUE.toLong()).toInt()
    }

    private fun unknown(message: Message) = (listOf(message.id) + message.args.map(::argument)).joinToString(" ")

    companion object {
        private const val PLACE = "%1\$"

        /** Words for the system log, which developers and administrators share: English, whatever the phone speaks. */
        fun forLog(context: Context): Words {
            val configuration = Configuration(context.resources.configuration).apply { setLocale(Locale.ENGLISH) }
            return Words(context.createConfigurationContext(configuration))
        }
    }
}
