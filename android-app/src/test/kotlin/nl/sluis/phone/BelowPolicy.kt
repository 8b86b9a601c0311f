package nl.sluis.phone

import android.content.Context
import android.content.pm.IPackageManager
import android.content.pm.PackageManager
import android.os.UserManager
import com.android.server.LocalServices
import java.io.File
import java.lang.reflect.Method
import java.util.concurrent.ConcurrentHashMap
import org.robolectric.util.ReflectionHelpers

/** Everything in the system that the policy service calls, as far as a phone needs it. */
internal class BelowPolicy(
    val doubles: Doubles,
    val packages: Packages,
    val users: Users,
    val broadcasts: Broadcasts,
    val client: PackageManager,
    val directory: File,
    private val system: SystemPackageManager,
    val agent: AgentProcess,
    private val unhandled: UnexpectedCalls,
    private val roles: () -> RoleHolders
) {
    /** `settings put`, by key. */
    val settings = HashMap<String, String>()
    val packageManager: IPackageManager = doubles.ofInterface(IPackageManager::class.java, orQuiet(system))
    private val made = HashMap<Pair<Class<*>, Int>, Any>()

    /** The one object of a type (and user) that stands for a service. */
    fun service(type: Class<*>, user: Int = 0): Any = made.getOrPut(type to user) {
        when {
            type.simpleName.startsWith("UserManager") -> doubles.of(type, orQuiet(users.answersFor(user)))
            else -> doubles.of(type, orQuiet(::answer))
        }
    }

    fun userManager(user: Int): Any = service(UserManager::class.java, user)

    /** A fresh system server has its own local services, and all that this Android's policy service looks up exist. */
    fun publishLocalServices(types: Collection<Class<*>>) {
        ReflectionHelpers.getStaticField<MutableMap<*, *>>(LocalServices::class.java, "sLocalServiceObjects").clear()
        @Suppress("UNCHECKED_CAST")
        for (type in types.toSet() as Set<Class<Any>>) {
            LocalServices.addService(type, service(type))
        }
    }

    private fun answer(call: Call): Any? = when (call.service) {
        "PackageManagerInternal" -> system.answer(call)
        "InputMethodManagerInternal", "InputMethodManager" -> inputMethods(call)
        "PackageManagerLocal", "UnfilteredSnapshot" -> snapshot(call)
        "ConnectivityManager", "VpnManager" -> vpn(call)
        // Up to Android 11 a list of keyboards is taken for the user in front only.
        "IActivityManager" -> if (call.name == "getCurrentUser") users.all[0] else Unanswered
        "KeyChainConnection" -> if (call.name == "getService") service(call.method.returnType) else Unanswered
        else -> Unanswered
    }

    private fun orQuiet(answers: Answers) = Answers { call ->
        answers.answer(call).let { if (it === Unanswered) QuietCalls.answer(call) else it }
    }

    private fun inputMethods(call: Call): Any? = when (call.name) {
        "getEnabledInputMethodListAsUser", "getInputMethodListAsUser", "getEnabledInputMethodList" ->
            InputMethods.of(roles())
        else -> Unanswered
    }

    private fun vpn(call: Call): Any? = when (call.name) {
        "getAlwaysOnVpnPackageForUser" -> roles().alwaysOnVpn
        else -> Unanswered
    }

    private val states = ConcurrentHashMap<Pair<String, Int>, Any>()

    /** What Android 14 and later read of all packages at once. */
    private fun snapshot(call: Call): Any? = when (call.name) {
        "withUnfilteredSnapshot" -> service(call.method.returnType)
        "close" -> null
        "getPackageStates" -> packages.ofAllUsers().mapValues { (name, installed) ->
            // Asked for at every broadcast; what it answers is looked up anew each time.
            states.getOrPut(name to installed.appId) { state(name, installed) }
        }
        else -> Unanswered
    }

    private fun state(name: String, installed: Installed): Any =
        doubles.ofInterface(Class.forName("com.android.server.pm.pkg.PackageState")) { call ->
            when (call.name) {
                "getAppId" -> installed.appId
                "getUserStateOrDefault" -> doubles.ofInterface(call.method.returnType) { inner ->
                    if (inner.name == "isInstalled") packages.find(name, call[0] as Int) != null else Unanswered
                }
                else -> Unanswered
            }
        }

    /** Nobody handles this call of the policy service's injector. */
    fun unexpected(service: String, method: Method, arguments: Array<out Any?>): Any? =
        unhandled.record(service, method, arguments)

    /** A directory of the system's own. */
    fun directory(name: String): File = File(directory, name).apply(File::mkdirs)

    /** What contexts of the system hand out; [client] is what an app would get, and says of which type it is. */
    fun systemService(name: String, user: Int, client: () -> Any?): Any? = when (name) {
        Context.USER_SERVICE -> userManager(user)
        "stats" -> service(Class.forName("android.app.StatsManager"))
        else -> client()?.let { service(it.javaClass) }
    }
}
