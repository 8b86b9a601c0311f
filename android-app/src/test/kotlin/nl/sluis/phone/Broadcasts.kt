package nl.sluis.phone

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.os.Bundle
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CopyOnWriteArrayList
import org.robolectric.Shadows.shadowOf
import org.robolectric.util.ReflectionHelpers
import org.robolectric.util.ReflectionHelpers.ClassParameter

/** Sends broadcasts, later and in order, to the policy service's receivers and to those of the agent. */
internal class Broadcasts(private val app: android.app.Application, private val manifestReceivers: Set<String>) {
    private class Registration(val receiver: BroadcastReceiver, val filter: IntentFilter, val context: Context)

    private val system = CopyOnWriteArrayList<Registration>()
    private val queue = ConcurrentLinkedQueue<() -> Unit>()

    /** What was sent since the start, by action. */
    val sent = CopyOnWriteArrayList<String>()

    /** The policy service registers; the agent's registrations are Robolectric's. */
    fun register(receiver: BroadcastReceiver, filter: IntentFilter, context: Context) {
        system.add(Registration(receiver, filter, context))
    }

    /** The system restarts: its registrations are gone and what was under way is lost. */
    fun forgetSystem() {
        system.clear()
        queue.clear()
    }

    /** To everybody on the phone who may hear it. */
    fun send(intent: Intent, user: Int) {
        sent.add(intent.action.orEmpty())
        queue.add {
            if (intent.component == null && intent.`package` == null) toSystem(intent, user)
            toAgent(intent, user)
        }
    }

    /** To the receivers that match; then [result] hears that it is over, whether or not there were any. */
    fun sendOrdered(intent: Intent, user: Int, result: () -> Unit) {
        send(intent, user)
        queue.add(result)
    }

    /** Something else that the system does in its turn. */
    fun later(task: () -> Unit) {
        queue.add(task)
    }

    /** Delivers what is waiting; returns whether there was anything. */
    fun deliver(): Boolean {
        val next = queue.poll() ?: return false
        next()
        return true
    }

    private fun toSystem(intent: Intent, user: Int) {
        for (registration in system.filter { matches(it.filter, intent) }) {
            CallingIdentity.call(CallingIdentity.SYSTEM) {
                receive(registration.receiver, registration.context, intent, user)
            }
        }
    }

    private fun toAgent(intent: Intent, user: Int) {
        val target = intent.component?.packageName ?: intent.`package`
        if (target != null && target != app.packageName) return
        for (wrapper in shadowOf(app).registeredReceivers.toList()) {
            val name = wrapper.broadcastReceiver.javaClass.name
            val fits = when {
                intent.component != null -> intent.component?.className == name
                name in manifestReceivers && target == null && intent.action !in EXEMPT -> false
                else -> matches(wrapper.intentFilter, intent)
            }
            if (!fits) continue
            // Android makes a new instance of a manifest receiver for every broadcast.
            val receiver =
                if (name in manifestReceivers) {
                    ReflectionHelpers.callConstructor(wrapper.broadcastReceiver.javaClass)
                } else {
                    wrapper.broadcastReceiver
                }
            val deliver = { receive(receiver, wrapper.context ?: app, intent, user) }
            wrapper.scheduler?.post { deliver() } ?: deliver()
        }
    }

    private fun matches(filter: IntentFilter, intent: Intent): Boolean =
        filter.match(intent.action, intent.type, intent.scheme, intent.data, intent.categories, "phone") >= 0

    private fun receive(receiver: BroadcastReceiver, context: Context, intent: Intent, user: Int) {
        val pending: BroadcastReceiver.PendingResult = ReflectionHelpers.callStaticMethod(
            Class.forName("org.robolectric.shadows.ShadowBroadcastPendingResult"),
            "create",
            ClassParameter.from(Int::class.javaPrimitiveType, 0),
            ClassParameter.from(String::class.java, null),
            ClassParameter.from(Bundle::class.java, null),
            ClassParameter.from(Boolean::class.javaPrimitiveType, false)
        )
        ReflectionHelpers.setField(BroadcastReceiver.PendingResult::class.java, pending, "mSendingUser", user)
        ReflectionHelpers.setField(BroadcastReceiver::class.java, receiver, "mPendingResult", pending)
        receiver.onReceive(context, Intent(intent))
    }

    private companion object {
        /** Implicit broadcasts that still reach manifest receivers since Android 8. */
        val EXEMPT = setOf(
            Intent.ACTION_LOCKED_BOOT_COMPLETED,
            Intent.ACTION_BOOT_COMPLETED,
            Intent.ACTION_PACKAGE_FULLY_REMOVED,
            Intent.ACTION_PACKAGE_DATA_CLEARED,
            Intent.ACTION_TIMEZONE_CHANGED,
            Intent.ACTION_TIME_CHANGED,
            Intent.ACTION_LOCALE_CHANGED
        )
    }
}
