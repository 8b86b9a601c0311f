package nl.sluis.agent

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent

/** The phone has booted (first still locked, then unlocked), or the agent itself was updated. */
class BootReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        if (intent.action !in EXPECTED) return
        val broadcast = goAsync()
        Agent.of(context).started { broadcast?.finish() }
    }

    private companion object {
        val EXPECTED = setOf(
            Intent.ACTION_LOCKED_BOOT_COMPLETED,
            Intent.ACTION_BOOT_COMPLETED,
            Intent.ACTION_MY_PACKAGE_REPLACED
        )
    }
}
