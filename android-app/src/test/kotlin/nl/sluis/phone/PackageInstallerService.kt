package nl.sluis.phone

import android.app.Application
import android.content.Intent
import android.content.IntentSender
import android.content.pm.PackageInstaller
import android.content.pm.PackageManager
import android.content.pm.ParceledListSlice
import android.content.pm.VersionedPackage

/** The package installer in the system: who may install and uninstall without asking the user, and the result, later. */
internal class PackageInstallerService(
    private val app: Application,
    private val packages: Packages,
    private val sessions: InstallSessions,
    private val later: (() -> Unit) -> Unit,
    private val maySilently: (caller: String, uid: Int) -> Boolean
) : Answers {
    override fun answer(call: Call): Any? = when (call.name) {
        "uninstall" -> uninstall(
            call.first<VersionedPackage>(),
            call[1] as String,
            call.first<IntentSender>(),
            call.lastInt()
        )
        "createSession" -> sessions.create(call.first(), call[1] as String)
        "openSession" -> sessions.open(call.lastInt(), user = 0)
        "abandonSession" -> sessions.abandon(call.lastInt())
        "getMySessions" -> ParceledListSlice(sessions.mine())
        else -> Unanswered
    }

    private fun uninstall(target: VersionedPackage, caller: String, result: IntentSender, user: Int) {
        if (caller !in packages.namesOf(CallingIdentity.current)) throw SecurityException("$caller does not call")
        val silent = maySilently(caller, CallingIdentity.current)
        later { if (silent) deleteNow(target, result, user) else askUser(target, result) }
    }

    private fun deleteNow(target: VersionedPackage, result: IntentSender, user: Int) {
        val current = packages.find(target.packageName, user)?.app?.versionCode

        @Suppress("DEPRECATION")
        val wanted = if (Packages.api >= 28) target.longVersionCode else target.versionCode.toLong()
        val legacy = when {
            current != null && wanted != PackageManager.VERSION_CODE_HIGHEST.toLong() && wanted != current ->
                PackageManager.DELETE_FAILED_INTERNAL_ERROR
            else -> packages.delete(target.packageName, user)
        }
        report(
            result,
            Intent()
                .putExtra(PackageInstaller.EXTRA_PACKAGE_NAME, target.packageName)
                .putExtra(PackageInstaller.EXTRA_STATUS, publicStatus(legacy))
                .putExtra(PackageInstaller.EXTRA_STATUS_MESSAGE, PackageManager.deleteStatusToString(legacy))
                .putExtra(PackageInstaller.EXTRA_LEGACY_STATUS, legacy)
        )
    }

    private fun askUser(target: VersionedPackage, result: IntentSender) {
        val dialog = Intent(Intent.ACTION_UNINSTALL_PACKAGE)
            .setData(android.net.Uri.fromParts("package", target.packageName, null))
        report(
            result,
            Intent()
                .putExtra(PackageInstaller.EXTRA_PACKAGE_NAME, target.packageName)
                .putExtra(PackageInstaller.EXTRA_STATUS, PackageInstaller.STATUS_PENDING_USER_ACTION)
                .putExtra(Intent.EXTRA_INTENT, dialog)
        )
    }

    private fun report(result: IntentSender, fillIn: Intent) = result.sendIntent(app, 0, fillIn, null, null)

    private fun publicStatus(legacy: Int) = when (legacy) {
        PackageManager.DELETE_SUCCEEDED -> PackageInstaller.STATUS_SUCCESS
        PackageManager.DELETE_FAILED_DEVICE_POLICY_MANAGER,
        PackageManager.DELETE_FAILED_USER_RESTRICTED,
        PackageManager.DELETE_FAILED_OWNER_BLOCKED
        -> PackageInstaller.STATUS_FAILURE_BLOCKED
        PackageManager.DELETE_FAILED_ABORTED -> PackageInstaller.STATUS_FAILURE_ABORTED
        else -> PackageInstaller.STATUS_FAILURE
    }
}
