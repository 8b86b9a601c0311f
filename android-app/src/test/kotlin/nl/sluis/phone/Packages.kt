package nl.sluis.phone

import android.content.Intent
import android.content.pm.PackageManager
import android.net.Uri
import android.os.Build
import android.os.Process
import android.os.UserHandle
import java.security.MessageDigest
import java.util.TreeMap
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.ConcurrentSkipListMap
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.atomic.AtomicLong

/** A package that is installed for a user. */
internal class Installed(app: App, var appId: Int, var installer: String?) {
    var app = app
        set(version) {
            field = version
            updated = CLOCK.incrementAndGet()
        }

    /** `PackageInfo.lastUpdateTime`: later with each version that is put in the place of another. */
    var updated = CLOCK.incrementAndGet()
        private set
    var hidden = false
    var suspended = false

    private companion object {
        val CLOCK = AtomicLong(1_750_000_000_000)
    }
}

/** What the package manager keeps for one user. */
internal class UserPackages {
    val installed = ConcurrentSkipListMap<String, Installed>()
    val uninstallBlocked: MutableSet<String> = ConcurrentHashMap.newKeySet()
}

/**
 * The state of the package manager, and its broadcasts. Nothing here asks who is calling: that is the business of the
 * services in front of it.
 */
internal class Packages(private val broadcasts: Broadcasts, private val faults: Faults) {
    private val users = ConcurrentSkipListMap<Int, UserPackages>()
    private var nextAppId = FIRST_APP_ID

    /** What was done to packages, in order, as "suspend com.example"; what was refused or changed nothing is not there. */
    val history = CopyOnWriteArrayList<String>()

    /** What is in packages that nobody has installed yet, by their bytes' SHA-256. */
    private val apks = ConcurrentHashMap<String, App>()

    /** The agent is replaced: its process ends before anybody hears of it. */
    var agentIsReplaced: () -> Unit = {}

    /** Whom Android refuses to suspend and to hide; asked anew each time, roles change. */
    var isProtectedFromSuspend: (name: String) -> Boolean = { false }
    var isActiveAdmin: (name: String, user: Int) -> Boolean = { _, _ -> false }

    /** From now on these bytes are this app's package. */
    fun recognise(apk: ByteArray, app: App) {
        apks[sha256(apk)] = app
    }

    /** The app in a package; null where the bytes are none. */
    fun appIn(apk: ByteArray): App? = apks[sha256(apk)]

    fun user(user: Int): UserPackages = users.getOrPut(user) { UserPackages() }

    fun find(name: String?, user: Int): Installed? = name?.let { users[user]?.installed?.get(it) }

    /** Every user's packages; those that several users have come once. */
    fun ofAllUsers(): Map<String, Installed> =
        users.values.flatMap { it.installed.entries }.associateTo(TreeMap()) { it.key to it.value }

    fun uid(name: String?, user: Int): Int =
        find(name, user)?.let { UserHandle.getUid(user, it.appId) } ?: Process.INVALID_UID

    fun namesOf(uid: Int): List<String> {
        val appId = UserHandle.getAppId(uid)
        return users[UserHandle.getUserId(uid)]?.installed.orEmpty().filterValues { it.appId == appId }.keys.toList()
    }

    /** Puts it there without telling anybody: part of the phone from the start. */
    fun place(app: App, user: Int = 0) {
        user(user).installed[app.name] = Installed(app, app.uid ?: nextAppId++, app.installer)
    }

    /** A new app, or a new version of one; an update keeps what the user and the owner made of the old one. */
    fun install(app: App, installer: String?, user: Int) {
        val before = find(app.name, user)
        if (before == null) {
            user(user).installed[app.name] = Installed(app, app.uid ?: nextAppId++, installer)
            history += "install ${app.name}"
            tell(Intent.ACTION_PACKAGE_ADDED, app.name, user)
            return
        }
        val old = before.app
        val factory = old.factory ?: old.takeIf { it.system }
        before.app = app.copy(system = old.system, factory = factory)
        before.installer = installer
        history += "update ${app.name}"
        if (app.name == Phone.AGENT) agentIsReplaced()
        tellReplaced(app.name, user)
    }

