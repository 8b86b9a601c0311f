package nl.sluis.story

import java.io.File
import java.util.concurrent.TimeUnit

/** A new version of the agent as its makers hand it out: a real package, but with nothing in it besides its manifest. */
object NewAgent {
    /** Builds it in [desk], with Android's own tool and the agent's own manifest. */
    fun of(desk: File, versionCode: Long): File {
        val apk = desk.resolve("agent-$versionCode.apk")
        val target = File("target")
        val frameworks = checkNotNull(target.resolve("framework").listFiles())
        val framework = frameworks.first { it.name.startsWith("android-all") }
        val command = listOf("aapt2", "link", "-I", framework.path, "--manifest", "src/main/AndroidManifest.xml") +
            listOf("--replace-version", "--version-code", "$versionCode") +
            listOf("--min-sdk-version", "26", "--target-sdk-version", "35") +
            listOf("-o", apk.path, target.resolve("resources.zip").path)
        val process = ProcessBuilder(command).redirectErrorStream(true).start()
        val said = process.inputStream.bufferedReader().readText()
        check(process.waitFor(PATIENCE_S, TimeUnit.SECONDS) && process.exitValue() == 0) { said }
        return apk
    }

    private const val PATIENCE_S = 60L
}
