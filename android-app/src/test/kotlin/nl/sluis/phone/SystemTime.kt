package nl.sluis.phone

import org.robolectric.shadows.ShadowPausedSystemClock
import org.robolectric.util.ReflectionHelpers

/** The clock that counts from boot (`SystemClock.elapsedRealtime`). */
internal object SystemTime {
    /** A boot sets it back. The uptime stays: the loopers of this test run by it. */
    fun restart() {
        ReflectionHelpers.setStaticField(ShadowPausedSystemClock::class.java, "currentRealtimeNs", AFTER_BOOT_NS)
    }

    private const val AFTER_BOOT_NS = 100_000_000L
}
