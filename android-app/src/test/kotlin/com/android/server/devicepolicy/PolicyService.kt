package com.android.server.devicepolicy

import android.app.admin.DevicePolicyManager
import android.app.admin.DevicePolicyManagerInternal
import android.app.admin.IDevicePolicyManager
import android.content.ComponentName
import android.content.Context
import android.os.Binder
import android.os.Looper
import android.os.UserHandle
import com.android.server.LocalServices
import com.android.server.devicepolicy.DevicePolicyManagerService.Injector
import java.lang.reflect.Method
import nl.sluis.phone.BelowPolicy
import nl.sluis.phone.Call
import nl.sluis.phone.CallingIdentity
import nl.sluis.phone.QuietCalls
import nl.sluis.phone.SystemContext
import nl.sluis.phone.Unanswered
import nl.sluis.phone.nothing
import nl.sluis.phone.passTo
import org.mockito.Mockito
import org.robolectric.util.ReflectionHelpers
import org.robolectric.util.ReflectionHelpers.ClassParameter

/**
 * AOSP's own device-policy service of the Android under test, over this phone's [BelowPolicy]. It sits in AOSP's
 * package because the service's constructor and its `Injector` are private to that.
 */
internal class PolicyService(private val app: Context, private val below: BelowPolicy) {
    private lateinit var service: DevicePolicyManagerService

    /** Starts it, or starts it again over the same files. */
    fun boot() = CallingIdentity.call(CallingIdentity.SYSTEM) {
        publishLocalServices()
        val injector = Mockito.mock(
            Injector::class.java,
            Mockito.withSettings().useConstructor(SystemContext(app, below)).stubOnly()
                .defaultAnswer { injected(it.method, it.arguments, it::callRealMethod) }
        )
        service = create(injector)
        BOOT_PHASES.forEach(service::systemReady)
        for (user in below.users.all.keys - 0) {
            ReflectionHelpers.callInstanceMethod<Unit>(
                service,
                "handleStartUser",
                ClassParameter.from(Int::class.java, user)
            )
        }
    }

    /** Passes a call of a client on to the service that runs now. */
    fun call(method: Method, arguments: Array<out Any?>): Any? = method.passTo(service, arguments)

    /** Whom the package installer lets uninstall without asking the user. */
    fun maySilentlyUninstall(packageName: String, uid: Int): Boolean = CallingIdentity.call(CallingIdentity.SYSTEM) {
        val internal = LocalServices.getService(DevicePolicyManagerInternal::class.java)
        val asked = internal.javaClass.methods.find { it.name == "canSilentlyInstallPackage" }
        if (asked != null) {
            asked.passTo(internal, arrayOf(packageName, uid)) as Boolean
        } else {
            below.packages.uid(service.getDeviceOwnerComponent(true)?.packageName, UserHandle.getUserId(uid)) == uid
        }
    }

    fun isActiveAdmin(packageName: String, user: Int): Boolean = CallingIdentity.call(CallingIdentity.SYSTEM) {
        service.packageHasActiveAdmins(packageName, user)
    }

    /** The way a provisioned phone gets there: the system makes it an active admin, then the device owner. */
    fun makeDeviceOwner(admin: ComponentName) = CallingIdentity.call(CallingIdentity.SYSTEM) {
        val client = ReflectionHelpers.callConstructor(
            DevicePolicyManager::class.java,
            ClassParameter.from(Context::class.java, SystemContext(app, below, "android")),
            ClassParameter.from(IDevicePolicyManager::class.java, service)
        )
        ReflectionHelpers.callInstanceMethod<Unit>(
            client,
            "setActiveAdmin",
            ClassParameter.from(ComponentName::class.java, admin),
            ClassParameter.from(Boolean::class.javaPrimitiveType, false),
            ClassParameter.from(Int::class.javaPrimitiveType, 0)
        )
        val set = DevicePolicyManager::class.java.methods.filter {
            it.name == "setDeviceOwner"
        }.maxBy { it.parameterCount }
        val arguments = if (set.parameterCount == 3) arrayOf(admin, "Sluis", 0) else arrayOf(admin, 0)
        check(set.passTo(client, arguments) as Boolean) { "the policy service did not accept the device owner" }
    }

