package nl.sluis.phone

import android.app.Application
import android.app.Service
import android.app.admin.DevicePolicyManager
import android.app.admin.IDevicePolicyManager
import android.app.job.JobScheduler
import android.content.ComponentName
import android.content.Context
import android.content.Intent
import android.content.pm.IPackageInstaller
import android.content.pm.PackageInstaller
import android.content.pm.PackageManager
import android.provider.Settings
import com.android.internal.os.BackgroundThread
import com.android.server.devicepolicy.PolicyService
import java.io.File
import java.lang.reflect.InvocationHandler
import java.lang.reflect.Proxy
import java.nio.file.Files
import java.util.concurrent.TimeoutException
import nl.sluis.agent.AdminReceiver
import nl.sluis.agent.Agent
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowProcess
import org.robolectric.shadows.ShadowServiceManager
import org.robolectric.util.ReflectionHelpers
import org.robolectric.util.ReflectionHelpers.ClassParameter

/**
 * A phone on which the agent runs: the framework and the device-policy service are Android's own code of the version
 * under test; the package manager, users and broadcasts below them are simulated, and behave as phones do. A call that
 * the simulation does not know fails the test when the phone is switched off ([close]).
 */
class Phone(model: PhoneModel = PhoneModel(emptyList())) : AutoCloseable {
    /** The agent's application, the one in which Robolectric runs this test. */
    val agent: Application = RuntimeEnvironment.getApplication()

    /** The agent's device administrator. */
    val admin = ComponentName(agent, AdminReceiver::class.java)

    /** What goes wrong on this phone. */
    val faults = Faults()

    /** What keeps the phone's keys. */
    val hardware = SecureHardware()

    /** Who holds which role; assign to change it. */
    var roles: RoleHolders = model.roles
        set(value) {
            field = value
            RoleSettings.apply(agent, value, infos)
        }

    /** Whether somebody has unlocked it since it was switched on. */
    var isUnlocked = true

    private val unexpected = UnexpectedCalls()
    private val doubles = Doubles(unexpected)
    private val own: PackageManager = agent.packageManager
    private val manifestReceivers: Set<String> =
        own.getPackageInfo(AGENT, PackageManager.GET_RECEIVERS).receivers.orEmpty().mapTo(HashSet()) { it.name }
    private val broadcasts = Broadcasts(agent, manifestReceivers)
    private val process = AgentProcess(agent, manifestReceivers)
    private val state = Packages(broadcasts, faults)
    private val infos = PackageInfos(state)
    private val users = Users()
    private val sessions = InstallSessions(
        agent,
        state,
        doubles,
        faults,
        broadcasts::later,
        { restrictions },
        ::maySilently
    )
    private val policy: PolicyService

    init {
        check(Current.packageManager == null) { "another phone is still switched on" }
        hardware.plugIn()
        state.place(App(AGENT, label = "Sluis", uid = CallingIdentity.AGENT))
        model.apps.forEach(state::place)
        Current.systemDirectory = scratch()
        val client = doubles.of(
            PackageManager::class.java,
            PackageManagerClient(
                own,
                state,
                infos,
                installerClient(),
                IntentResolver(own, state, infos, { roles.home }, ::isUnlocked),
                faults
            )
        )
        val below = BelowPolicy(
            doubles, state, users, broadcasts, client, checkNotNull(Current.systemDirectory),
            SystemPackageManager(own, state, infos), process, unexpected
        ) { roles }
        policy = PolicyService(agent, below)
        Current.packageManager = client
        Current.systemPackageManager = below.packageManager
        Current.roomForSession = { faults.roomForSession }
        state.agentIsReplaced = ::agentIsReplaced
        state.isActiveAdmin = policy::isActiveAdmin
        state.isProtectedFromSuspend = ::isProtectedFromSuspend
        // Binary XML needs native code; the text form is what the policy service falls back to, and reads as well.
        if (Packages.api >=
            31
        ) {
            ReflectionHelpers.setStaticField(android.util.Xml::class.java, "ENABLE_BINARY_DEFAULT", false)
        }
        ShadowProcess.setUid(CallingIdentity.AGENT)
        ShadowServiceManager.addBinderService(
            Context.DEVICE_POLICY_SERVICE,
            IDevicePolicyManager::class.java,
            policyBinder()
        )
        roles = model.roles
        countBoot()
        try {
            policy.boot()
            settle()
        } catch (e: Throwable) {
            Current.release()
            throw e
        }
    }

