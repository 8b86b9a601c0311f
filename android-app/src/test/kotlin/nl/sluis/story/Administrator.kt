package nl.sluis.story

import java.io.File
import java.util.concurrent.TimeUnit

/**
 * Somebody at an organisation who runs its feed, with the real `sluis` and nothing else.
 *
 * @property name what the feed is called on the web server and on phones
 */
class Administrator(private val desk: File, val name: String) {
    private val cli = checkNotNull(System.getProperty("sluis.cli")) { "the property sluis.cli is not set" }
    private val root =
        File(checkNotNull(System.getProperty("sluis.project")) { "the property sluis.project is not set" })
    private val keys = desk.resolve("$name-keys")

    /** The folder that the web server hands out. */
    val feed = desk.resolve("$name-feed")

    /** Makes keys and a feed; returns what phones trust it by. */
    fun makeFeed(): String {
        val said = sluis("feed", "init", feed.path, "--keys", keys.path, "--no-passphrase")
        return checkNotNull(Regex("\\b[0-9a-f]{64}\\b").find(said)) { "no digest in: $said" }.value
    }

    /** Signs a policy and publishes it in [folder]. */
    fun publish(policy: String, folder: File = feed) {
        val catalogue = root.resolve("policy-schema/catalogue/catalogue.json").path
        val signed = root.resolve(policy).path
        sluis("feed", "publish", folder.path, "--keys", keys.path, "--policy", signed, "--catalogue", catalogue)
    }

    /** Stages a file under a name. */
    fun add(file: File, name: String) {
        sluis("feed", "add", feed.path, file.path, "--name", name)
    }

    /** Puts the feed as it is now into one file, for phones that no network reaches. */
    fun bundle(suffix: String): File = desk.resolve("$name-$suffix.sluis").also {
        sluis("bundle", "create", feed.path, "-o", it.path)
    }

    /** The feed as it is now, kept for later. */
    fun copy(suffix: String): File = desk.resolve("$name-$suffix").also { feed.copyRecursively(it) }

    private fun sluis(vararg arguments: String): String {
        val process = ProcessBuilder(cli, *arguments).redirectErrorStream(true).start()
        val said = process.inputStream.bufferedReader().readText()
        check(process.waitFor(PATIENCE_S, TimeUnit.SECONDS) && process.exitValue() == 0) {
            "sluis ${arguments.joinToString(" ")}: $said"
        }
        return said
    }

    private companion object {
        const val PATIENCE_S = 60L
    }
}
