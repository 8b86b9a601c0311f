package nl.sluis.story

import java.io.FileDescriptor
import java.io.FileOutputStream
import java.io.PrintStream
import java.time.Clock

/** Tells what happens, step by step, with how long it took, and stops the story where something did not hold. */
class Narrator(title: String) {
    // The sandbox's own clock stands still between loopers' turns; this one is the machine's.
    private val clock = Clock.systemUTC()
    private var step = 0

    init {
        out.println("\n$title\n${"=".repeat(title.length)}")
    }

    /** One step of the story: [act] does it and says what was to be seen. */
    fun step(what: String, act: Step.() -> Unit) {
        val begun = clock.millis()
        val step = Step().apply(act)
        val took = clock.millis() - begun
        out.println("\n${++this.step}. $what  ($took ms)")
        step.said.forEach { out.println("   $it") }
    }

    companion object {
        /** The property that says so. */
        const val IN_A_DEMO = "sluis.demo"

        /** In the demo the terminal itself, since the framework under test writes to `System.out`, too. */
        private val out: PrintStream =
            if (System.getProperty(IN_A_DEMO).toBoolean()) {
                PrintStream(FileOutputStream(FileDescriptor.out), true, Charsets.UTF_8)
            } else {
                System.out
            }
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