    /** The agent's services that the system keeps bound. */
    val boundServices: List<Service> get() = process.services

    /** What was handed to the package installer, in order. */
    val installSessions: List<InstallSession> get() = sessions.all.toList()

    /** The packages that are there for the user, the hidden ones included. */
    val packages: Set<String> get() = state.user(0).installed.keys.toSet()

    /** The restrictions that hold for the user (`UserManager.DISALLOW_…`). */
    val restrictions: Set<String> get() = users.restrictions(0)

    /** What was done to packages, in order, as "suspend com.example". */
    val history: List<String> get() = state.history.toList()

    /** Every broadcast that was sent, by action, in order. */
    val broadcastsSent: List<String> get() = broadcasts.sent.toList()

    /** Calls that nobody here handles; they fail the test. */
    val unexpectedCalls: List<String> get() = unexpected.list

    /** The agent's own client of the policy service. */
    val devicePolicy: DevicePolicyManager get() = agent.getSystemService(DevicePolicyManager::class.java)

    /** Provisions the agent as the device owner, through the policy service's own code. */
    fun becomeDeviceOwner() {
        policy.makeDeviceOwner(admin)
        settle()
    }

    /** Somebody installs an app, or an update of one. */
    fun install(app: App, installer: String? = "com.android.vending") {
        state.install(app, installer, user = 0)
        settle()
    }

    /** From now on these bytes are the package of that app, whoever installs it. */
    fun recognise(apk: ByteArray, app: App) = state.recognise(apk, app)

    /** A new version of an app that is there, from wherever that came from. */
    fun update(app: App) {
        val before = requireNotNull(state.find(app.name, 0)) { "${app.name} is not there to be updated" }
        install(app, before.installer)
    }

    /** The user uninstalls it in Settings; returns whether the phone let them. */
    fun uninstallByUser(name: String): Boolean {
        val barred = android.os.UserManager.DISALLOW_UNINSTALL_APPS in restrictions
        val done = !barred && state.delete(name, user = 0) == PackageManager.DELETE_SUCCEEDED
        settle()
        return done
    }

    /** Switches it off and on again. What the agent knows afterwards, it knows from its store. */
    fun reboot() {
        broadcasts.forgetSystem()
        sessions.forgetCommitted()
        process.die()
        killAgent()
        // Jobs that were not to be kept across a boot; the agent has no others.
        agent.getSystemService(JobScheduler::class.java).cancelAll()
        countBoot()
        SystemTime.restart()
        policy.boot()
        broadcasts.send(Intent(Intent.ACTION_LOCKED_BOOT_COMPLETED), 0)
        broadcasts.send(Intent(Intent.ACTION_BOOT_COMPLETED), 0)
        settle()
    }

    fun isInstalled(name: String): Boolean = state.find(name, 0) != null

    fun isHidden(name: String): Boolean = state.find(name, 0)?.hidden ?: false

    fun isSuspended(name: String): Boolean = state.find(name, 0)?.suspended ?: false

    /** Whether its user can start it. */
    fun isUsable(name: String): Boolean =
        state.find(name, 0)?.let { !it.hidden && !it.suspended && it.app.enabled } ?: false

    /** The version that is there now. */
    fun version(name: String): Long? = state.find(name, 0)?.app?.versionCode

    /** Lets everything under way come to rest: broadcasts, handlers, results. [busy] says what else to wait for. */
    fun settle(busy: () -> Boolean = { false }) {
        val end = System.nanoTime() + PATIENCE_NS
        do {
            if (System.nanoTime() > end) throw TimeoutException("the phone does not come to rest")
            shadowOf(BackgroundThread.getHandler().looper).idle()
            shadowOf(android.os.Looper.getMainLooper()).idle()
            val delivered = broadcasts.deliver()
            val stillBusy = busy()
            if (stillBusy && !delivered) Thread.sleep(1)
        } while (delivered || stillBusy || !shadowOf(android.os.Looper.getMainLooper()).isIdle)
    }

