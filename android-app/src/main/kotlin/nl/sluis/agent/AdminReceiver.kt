package nl.sluis.agent

import android.app.admin.DeviceAdminReceiver
import android.app.admin.DevicePolicyManager
import android.content.Context
import android.content.Intent
import android.os.PersistableBundle

/** The device administrator: what the system tells it about enrolment. */
class AdminReceiver : DeviceAdminReceiver() {
    override fun onEnabled(context: Context, intent: Intent) {
        val broadcast = goAsync()
        Agent.of(context).started { broadcast?.finish() }
    }

    /** Enrolment brings the configuration: which feeds this phone obeys. */
    override fun onProfileProvisioningComplete(context: Context, intent: Intent) {
        @Suppress("DEPRECATION") // The typed replacement exists from API 33 on.
        val extras = intent.getParcelableExtra<PersistableBundle>(
            DevicePolicyManager.EXTRA_PROVISIONING_ADMIN_EXTRAS_BUNDLE
        )
        val broadcast = goAsync()
        Enrolment(context).configure(extras?.getString(Enrolment.CONFIGURATION)) { broadcast?.finish() }
    }
}
