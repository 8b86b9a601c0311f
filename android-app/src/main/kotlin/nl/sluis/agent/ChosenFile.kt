package nl.sluis.agent

import java.io.ByteArrayOutputStream
import java.io.FileNotFoundException
import java.io.IOException
import java.io.InputStream
import java.util.concurrent.atomic.AtomicBoolean
import nl.sluis.agent.core.Answer
import nl.sluis.agent.core.Argument
import nl.sluis.agent.core.Events
import nl.sluis.agent.core.Message

/**
 * Takes a file that somebody at the phone chose to the core, which may find an offline bundle in it. Whatever the file
 * is and wherever it comes from: only what is signed in it has an effect, and the core decides that.
 */
internal class ChosenFile(private val agent: Agent) {
    private val underWay = AtomicBoolean(false)

    /** What is to be told of the last file; null where there is nothing to tell (any more). */
    @Volatile
    var told: Message? = null
        private set

    /**
     * Reads what [open] opens, on a thread of its own: it may come from another app, which may never answer. So nothing
     * waits for it, and it is one file at a time. [languages] are those of who chose it; [changed] is called with each
     * change of [told].
     */
    fun take(languages: List<String>, open: () -> InputStream?, changed: () -> Unit) {
        if (!underWay.compareAndSet(false, true)) return
        fun tell(message: Message) {
            told = message
            changed()
        }
        tell(Message("bundle_reading"))
        val reader = Thread({
            try {
                val bytes = read(open)
                agent.report(Events.bundle(languages), bytes) { tell(said(it)) }
            } catch (error: IOException) {
                tell(unreadable(error))
            } catch (error: RuntimeException) {
                // Also a provider that takes its permission back.
                tell(unreadable(error))
            } catch (error: OutOfMemoryError) {
                tell(unreadable(error))
            } finally {
                underWay.set(false)
            }
        }, "sluis-file")
        reader.isDaemon = true
        reader.start()
    }

    /** The screen was left; what is still to come is told to who opens it again. */
    fun forget() {
        if (!underWay.get()) told = null
    }

    private fun read(open: () -> InputStream?): ByteArray {
        val stream = open() ?: throw FileNotFoundException()
        return stream.use {
            val bytes = ByteArrayOutputStream()
            val buffer = ByteArray(BUFFER_BYTES)
            // One byte more than a bundle has is enough for the core to say so.
            while (bytes.size() <= MAX_BYTES) {
                val count = it.read(buffer)
                if (count < 0) break
                bytes.write(buffer, 0, count)
            }
            bytes.toByteArray()
        }
    }

    private fun said(answer: Answer): Message = when (answer) {
        is Answer.Directed -> answer.directives.bundle ?: failed("bundle")
        is Answer.Refused -> failed(answer.why)
        is Answer.Failed -> failed(answer.why)
        is Answer.LibraryMissing -> Message("warning_library_missing")
    }

    private fun failed(why: String) = Message("warning_core_failed", listOf(Argument.Text(why)))

    private fun unreadable(error: Throwable): Message {
        val why = error.message ?: error.javaClass.simpleName
        return Message("bundle_unreadable", listOf(Argument.Text(why)))
    }

    private companion object {
        /** The most bytes of a bundle: `MAX_BYTES` of `core/src/feed/bundle.rs`. */
        const val MAX_BYTES = 16 * 1024 * 1024
        const val BUFFER_BYTES = 64 * 1024
    }
}
