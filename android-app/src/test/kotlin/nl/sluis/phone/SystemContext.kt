package nl.sluis.phone

import android.content.BroadcastReceiver
import android.content.Context
import android.content.ContextWrapper
import android.content.Intent
import android.content.IntentFilter
import android.content.ServiceConnection
import android.content.pm.PackageManager
import android.os.Bundle
import android.os.Handler
import android.os.UserHandle

/** The policy service's context: the system has every permission, apps have none, and broadcasts go to the phone. */
internal class SystemContext(
    private val app: Context,
    private val below: BelowPolicy,
    private val packageName: String = Phone.AGENT,
    private val user: Int = 0
) : ContextWrapper(app) {
    override fun getPackageName(): String = packageName

    override fun getOpPackageName(): String = packageName

    override fun getUserId(): Int = user

    @Suppress("unused") // public since Android 11
    override fun getUser(): UserHandle = UserHandle.of(user)

    override fun getPackageManager(): PackageManager = below.client

    override fun getApplicationContext(): Context = this

    override fun getSystemService(name: String): Any? = below.systemService(name, user) { super.getSystemService(name) }

    private fun permission(uid: Int = CallingIdentity.current) =
        if (uid == CallingIdentity.SYSTEM) PackageManager.PERMISSION_GRANTED else PackageManager.PERMISSION_DENIED

    private fun enforce(permission: String, uid: Int = CallingIdentity.current) {
        if (permission(uid) != PackageManager.PERMISSION_GRANTED) throw SecurityException("uid $uid lacks $permission")
    }

    override fun checkCallingOrSelfPermission(permission: String): Int = permission()

    override fun checkCallingPermission(permission: String): Int = permission()

    override fun checkPermission(permission: String, pid: Int, uid: Int): Int = permission(uid)

    override fun enforceCallingOrSelfPermission(permission: String, message: String?) = enforce(permission)

    override fun enforceCallingPermission(permission: String, message: String?) = enforce(permission)

    override fun enforcePermission(permission: String, pid: Int, uid: Int, message: String?) = enforce(permission, uid)

    override fun createContextAsUser(target: UserHandle, flags: Int): Context = if (target.identifier == user ||
        target.identifier < 0
    ) {
        this
    } else {
        SystemContext(app, below, packageName, target.identifier)
    }

    override fun createPackageContextAsUser(name: String, flags: Int, target: UserHandle): Context =
        SystemContext(app, below, name, target.identifier)

    override fun registerReceiverAsUser(
        receiver: BroadcastReceiver?,
        user: UserHandle?,
        filter: IntentFilter,
        permission: String?,
        scheduler: Handler?
    ): Intent? {
        receiver?.let { below.broadcasts.register(it, filter, this) }
        return null
    }

    override fun bindServiceAsUser(
        intent: Intent,
        connection: ServiceConnection,
        flags: Int,
        handler: Handler,
        user: UserHandle
    ): Boolean = below.agent.bind(intent, connection, user)

    override fun unbindService(connection: ServiceConnection) = Unit

    override fun sendBroadcastAsUser(intent: Intent, user: UserHandle) = below.broadcasts.send(intent, user.identifier)

    override fun sendBroadcastAsUser(intent: Intent, user: UserHandle, permission: String?) =
        below.broadcasts.send(intent, user.identifier)

    override fun sendBroadcastAsUser(intent: Intent, user: UserHandle, permission: String?, options: Bundle?) =
        below.broadcasts.send(intent, user.identifier)

    override fun sendOrderedBroadcastAsUser(
        intent: Intent,
        user: UserHandle,
        permission: String?,
        result: BroadcastReceiver?,
        scheduler: Handler?,
        code: Int,
        data: String?,
        extras: Bundle?
    ) = ordered(intent, user, result)

    override fun sendOrderedBroadcastAsUser(
        intent: Intent,
        user: UserHandle,
        permission: String?,
        operation: Int,
        result: BroadcastReceiver?,
        scheduler: Handler?,
        code: Int,
        data: String?,
        extras: Bundle?
    ) = ordered(intent, user, result)

    override fun sendOrderedBroadcastAsUser(
        intent: Intent,
        user: UserHandle,
        permission: String?,
        operation: Int,
        options: Bundle?,
        result: BroadcastReceiver?,
        scheduler: Handler?,
        code: Int,
        data: String?,
        extras: Bundle?
    ) = ordered(intent, user, result)

    private fun ordered(intent: Intent, user: UserHandle, result: BroadcastReceiver?) =
        below.broadcasts.sendOrdered(intent, user.identifier) {
            CallingIdentity.call(CallingIdentity.SYSTEM) { result?.onReceive(this, intent) }
        }
}
