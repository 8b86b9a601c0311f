package nl.sluis.story

import java.time.Clock

/** Tells what happens, step by step, with how long it took, and stops the story where something did not hold. */
class Narrator(title: String) {
    // The sandbox's own clock stands still between loopers' turns; this one is the machine's.
    private val clock = Clock.systemUTC()
    private var step = 0

    init {
        println("\n$title\n${"=".repeat(title.length)}")
    }

    /** One step of the story: [act] does it and says what was to be seen. */
    fun step(what: String, act: Step.() -> Unit) {
        val begun = clock.millis()
        val step = Step().apply(act)
        val took = clock.millis() - begun
        println("\n${++this.step}. $what  (${took} ms)")
        step.said.forEach { println("   $it") }
    }

    /** What is seen in one step. */
    class Step {
        internal val said = ArrayList<String>()

        /** Something worth telling. */
        fun tell(what: String) {
            said += what
        }

        /** Something that must hold; the story ends here if it does not. */
        fun see(what: String, holds: Boolean) {
            if (!holds) throw AssertionError("did not hold: $what\n   before that: ${said.joinToString("\n   ")}")
            said += "✓ $what"
        }
    }
}
