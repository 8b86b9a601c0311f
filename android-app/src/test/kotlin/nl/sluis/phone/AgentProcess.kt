package nl.sluis.phone

import android.app.Application
import android.app.Service
import android.content.ComponentName
import android.content.Intent
import android.content.ServiceConnection
import android.os.UserHandle
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ServiceController

/** What of the agent lives in its process, and dies with it: services that the system bound, receivers at run time. */
internal class AgentProcess(private val app: Application, private val manifestReceivers: Set<String>) {
    private val bound = LinkedHashMap<ComponentName, ServiceController<out Service>>()

    /** The services that the system keeps bound, and the agent so alive. */
    val services: List<Service> get() = bound.values.map { it.get() }

    fun bind(intent: Intent, connection: ServiceConnection, user: UserHandle): Boolean {
        val component = intent.component ?: return false
        if (component.packageName != app.packageName || user.identifier != 0) return false
        val type = Class.forName(component.className).asSubclass(Service::class.java)
        val service = bound.getOrPut(component) { Robolectric.buildService(type, intent).create() }.get()
        connection.onServiceConnected(component, service.onBind(intent))
        return true
    }

    /** The process is gone; nothing of it gets to say goodbye. */
    fun die() {
        bound.clear()
        for (wrapper in shadowOf(app).registeredReceivers.toList()) {
            val receiver = wrapper.broadcastReceiver
            if (receiver.javaClass.name !in manifestReceivers) app.unregisterReceiver(receiver)
        }
    }

    /** The process ends in an orderly way, as at the end of a test. */
    fun stop() {
        bound.values.forEach { it.destroy() }
        bound.clear()
    }
}
