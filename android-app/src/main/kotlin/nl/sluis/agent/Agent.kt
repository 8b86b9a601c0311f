package nl.sluis.agent

import android.annotation.SuppressLint
import android.content.Context
import android.content.pm.ApplicationInfo
import android.util.Log
import java.io.InputStream
import java.util.concurrent.CopyOnWriteArraySet
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit
import nl.sluis.agent.core.Action
import nl.sluis.agent.core.ActionResult
import nl.sluis.agent.core.Answer
import nl.sluis.agent.core.Core
import nl.sluis.agent.core.Directives
import nl.sluis.agent.core.Events
import nl.sluis.agent.core.Fetch
import nl.sluis.agent.core.FetchOutcome
import nl.sluis.agent.core.Message
import nl.sluis.agent.core.PhoneClock
import nl.sluis.agent.core.Step
import nl.sluis.agent.enforce.AgentInstaller
import nl.sluis.agent.enforce.Enforcer
import nl.sluis.agent.enforce.OwnApp
import nl.sluis.agent.enforce.Uninstaller
import nl.sluis.agent.inventory.InventoryReader
import nl.sluis.agent.net.Http
import nl.sluis.agent.ui.Words
import org.json.JSONObject

/**
 * Carries what happens to the core and what the core wants to the phone, round and round until it wants nothing more.
 * It decides nothing.
 */
internal class Agent(private val context: Context) : AutoCloseable {
    private val core = Core(context.createDeviceProtectedStorageContext().filesDir, PhoneClock(context.contentResolver))
    private val http = Http(loopback = context.applicationInfo.flags and ApplicationInfo.FLAG_DEBUGGABLE != 0)
    private val inventory = InventoryReader(context)
    private val enforcer = Enforcer(context)
    private val uninstaller = Uninstaller(context, enforcer, core)
    private val own = OwnApp(context)
    private val agentInstaller = AgentInstaller(context, own, core)
    private val words = Words.forLog(context)
    private val phoneKey = PhoneKey(context)
    private val underWay = UnderWay()
    private val observers = CopyOnWriteArraySet<() -> Unit>()
    private val chosenFile = ChosenFile(this)

    // Fetches wait for the network; they must not keep the core from judging an app that has just been installed.
    private val network = ThreadPoolExecutor(
        FETCHES_AT_ONCE,
        FETCHES_AT_ONCE,
        1,
        TimeUnit.SECONDS,
        LinkedBlockingQueue(),
        { work -> Thread(work, "sluis-network") },
        ThreadPoolExecutor.DiscardPolicy()
    ).apply { allowCoreThreadTimeOut(true) }

    /** The process has started, or a day has passed: what was left undone is taken up and the whole phone checked. */
    fun started(answered: (Answer) -> Unit = {}) {
        DailyCheckJob.schedule(context)
        onCore(::tellOfOwnApp)
        Enrolment(context).resume()
        // Making a key takes seconds on some phones.
        onCore { phoneKey.id()?.let { tell(Events.phone(it)) } }
        report(Events.started(), answered = answered)
    }

    /** Reports an event; [answered] is called on the core's thread, before the answer is carried out. */
    fun report(event: JSONObject, body: ByteArray? = null, answered: (Answer) -> Unit = {}) = onCore {
        tell(event, body, answered)
    }

    /** Asks what the compliance screen must show to somebody who reads [languages]. */
    fun screen(languages: List<String>, answered: (Answer) -> Unit) = onCore {
        ask(Events.screen(languages), null, answered)
    }

    /** What is to be told of the file that somebody chose last. */
    val told: Message? get() = chosenFile.told

    /** Takes policy from a file that somebody chose who reads [languages]; what comes of it is [told]. */
    fun takeFile(languages: List<String>, open: () -> InputStream?) =
        chosenFile.take(languages, open) { observers.forEach { it() } }

    /** Whoever chose a file has left the screen. */
    fun forgetTold() = chosenFile.forget()

    /** A package arrived, left or changed; what it is now is read when the core's turn comes. */
    fun packageChanged(name: String) = onCore {
        tell(Events.packageChanged(name, inventory.packageFacts(name), inventory.roles()))
    }

    /** The package installer answered an action; each of the two knows its own. */
    fun installerAnswered(id: Long, failure: String?) = onCore {
        uninstaller.finish(id, failure)
        agentInstaller.finish(id, failure)
    }

