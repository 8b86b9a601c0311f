package nl.sluis.agent.core

/** The one place that loads the Rust library. */
internal object NativeLibrary {
    /** Replaced where the library is a file outside an installed app: in tests on a desk. */
    @Volatile
    var loader: () -> Unit = { System.loadLibrary("sluis") }

    /** Loads the library unless it is loaded; throws [UnsatisfiedLinkError] when there is none to load. */
    fun load() = loader()
}
