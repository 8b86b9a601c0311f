package nl.sluis.agent.ui

import nl.sluis.agent.R
import nl.sluis.agent.core.AppCard
import nl.sluis.agent.core.LayerCard
import nl.sluis.agent.core.Message
import nl.sluis.agent.core.PhoneCard
import nl.sluis.agent.core.Screen

/** One row of the compliance screen, from top to bottom. */
internal sealed interface Row {
    data class Headline(val message: Message) : Row

    data class Warning(val message: Message) : Row

    /** A heading over the rows that follow; [title] is a string resource. */
    data class Section(val title: Int) : Row

    /** A sentence of the shell's own; [text] is a string resource. */
    data class Text(val text: Int) : Row

    /** What came of something that the reader asked for. */
    data class Told(val message: Message) : Row

    /** What the reader can ask for. */
    data object TakeFile : Row

    class App(val card: AppCard) : Row

    class Layer(val card: LayerCard) : Row

    /** A sentence of the core's. */
    data class Sentence(val message: Message) : Row

    /** The phone's own number. */
    class Phone(val card: PhoneCard) : Row

    companion object {
        /** The rows of a screen; [told] is what came of what the reader asked for. */
        fun of(screen: Screen, told: Message? = null): List<Row> = buildList {
            add(Headline(screen.headline))
            told?.let { add(Told(it)) }
            screen.warnings.mapTo(this, ::Warning)
            if (screen.apps.isNotEmpty()) {
                add(Section(R.string.screen_apps))
                screen.apps.mapTo(this, ::App)
            } else if (Tone.of(screen.headline) == Tone.CALM) {
                add(Text(R.string.screen_empty))
            }
            if (screen.layers.isNotEmpty()) {
                add(Section(R.string.screen_layers))
                screen.layers.mapTo(this, ::Layer)
            }
            screen.phone?.let { phone ->
                add(Section(R.string.screen_phone))
                phone.groups.mapTo(this, ::Sentence)
                add(Phone(phone))
            }
            // Where nothing works, no file helps.
            if (Tone.of(screen.headline) != Tone.FAULT) add(TakeFile)
        }

        /** What is shown until the core has answered. */
        val loading: List<Row> = listOf(Text(R.string.screen_loading))
    }
}
