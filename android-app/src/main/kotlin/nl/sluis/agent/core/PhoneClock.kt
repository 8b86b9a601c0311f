package nl.sluis.agent.core

import android.content.ContentResolver
import android.os.SystemClock
import android.provider.Settings
import org.json.JSONObject

/** The phone's clocks, read together. */
internal class PhoneClock(private val resolver: ContentResolver) {
    /** The moment that goes with an event. */
    fun now(): JSONObject = JSONObject()
        .put("wall_ms", System.currentTimeMillis())
        .put("elapsed_ms", SystemClock.elapsedRealtime())
        .put("boot_count", Settings.Global.getInt(resolver, Settings.Global.BOOT_COUNT, 0))
}
