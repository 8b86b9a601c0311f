package nl.sluis.story

import android.app.admin.DevicePolicyManager
import android.app.job.JobParameters
import android.app.job.JobScheduler
import android.content.Intent
import android.content.pm.ApplicationInfo
import android.os.PersistableBundle
import android.os.SystemClock
import java.time.Clock
import java.util.concurrent.atomic.AtomicBoolean
import nl.sluis.agent.AdminReceiver
import nl.sluis.agent.Agent
import nl.sluis.agent.RefreshJob
import nl.sluis.phone.NativeLibrary
import nl.sluis.phone.Phone
import nl.sluis.phone.PhoneModel
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.util.ReflectionHelpers

/** A phone with the shipped agent on it, driven only through what Android itself calls. */
class EnrolledPhone(model: PhoneModel) : AutoCloseable {
    /** The phone. */
    val phone: Phone

    init {
        // One that another test left in this sandbox belongs to another phone.
        if (!NativeLibrary.onShrunkClasses) Agent.stop()
        // A phone's clock does not start in 1970; the pictures show it.
        SystemClock.setCurrentTimeMillis(Clock.systemUTC().millis())
        phone = Phone(model)
        // Feeds over plain HTTP on loopback are for builds under test.
        phone.agent.applicationInfo.flags = phone.agent.applicationInfo.flags or ApplicationInfo.FLAG_DEBUGGABLE
    }

    /** The agent becomes the device owner and is told which feeds to obey, as provisioning does. */
    fun enrol(configuration: String) {
        phone.becomeDeviceOwner()
        rest()
        val extras = PersistableBundle().apply { putString("nl.sluis.configuration", configuration) }
        val intent = Intent("android.app.action.PROFILE_PROVISIONING_COMPLETE")
            .putExtra(DevicePolicyManager.EXTRA_PROVISIONING_ADMIN_EXTRAS_BUNDLE, extras)
        AdminReceiver().onReceive(phone.agent, intent)
        rest()
    }

    /** The job that the agent scheduled comes due. */
    fun refresh() {
        val jobs = phone.agent.getSystemService(JobScheduler::class.java)
        // The agent schedules it when it has come to rest, which may be a moment after that was seen from here.
        phone.settle { jobs.allPendingJobs.none { it.service.className == RefreshJob::class.java.name } }
        val job = Robolectric.buildService(RefreshJob::class.java).create().get()
        job.onStartJob(ReflectionHelpers.newInstance(JobParameters::class.java))
        rest()
    }

    /** Waits until neither the phone nor the agent has anything left to do. */
    fun rest() {
        if (NativeLibrary.onShrunkClasses) return restByThreads()
        do {
            // What a busy agent did last may be what the phone has to deliver next.
            var wasBusy = false
            phone.settle { isBusy().also { wasBusy = wasBusy || it } }
        } while (wasBusy)
    }

    private fun isBusy(): Boolean {
        val quiet = AtomicBoolean(false)
        Agent.of(phone.agent).whenQuiet { quiet.set(true) }
        return !quiet.get()
    }

    /** The agent's threads wait for work, and go on doing so: all that can be seen of shrunk classes. */
    private fun restByThreads() {
        var calm = 0
        phone.settle {
            calm = if (agentThreadsAreBusy()) 0 else calm + 1
            calm < CALM_ENOUGH
        }
    }

    private fun agentThreadsAreBusy(): Boolean {
        val threads = arrayOfNulls<Thread>(Thread.activeCount() + ROOM_FOR_MORE)
        val count = Thread.enumerate(threads)
        return threads.take(count).filterNotNull().filter { it.name in AGENT_THREADS }.any { thread ->
            val stack = thread.stackTrace
            thread.isAlive && stack.none { it.methodName == "getTask" }
        }
    }

    override fun close() = phone.close()

    private companion object {
        val AGENT_THREADS = setOf("sluis-core", "sluis-network")

        /** Milliseconds: longer than a thread that was just woken waits for a processor. */
        const val CALM_ENOUGH = 200
        const val ROOM_FOR_MORE = 16
    }
}
