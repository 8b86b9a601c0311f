package nl.sluis.phone

/** As whom a thread calls the system. Binder keeps this per thread; outside of any call a thread is its own process. */
object CallingIdentity {
    /** The system's own uid. */
    const val SYSTEM = 1000

    /** The agent's uid on every phone here. */
    const val AGENT = 10123

    /** The process that every call seems to come from. */
    const val PID = 4242

    private val uid = ThreadLocal.withInitial { SYSTEM }

    /** The uid that the current call comes from. */
    var current: Int
        get() = uid.get()
        set(value) = uid.set(value)

    /** Runs [block] as a call from [caller]. */
    inline fun <T> call(caller: Int, block: () -> T): T {
        val before = current
        current = caller
        try {
            return block()
        } finally {
            current = before
        }
    }
}