    /** Whatever this Android's injector hands out as a local service, the policy service also looks up itself. */
    private fun publishLocalServices() {
        val types = Injector::class.java.declaredMethods.map {
            it.returnType
        }.filter { it.simpleName.endsWith("Internal") }
        below.publishLocalServices(types + OTHER_LOCAL_SERVICES.mapNotNull(::classOrNull))
    }

    private fun classOrNull(name: String): Class<*>? = try {
        Class.forName(name)
    } catch (_: ClassNotFoundException) {
        null // not in this version of Android
    }

    private fun create(injector: Injector): DevicePolicyManagerService {
        val constructors = DevicePolicyManagerService::class.java.declaredConstructors.onEach { it.isAccessible = true }
        val withPaths = constructors.find { it.parameterCount == 2 && it.parameterTypes[0] == Injector::class.java }
        if (withPaths != null) {
            val paths = below.doubles.ofInterface(withPaths.parameterTypes[1]) { call ->
                below.directory(call.name + (call[0] ?: ""))
            }
            return withPaths.newInstance(injector, paths) as DevicePolicyManagerService
        }
        return constructors.first { it.parameterTypes.contentEquals(arrayOf(Injector::class.java)) }
            .newInstance(injector) as DevicePolicyManagerService
    }

    private fun injected(method: Method, arguments: Array<out Any?>, real: () -> Any?): Any? {
        val name = method.name
        val type = method.returnType
        return when {
            name in REAL -> real()
            name.startsWith("settings") -> setting(method, arguments)
            name == "getIPackageManager" -> below.packageManager
            name == "getPackageManager" -> below.client
            name == "getUserManager" -> below.userManager(0)
            name == "createContextAsUser" -> SystemContext(app, below, user = (arguments[0] as UserHandle).identifier)
            name == "hasFeature" -> true
            name == "getMyLooper" -> Looper.getMainLooper()
            name == "isBuildDebuggable" -> false
            name == "binderGetCallingPid" -> CallingIdentity.PID
            name == "binderGetCallingUserHandle" -> UserHandle.getUserHandleForUid(Binder.getCallingUid())
            name == "binderIsCallingUidMyUid" -> Binder.getCallingUid() == CallingIdentity.SYSTEM
            name == "getDevicePolicyFilePathForSystemUser" -> below.directory("system").path + "/"
            name == "environmentGetUserSystemDirectory" -> below.directory("user${arguments[0]}")
            name == "systemCurrentTimeMillis" -> System.currentTimeMillis()
            name == "isChangeEnabled" -> true
            name == "postOnSystemServerInitThreadPool" -> (arguments[0] as Runnable).run()
            name == "systemPropertiesGet" -> arguments.getOrNull(1)
            name == "systemPropertiesGetBoolean" || name == "systemPropertiesGetLong" -> arguments[1]
            type == Void.TYPE || type.isPrimitive || type == String::class.java || type == List::class.java ->
                plain(method, arguments)
            else -> below.service(type)
        }.let { if (it == Unit) null else it }
    }

    private fun plain(method: Method, arguments: Array<out Any?>): Any? {
        val answer = QuietCalls.answer(Call("Injector", method, arguments))
        return if (answer === Unanswered) below.unexpected("Injector", method, arguments) else answer
    }

    private fun setting(method: Method, arguments: Array<out Any?>): Any? {
        val key = arguments[0] as String
        if ("Put" in method.name) {
            below.settings[key] = "${arguments[1]}"
            return nothing(method.returnType)
        }
        val value = below.settings[key]
        return if (method.returnType ==
            Int::class.javaPrimitiveType
        ) {
            value?.toInt() ?: arguments.getOrNull(1) ?: 0
        } else {
            value
        }
    }

    private companion object {
        /** PHASE_LOCK_SETTINGS_READY to PHASE_BOOT_COMPLETED; the policy engine enforces again in the last one. */
        val BOOT_PHASES = listOf(480, 500, 550, 600, 1000)
        val OTHER_LOCAL_SERVICES = listOf(
            "com.android.server.wm.WindowManagerInternal",
            "com.android.server.inputmethod.InputMethodManagerInternal"
        )
        val REAL = setOf(
            "binderGetCallingUid",
            "binderClearCallingIdentity",
            "binderRestoreCallingIdentity",
            "binderWithCleanCallingIdentity",
            "userHandleGetCallingUserId",
            "newOwners",
            "hasUserSetupCompleted"
        )
    }
}