    /** Returns one of the package manager's delete statuses. */
    fun delete(name: String, user: Int): Int {
        faults.takeUninstall()?.let { return it }
        val packageHere = find(name, user) ?: return PackageManager.DELETE_FAILED_INTERNAL_ERROR
        if (isActiveAdmin(name, user)) return PackageManager.DELETE_FAILED_DEVICE_POLICY_MANAGER
        if (name in user(user).uninstallBlocked) return PackageManager.DELETE_FAILED_OWNER_BLOCKED
        val factory = packageHere.app.factory
        if (factory != null) {
            packageHere.app = factory
            tellReplaced(name, user)
            return PackageManager.DELETE_SUCCEEDED
        }
        if (packageHere.app.system) return PackageManager.DELETE_FAILED_INTERNAL_ERROR
        val uid = uid(name, user)
        user(user).installed.remove(name)
        history += "uninstall $name"
        tell(Intent.ACTION_PACKAGE_REMOVED, name, user, uid) { putExtra(Intent.EXTRA_DATA_REMOVED, true) }
        tell(Intent.ACTION_PACKAGE_FULLY_REMOVED, name, user, uid) { putExtra(Intent.EXTRA_DATA_REMOVED, true) }
        return PackageManager.DELETE_SUCCEEDED
    }

    /** As the package manager does: true when that changed something. */
    fun hide(name: String, hide: Boolean, user: Int): Boolean {
        val packageHere = find(name, user) ?: return false
        if (name == PLATFORM || hide && isActiveAdmin(name, user)) return false
        if (packageHere.hidden == hide) return false
        if (hide && faults.takeHide(name)) return true
        packageHere.hidden = hide
        history += if (hide) "hide $name" else "unhide $name"
        tell(if (hide) Intent.ACTION_PACKAGE_REMOVED else Intent.ACTION_PACKAGE_ADDED, name, user)
        return true
    }

    /** Returns those that it could not suspend (or release). */
    fun suspend(names: Array<String>, suspend: Boolean, user: Int): Array<String> {
        val refused = names.filter { name ->
            find(name, user) == null || suspend && (cannotBeSuspended(name, user) || faults.takeSuspend(name))
        }
        val changed = names.filter { it !in refused && find(it, user)?.suspended != suspend }
        changed.forEach { find(it, user)?.suspended = suspend }
        history += changed.map { if (suspend) "suspend $it" else "unsuspend $it" }
        if (changed.isNotEmpty()) {
            val action = if (suspend) Intent.ACTION_PACKAGES_SUSPENDED else Intent.ACTION_PACKAGES_UNSUSPENDED
            val uids = changed.map { uid(it, user) }.toIntArray()
            broadcasts.send(
                Intent(action)
                    .putExtra(Intent.EXTRA_CHANGED_PACKAGE_LIST, changed.toTypedArray())
                    .putExtra(Intent.EXTRA_CHANGED_UID_LIST, uids)
                    .putExtra(Intent.EXTRA_USER_HANDLE, user),
                user
            )
        }
        return refused.toTypedArray()
    }

    private fun sha256(bytes: ByteArray) =
        MessageDigest.getInstance("SHA-256").digest(bytes).joinToString("") { "%02x".format(it) }

    private fun cannotBeSuspended(name: String, user: Int) =
        name == PLATFORM || isActiveAdmin(name, user) || isProtectedFromSuspend(name)

    private fun tellReplaced(name: String, user: Int) {
        val uid = uid(name, user)
        val replacing: Intent.() -> Unit = { putExtra(Intent.EXTRA_REPLACING, true) }
        tell(Intent.ACTION_PACKAGE_REMOVED, name, user, uid, replacing)
        tell(Intent.ACTION_PACKAGE_ADDED, name, user, uid, replacing)
        tell(Intent.ACTION_PACKAGE_REPLACED, name, user, uid, replacing)
        broadcasts.send(Intent(Intent.ACTION_MY_PACKAGE_REPLACED).setPackage(name), user)
    }

    private fun tell(
        action: String,
        name: String,
        user: Int,
        uid: Int = uid(name, user),
        more: Intent.() -> Unit = {
        }
    ) {
        val intent = Intent(action, Uri.fromParts("package", name, null))
            .putExtra(Intent.EXTRA_UID, uid)
            .putExtra(Intent.EXTRA_USER_HANDLE, user)
        broadcasts.send(intent.apply(more), user)
    }

    companion object {
        const val PLATFORM = "android"
        private const val FIRST_APP_ID = 10200

        /** The API level of the Android that this test runs on. */
        val api: Int get() = Build.VERSION.SDK_INT
    }
}
