package nl.sluis.phone

import java.io.File
import java.nio.file.Files

/**
 * Loads the host build of the native library. A file may be loaded by one class loader only, and every simulated
 * Android version has its own: each gets a copy.
 */
object NativeLibrary {
    private val loaded: File by lazy {
        val original =
            File(checkNotNull(System.getProperty("sluis.library")) { "the property sluis.library is not set" })
        check(original.isFile) { "$original is missing: cargo build -p sluis-bridge makes it" }
        val copy = Files.createTempFile("sluis", original.name).toFile()
        copy.deleteOnExit()
        original.copyTo(copy, overwrite = true)
        System.load(copy.absolutePath)
        copy
    }

    /** Makes the agent load it from there. On shrunk classes there is no such seam: they load it as on a phone. */
    fun loadForAgent() {
        if (!onShrunkClasses) nl.sluis.agent.core.NativeLibrary.loader = ::load
    }

    /** Whether the agent's classes are those that the shrinker left. */
    val onShrunkClasses: Boolean = System.getProperty("sluis.shrunk").toBoolean()

    /** Loads it into the class loader of whoever asks; asking again changes nothing. */
    fun load() {
        check(loaded.isFile)
    }
}
