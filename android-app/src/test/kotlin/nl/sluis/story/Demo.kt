package nl.sluis.story

import java.io.File
import java.io.PrintStream
import kotlin.system.exitProcess
import nl.sluis.phone.NativeLibrary
import org.junit.runner.Description
import org.junit.runner.JUnitCore
import org.junit.runner.Request
import org.junit.runner.manipulation.Filter

/**
 * Tells the story of [PhoneThatObeysTest] in a terminal, on the Android versions of `robolectric.enabledSdks`, and fails
 * if any step did not hold. What the framework under test prints goes to the file that the only argument names.
 * On shrunk classes it tells the first phone's story only: the agent cannot be stopped there to begin another.
 */
fun main(arguments: Array<String>) {
    System.setProperty(Narrator.IN_A_DEMO, "true")
    val terminal = System.out
    val log = File(arguments.single()).apply { parentFile?.mkdirs() }
    PrintStream(log).use { quiet ->
        System.setOut(quiet)
        System.setErr(quiet)
        val result = JUnitCore().run(stories())
        result.failures.forEach { failure ->
            terminal.println("\nThe story broke off in: ${failure.description.methodName}\n${failure.message}")
            quiet.println(failure.trace)
        }
        val held = result.wasSuccessful() && result.runCount > 0
        terminal.println(if (held) "\nEvery step held." else "\nNot every step held; details: $log")
        terminal.flush()
        // Threads of the sandbox would keep the process alive.
        exitProcess(if (held) 0 else 1)
    }
}

/** Both phones' stories, the first phone's first. */
private fun stories(): Request {
    val all = Request.aClass(PhoneThatObeysTest::class.java)
    val chosen = if (NativeLibrary.onShrunkClasses) all.filterWith(Named(FIRST_STORY)) else all
    return chosen.sortWith(compareBy { !it.methodName.startsWith(FIRST_STORY) })
}

private const val FIRST_STORY = "a civil servant's phone"

/** Only the tests whose name begins so; what follows may be the Android version. */
private class Named(private val beginning: String) : Filter() {
    override fun shouldRun(description: Description): Boolean =
        if (description.isTest) description.methodName.startsWith(beginning) else description.children.any(::shouldRun)

    override fun describe(): String = "tests named $beginning…"
}
