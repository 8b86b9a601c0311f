package nl.sluis.agent

import android.app.admin.DeviceAdminReceiver

/** What makes this app a device administrator. */
class AdminReceiver : DeviceAdminReceiver()
