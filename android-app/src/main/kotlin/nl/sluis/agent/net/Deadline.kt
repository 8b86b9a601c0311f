package nl.sluis.agent.net

import java.net.HttpURLConnection
import java.util.Timer
import kotlin.concurrent.schedule

/**
 * The end of a whole request. A server that sends a byte now and then never runs into a time-out for reading; this
 * cuts it off wherever it is, in the headers as in the body.
 */
internal class Deadline(afterMs: Int) : AutoCloseable {
    private val end = System.nanoTime() + afterMs * NANOS_PER_MS
    private val timer = Timer("sluis-deadline", true)

    @Volatile
    private var watched: HttpURLConnection? = null

    // The timer goes by another clock and can be a little early.
    @Volatile
    private var hasCut = false

    /** Whether it has passed. */
    val isOver: Boolean get() = hasCut || System.nanoTime() >= end

    init {
        // Again and again: a connection that is only being made cannot be cut off yet.
        timer.schedule(afterMs.toLong(), AGAIN_MS) { cut() }
    }

    /** From now on this is the connection that is cut off at the end, in place of any before. */
    fun watch(connection: HttpURLConnection) {
        watched = connection
    }

    /** The request is over. */
    override fun close() = timer.cancel()

    private fun cut() {
        hasCut = true
        try {
            watched?.disconnect()
        } catch (_: RuntimeException) {
            // Tried again; without this the timer would end.
        }
    }

    private companion object {
        const val NANOS_PER_MS = 1_000_000L
        const val AGAIN_MS = 250L
    }
}
