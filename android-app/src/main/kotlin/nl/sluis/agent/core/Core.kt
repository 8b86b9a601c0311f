package nl.sluis.agent.core

import android.util.Log
import java.io.File
import java.util.concurrent.ScheduledThreadPoolExecutor
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit
import org.json.JSONException
import org.json.JSONObject

/** What the core answers to an event, or why it cannot. */
internal sealed interface Answer {
    /** It says what to do. */
    class Directed(val directives: Directives) : Answer

    /** It refuses the event or cannot use its store; [why] says where and why. Nothing has changed. */
    class Refused(val why: String) : Answer

    /** There is no library to ask. What is held on the phone stays held. */
    class LibraryMissing(val why: String) : Answer

    /** It made a mistake; [why] is for the log. What is held on the phone stays held. */
    class Failed(val why: String) : Answer
}

/**
 * Owns the native core and the one thread that talks to it. Everything that must not overlap with the core's decisions
 * (reading packages, carrying actions out) runs on this thread too: see [run].
 */
internal class Core(private val directory: File, private val clock: PhoneClock) : AutoCloseable {
    // What is asked after the end is dropped, as at the end of the process.
    private val thread = ScheduledThreadPoolExecutor(
        1,
        { work -> Thread(work, "sluis-core") },
        ThreadPoolExecutor.DiscardPolicy()
    ).apply { removeOnCancelPolicy = true }

    // Touched on the core's thread only.
    private var handle = 0L

    /** Runs [work] on the core's thread, after what was asked before. */
    fun run(work: () -> Unit) = thread.execute { logged(work) }

    /** Runs [work] on the core's thread after [seconds]; calling what is returned prevents that. */
    fun runLater(seconds: Long, work: () -> Unit): () -> Unit {
        val later = thread.schedule({ logged(work) }, seconds, TimeUnit.SECONDS)
        return { later.cancel(false) }
    }

    /**
     * Reports an event; on the core's thread only. The clocks are read here and not where the event was seen: so the
     * core never sees time run backwards because two threads overtook each other.
     */
    fun handle(event: JSONObject, body: ByteArray? = null): Answer = guarded {
        val report = JSONObject().put("time", clock.now()).put("event", event).toString().toByteArray()
        if (handle == 0L) open()
        Answer.Directed(Directives.parse(Native.handle(handle, report, body)))
    }

    /** Lets go of the store after what was asked before, and waits for that. */
    override fun close() {
        thread.execute {
            if (handle != 0L) Native.close(handle)
            handle = 0L
            thread.shutdownNow()
        }
        thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)
    }

    /** It is tried anew with each event until it works: trouble with the store can pass. */
    private fun open() {
        NativeLibrary.load()
        handle = Native.open(directory.path.toByteArray())
    }

    /** A failure of the core becomes an answer: an agent that crashes at every start protects nothing. */
    private inline fun guarded(call: () -> Answer): Answer = try {
        call()
    } catch (error: CoreException) {
        Answer.Refused(error.message.orEmpty())
    } catch (error: JSONException) {
        Answer.Failed("its answer is not as agreed: ${error.message}")
    } catch (error: CoreBug) {
        Answer.Failed(error.message.orEmpty())
    } catch (error: RuntimeException) {
        Answer.Failed(error.toString())
    } catch (error: UnsatisfiedLinkError) {
        // No library, or one of that name that is not ours or not of this version.
        Answer.LibraryMissing(error.message.orEmpty())
    }

    /** An executor swallows what is thrown; and one bad event must not end the agent. */
    private fun logged(work: () -> Unit) = try {
        work()
    } catch (error: Throwable) {
        Log.e("Sluis", "a mistake in the shell", error)
        Unit
    }

    private companion object {
        const val CLOSE_SECONDS = 10L
    }
}
