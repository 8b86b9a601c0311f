package nl.sluis.phone

import android.app.AppGlobals
import android.app.admin.DevicePolicyManager
import android.content.Context
import android.content.pm.IPackageManager
import android.content.pm.PackageInstaller
import android.content.pm.PackageManager
import android.content.pm.SigningInfo
import android.os.Binder
import android.os.Environment
import android.os.UserHandle
import java.io.File
import java.io.OutputStream
import java.util.concurrent.ConcurrentHashMap
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.annotation.RealObject
import org.robolectric.shadow.api.Shadow
import org.robolectric.shadows.ShadowContextImpl
import org.robolectric.shadows.ShadowEnvironment
import org.robolectric.util.ReflectionHelpers

/** Where the shadows below find the phone that is switched on. */
internal object Current {
    var packageManager: PackageManager? = null
    var systemPackageManager: IPackageManager? = null
    var systemDirectory: File? = null

    /** What is behind the binder of each session, by its identity. */
    val sessions = ConcurrentHashMap<Int, InstallSession>()
    var roomForSession: () -> Long = { Long.MAX_VALUE }

    /** No phone is switched on any more. */
    fun release() {
        packageManager = null
        systemPackageManager = null
        sessions.clear()
        roomForSession = { Long.MAX_VALUE }
        systemDirectory?.deleteRecursively()
        systemDirectory = null
    }
}

/** Every context of the agent's process asks the phone's package manager. */
@Implements(className = ShadowContextImpl.CLASS_NAME, isInAndroidSdk = false)
class PhoneContext : ShadowContextImpl() {
    @RealObject
    private lateinit var self: Context

    @Implementation
    protected fun getPackageManager(): PackageManager = Current.packageManager
        ?: ReflectionHelpers.callInstanceMethod(self, Shadow.directMethodName(CLASS_NAME, "getPackageManager"))
}

/** What the policy engine of Android 14 asks; Robolectric's own proxy throws. */
@Implements(value = AppGlobals::class, isInAndroidSdk = false)
class PhoneAppGlobals {
    /** Static methods of the class that is shadowed. */
    companion object {
        @JvmStatic
        @Implementation
        fun getPackageManager(): IPackageManager? = Current.systemPackageManager
    }
}

/** Robolectric knows one caller and does not clear it: code of the system would run with its caller's rights. */
@Implements(Binder::class)
class PhoneBinder {
    /** Static methods of the class that is shadowed. */
    companion object {
        @JvmStatic
        @Implementation
        fun getCallingUid(): Int = CallingIdentity.current

        @JvmStatic
        @Implementation
        fun getCallingPid(): Int = CallingIdentity.PID

        @JvmStatic
        @Implementation
        fun getCallingUidOrThrow(): Int = CallingIdentity.current

        @JvmStatic
        @Implementation
        fun getCallingUserHandle(): UserHandle = UserHandle.getUserHandleForUid(CallingIdentity.current)

        @JvmStatic
        @Implementation
        fun clearCallingIdentity(): Long = CallingIdentity.current.toLong().also {
            CallingIdentity.current =
                CallingIdentity.SYSTEM
        }

        @JvmStatic
        @Implementation
        fun restoreCallingIdentity(token: Long) {
            CallingIdentity.current = token.toInt()
        }
    }
}

/** Without it the policy engine writes to the host's own /data/system. */
@Implements(Environment::class)
class PhoneEnvironment : ShadowEnvironment() {
    /** Static methods of the class that is shadowed. */
    companion object {
        @JvmStatic
        @Implementation
        fun getDataSystemDirectory(): File = checkNotNull(Current.systemDirectory) { "no phone is switched on" }
    }
}

/** Leaves the real client as it is: its calls reach the policy service. */
@Implements(DevicePolicyManager::class)
class RealDevicePolicyManager {
    /** Static methods of the class that is shadowed. */
    companion object {
        /** Since Android 16 it writes to memory that processes share, which needs native code. */
        @JvmStatic
        @Implementation
        fun invalidateBinderCaches() = Unit
    }
}

/** Leaves the real client as it is: its calls reach the phone's installer. */
@Implements(PackageInstaller::class)
class RealPackageInstaller

/** Leaves the real client of a session as it is, but for its stream: on a phone that is a pipe, which needs native code. */
@Implements(PackageInstaller.Session::class)
class PhoneInstallSession {
    @RealObject
    private lateinit var self: PackageInstaller.Session

    @Implementation
    protected fun openWrite(name: String, offsetBytes: Long, lengthBytes: Long): OutputStream {
        check(name.isNotEmpty() && offsetBytes == 0L && lengthBytes >= 0)
        val binder = ReflectionHelpers.getField<Any>(self, "mSession")
        return SessionStream(Current.sessions.getValue(System.identityHashCode(binder)), Current.roomForSession())
    }

    @Implementation
    protected fun fsync(stream: OutputStream) {
        (stream as SessionStream).session.isOnDisk = true
    }
}

/** Leaves the real class as it is: certificates come out of the framework's own code. */
@Implements(value = SigningInfo::class, minSdk = 28)
class RealSigningInfo
