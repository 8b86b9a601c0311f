package nl.sluis.story

import java.io.File
import java.time.Instant
import java.time.temporal.ChronoUnit
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
    private val grantKeys = desk.resolve("$name-grant-keys")

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

    /** Says that the feed is still current, as at [now]. */
    fun refresh(now: Instant) = sluis("feed", "refresh", feed.path, "--keys", keys.path, "--now", written(now))

    /** Makes a key that signs grants; returns how a policy names it. */
    fun makeGrantKey(): String = sluis("grant", "key", grantKeys.path, "--no-passphrase").trim().lines().last()

    /** Signs that the phone of that number belongs to a group from [now] on, until [until]. */
    fun grant(phone: String, group: String, now: Instant, until: Instant): File {
        val grant = desk.resolve("$name-$group.sluis-grant")
        // One that is signed is not overwritten.
        grant.delete()
        sluis(
            "grant", "new", grant.path, "--layer", name, "--phone", phone, "--group", group,
            "--until", written(until), "--now", written(now)
        )
        sluis("grant", "sign", grant.path, "--keys", grantKeys.path)
        return grant
    }

    /** What the QR code of a grant says. */
    fun link(grant: File): String = sluis("grant", "qr", grant.path, "--link").trim()

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

    private fun written(moment: Instant) = moment.truncatedTo(ChronoUnit.SECONDS).toString()

    private companion object {
        const val PATIENCE_S = 60L
    }
}