    /** Switches the phone off, and fails if something called what nobody here handles. */
    override fun close() {
        process.stop()
        killAgent()
        hardware.unplug()
        Current.release()
        failOnUnexpectedCalls()
    }

    /** Throws if something called what nobody here handles. */
    fun failOnUnexpectedCalls() {
        val calls = unexpected.list
        if (calls.isNotEmpty()) {
            throw AssertionError(
                "nobody on the phone handles:\n  ${calls.distinct().joinToString("\n  ")}"
            )
        }
    }

    /** Forgets the calls so far that nobody handled: for tests of the phone itself. */
    internal fun forgetUnexpectedCalls() = unexpected.clear()

    /** The agent's clients keep this binder for good; behind it is whichever service runs now, called as the agent. */
    private fun policyBinder(): IDevicePolicyManager {
        val handler = InvocationHandler { self, method, arguments ->
            when (method.name) {
                "hashCode" -> System.identityHashCode(self)
                "equals" -> self === arguments[0]
                "toString" -> "the policy service"
                "asBinder" -> android.os.Binder()
                else -> CallingIdentity.call(CallingIdentity.AGENT) { policy.call(method, arguments ?: emptyArray()) }
            }
        }
        val type = IDevicePolicyManager::class.java
        return type.cast(Proxy.newProxyInstance(type.classLoader, arrayOf(type), handler))
    }

    private fun installerClient(): PackageInstaller {
        val service = PackageInstallerService(agent, state, sessions, broadcasts::later, ::maySilently)
        val binder = doubles.ofInterface(IPackageInstaller::class.java) { call ->
            CallingIdentity.call(CallingIdentity.AGENT) { service.answer(call) }
        }
        val fixed = listOf(
            ClassParameter.from(IPackageInstaller::class.java, binder),
            ClassParameter.from(String::class.java, AGENT)
        )
        val attribution = if (Packages.api >= 31) listOf(ClassParameter.from(String::class.java, null)) else emptyList()
        val user = listOf(ClassParameter.from(Int::class.javaPrimitiveType, 0))
        return ReflectionHelpers.callConstructor(
            PackageInstaller::class.java,
            *(fixed + attribution + user).toTypedArray()
        )
    }

    private fun maySilently(caller: String, uid: Int) = policy.maySilentlyUninstall(caller, uid)

    /** Its process ends without a word; the services that the system kept bound are bound anew when it has started. */
    private fun agentIsReplaced() {
        process.die()
        killAgent()
    }

    /** Android's own list: what would leave the phone without calls, a home screen or a way out. */
    private fun isProtectedFromSuspend(name: String): Boolean {
        val handles = state.find(name, 0)?.app?.handles.orEmpty()
        return name == roles.home || name == roles.dialer || Handles.PACKAGE_INSTALLER in handles ||
            Handles.PERMISSION_CONTROLLER in handles
    }

    /** Ends what the agent holds in memory. Shrunk classes cannot be reached: a run on them has one phone. */
    private fun killAgent() {
        if (!NativeLibrary.onShrunkClasses) Agent.stop()
    }

    private fun countBoot() {
        val resolver = agent.contentResolver
        val before = Settings.Global.getInt(resolver, Settings.Global.BOOT_COUNT, 0)
        Settings.Global.putInt(resolver, Settings.Global.BOOT_COUNT, before + 1)
    }

    private fun scratch(): File {
        val root = File(System.getProperty("sluis.scratch") ?: "target/phones").apply(File::mkdirs)
        return Files.createTempDirectory(root.toPath(), "phone").toFile()
    }

    companion object {
        /** The agent's package. */
        const val AGENT = "nl.sluis.agent"
        private const val PATIENCE_NS = 60_000_000_000L
    }
}
