package nl.sluis.agent.enforce

import android.app.PendingIntent
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentSender
import android.content.pm.PackageInstaller
import android.net.Uri
import android.os.Build
import nl.sluis.agent.Agent

/** Where the package installer sends its answers: to the receiver below, with the action's id. */
internal object InstallerResult {
    const val SCHEME = "sluis-action"

    fun of(context: Context, id: Long): IntentSender {
        val intent = Intent(context, InstallerResultReceiver::class.java)
            // Distinct data keeps the intents of two actions apart.
            .setData(Uri.fromParts(SCHEME, id.toString(), null))
        // The installer writes its answer into the intent, which from API 31 on must be allowed in so many words.
        val mutable = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) PendingIntent.FLAG_MUTABLE else 0
        val flags = PendingIntent.FLAG_UPDATE_CURRENT or mutable
        return PendingIntent.getBroadcast(context, 0, intent, flags).intentSender
    }
}

/** Receives the package installer's answers. Not exported: only our own pending intent reaches it. */
class InstallerResultReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        val id = intent.data?.schemeSpecificPart?.toLongOrNull() ?: return
        val status = intent.getIntExtra(PackageInstaller.EXTRA_STATUS, PackageInstaller.STATUS_FAILURE)
        val message = intent.getStringExtra(PackageInstaller.EXTRA_STATUS_MESSAGE)
        val failure = if (status == PackageInstaller.STATUS_SUCCESS) null else describe(status, message)
        Agent.of(context).installerAnswered(id, failure)
    }

    private fun describe(status: Int, message: String?): String {
        val name = when (status) {
            PackageInstaller.STATUS_PENDING_USER_ACTION -> "the system wants to ask the user"
            PackageInstaller.STATUS_FAILURE_BLOCKED -> "blocked"
            PackageInstaller.STATUS_FAILURE_ABORTED -> "aborted"
            PackageInstaller.STATUS_FAILURE_CONFLICT -> "conflict"
            PackageInstaller.STATUS_FAILURE_INVALID -> "invalid"
            PackageInstaller.STATUS_FAILURE_STORAGE -> "no room"
            PackageInstaller.STATUS_FAILURE_INCOMPATIBLE -> "incompatible"
            else -> "failed"
        }
        return if (message == null) "$name ($status)" else "$name ($status): $message"
    }
}
