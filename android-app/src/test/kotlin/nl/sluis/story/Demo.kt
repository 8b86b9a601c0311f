package nl.sluis.story

import java.io.File
import java.io.PrintStream
import kotlin.system.exitProcess
import org.junit.runner.JUnitCore
import org.junit.runner.Request

/**
 * Tells the story of [PhoneThatObeysTest] in a terminal, on the Android versions of `robolectric.enabledSdks`, and fails
 * if any step did not hold. What the framework under test prints goes to the file that the only argument names.
 */
fun main(arguments: Array<String>) {
    System.setProperty(Narrator.IN_A_DEMO, "true")
    val terminal = System.out
    val log = File(arguments.single()).apply { parentFile?.mkdirs() }
    PrintStream(log).use { quiet ->
        System.setOut(quiet)
        System.setErr(quiet)
        val result = JUnitCore().run(Request.aClass(PhoneThatObeysTest::class.java))
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