    /** Calls [quiet] once nothing is under way any more: no event, fetch or action. */
    fun whenQuiet(quiet: () -> Unit) = underWay.whenNone(quiet)

    /** Calls [changed] on the core's thread after anything that may have changed what the screen shows. */
    fun observe(changed: () -> Unit) = observers.add(changed)

    fun stopObserving(changed: () -> Unit) = observers.remove(changed)

    override fun close() {
        network.shutdown()
        core.close()
    }

    private fun onCore(work: () -> Unit) {
        underWay.begin()
        core.run {
            try {
                work()
            } finally {
                underWay.end()
            }
        }
    }

    private fun tell(event: JSONObject, body: ByteArray? = null, answered: (Answer) -> Unit = {}) {
        ask(event, body, answered)
        observers.forEach { it() }
    }

    private fun ask(event: JSONObject, body: ByteArray?, answered: (Answer) -> Unit) {
        val answer = core.handle(event, body)
        try {
            answered(answer)
        } catch (error: RuntimeException) {
            // Whoever asked has trouble of its own; the answer is carried out all the same.
            Log.e(TAG, "the answer was not received", error)
        }
        when (answer) {
            is Answer.Directed -> carryOut(answer.directives, body)
            is Answer.Refused -> Log.e(TAG, "refused: ${answer.why}")
            is Answer.LibraryMissing -> Log.e(TAG, "the library is missing: ${answer.why}")
            is Answer.Failed -> Log.e(TAG, "failed: ${answer.why}")
        }
    }

    /** Which version runs, and what it may do: an update or another role may have changed that. */
    private fun tellOfOwnApp() = tell(Events.agent(own.installed()))

    /** [body] went with the event that these answer. */
    private fun carryOut(directives: Directives, body: ByteArray?) {
        directives.notices.forEach { Log.i(TAG, words.of(it)) }
        if (directives.configurationWanted) Enrolment(context).repeat()
        directives.fetches.forEach(::fetch)
        inventory.withManifests = directives.manifests
        // Read when the core's turn comes: an older list would have it undo or repeat what was done since.
        if (directives.listPackages) onCore { tell(Events.inventory(inventory.inventory())) }
        directives.actions.forEach { act(it, body) }
        // Not before: scheduling the job while it runs would stop it halfway.
        directives.wakeUpMs?.let { wakeUp -> whenQuiet { RefreshJob.schedule(context, wakeUp) } }
    }

    private fun fetch(fetch: Fetch) {
        underWay.begin()
        network.execute {
            try {
                val outcome = http.get(fetch)
                report(Events.fetched(fetch, outcome), body = (outcome as? FetchOutcome.Body)?.bytes)
            } catch (error: Throwable) {
                Log.e(TAG, "fetching ${fetch.url} went wrong", error)
                report(Events.fetched(fetch, FetchOutcome.Failed(error.toString())))
            } finally {
                underWay.end()
            }
        }
    }

    private fun act(action: Action, body: ByteArray?) {
        when (val step = action.step) {
            is Step.Uninstall -> later(action) { done -> uninstaller.begin(action, step, done) }
            is Step.UpdateAgent -> later(action) { done ->
                agentInstaller.begin(action, step, body) {
                    // Only the version that is there counts, whatever the installer says.
                    onCore(::tellOfOwnApp)
                    done(it)
                }
            }
            else -> finished(action, enforcer.carryOut(step))
        }
    }

    /** An action whose result comes in its own time. */
    private fun later(action: Action, begin: (done: (ActionResult) -> Unit) -> Unit) {
        underWay.begin()
        begin { result ->
            try {
                finished(action, result)
            } finally {
                underWay.end()
            }
        }
    }

    private fun finished(action: Action, result: ActionResult) = report(Events.actionResult(action.id, result))

    companion object {
        private const val TAG = "Sluis"
        private const val FETCHES_AT_ONCE = 2

        // Of the application's context, which lives as long as the process.
        @SuppressLint("StaticFieldLeak")
        private var agent: Agent? = null

        /** The agent of this process. */
        @Synchronized
        fun of(context: Context): Agent = agent ?: Agent(context.applicationContext).also { agent = it }

        /** Ends the agent of this process, as the end of the process would; the next use starts another. */
        @Synchronized
        fun stop() {
            agent?.close()
            agent = null
        }
    }
}
