package nl.sluis.phone

import android.app.Application
import org.robolectric.Shadows.shadowOf

/** The receivers that the agent registered while it ran; they die with its process. */
internal object RunTimeReceivers {
    fun unregisterAll(app: Application, manifestReceivers: Set<String>) {
        for (wrapper in shadowOf(app).registeredReceivers.toList()) {
            if (wrapper.broadcastReceiver.javaClass.name !in manifestReceivers) app.unregisterReceiver(wrapper.broadcastReceiver)
        }
    }
}
