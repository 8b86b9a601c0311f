package nl.sluis.agent.net

import java.io.ByteArrayOutputStream
import java.io.IOException
import java.net.HttpURLConnection
import java.net.MalformedURLException
import java.net.URL
import java.net.URLConnection
import nl.sluis.agent.core.Fetch
import nl.sluis.agent.core.FetchOutcome

/**
 * Fetches one file by a plain GET that says nothing about the phone: constant headers, no cookies, and no validator
 * (an ETag that is sent back can serve as a serial number). What arrives is untrusted; the core verifies it.
 *
 * @property loopback whether plain HTTP to this very device is allowed: in a debuggable build, for tests on a desk (on a phone
 * the network security configuration forbids it all the same)
 */
internal class Http(
    private val loopback: Boolean,
    private val limits: Limits = Limits(),
    private val connect: (URL) -> URLConnection = URL::openConnection
) {
    /** How long to wait: to connect, for more bytes, and for the whole of a file that is not large. */
    class Limits(val connectMs: Int = 15_000, val readMs: Int = 30_000, private val wholeMs: Int = 120_000) {
        /** How long a whole file may take: a large one comes over a slow network, too. */
        fun wholeMs(maxBytes: Long): Int = maxOf(wholeMs.toLong(), maxBytes / SLOWEST_BYTES_PER_MS).toInt()
    }

    init {
        // Android fills it with the phone's model and build, and tells every proxy on the way to HTTPS: what the
        // connection itself sets stays inside the tunnel.
        System.setProperty("http.agent", USER_AGENT)
    }

    /** Whatever goes wrong, an exception of the platform included, is an outcome and not the end of the agent. */
    fun get(fetch: Fetch): FetchOutcome = Deadline(limits.wholeMs(fetch.maxBytes)).use { deadline ->
        val outcome = try {
            follow(URL(fetch.url), fetch.maxBytes, deadline)
        } catch (error: MalformedURLException) {
            FetchOutcome.Failed("not an address: ${error.message}")
        } catch (error: Exception) {
            FetchOutcome.Failed("${error.javaClass.simpleName}: ${error.message}")
        }
        // What was cut off can look like an end, or like trouble of another kind.
        if (deadline.isOver) {
            FetchOutcome.Failed("not complete after ${limits.wholeMs(fetch.maxBytes)} ms")
        } else {
            outcome
        }
    }

    private fun follow(first: URL, maxBytes: Long, deadline: Deadline): FetchOutcome {
        var url = first
        repeat(MAX_REDIRECTS + 1) {
            if (!mayAsk(url)) return FetchOutcome.Failed("plain ${url.protocol} to ${url.host} is not allowed")
            val connection = connect(url) as HttpURLConnection
            try {
                deadline.watch(connection)
                when (val next = ask(connection, maxBytes)) {
                    is Step.Done -> return next.outcome
                    is Step.Redirect -> url = URL(url, next.location)
                }
            } finally {
                connection.disconnect()
            }
        }
        return FetchOutcome.Failed("redirected more than $MAX_REDIRECTS times")
    }

    private fun ask(connection: HttpURLConnection, maxBytes: Long): Step {
        connection.connectTimeout = limits.connectMs
        connection.readTimeout = limits.readMs
        connection.instanceFollowRedirects = false
        connection.useCaches = false
        connection.setRequestProperty("User-Agent", USER_AGENT)
        connection.setRequestProperty("Accept-Encoding", "identity")
        val status = connection.responseCode
        if (status == HttpURLConnection.HTTP_OK) return Step.Done(body(connection, maxBytes))
        val location = connection.getHeaderField("Location")
        drain(connection)
        return when {
            status in REDIRECTS && location != null -> Step.Redirect(location)
            status == HttpURLConnection.HTTP_NOT_FOUND || status == HttpURLConnection.HTTP_FORBIDDEN ->
                Step.Done(FetchOutcome.Missing)
            else -> Step.Done(FetchOutcome.Failed("the server answers $status"))
        }
    }

    /** Reads what nobody wants, up to a bound: only then the connection serves for the next request. */
    private fun drain(connection: HttpURLConnection) = try {
        val stream = connection.errorStream ?: connection.inputStream
        val buffer = ByteArray(BUFFER_BYTES)
        var left = DRAINED_BYTES
        while (left > 0) {
            val count = stream.read(buffer)
            if (count < 0) break
            left -= count
        }
    } catch (_: IOException) {
        // The answer was in the head.
    }

    private fun body(connection: HttpURLConnection, maxBytes: Long): FetchOutcome {
        // Nobody asked for it, and what is unfolded here could be of any size.
        connection.contentEncoding?.takeUnless { it.equals("identity", ignoreCase = true) }?.let {
            return FetchOutcome.Failed("answered with Content-Encoding $it, which was not asked for")
        }
        val announced = connection.contentLengthLong
        // Of the right size at once where that is known: growing takes up to three times as much memory.
        val bytes = ByteArrayOutputStream(announced.coerceIn(0, maxBytes).toInt())
        val buffer = ByteArray(BUFFER_BYTES)
        // Closed with the connection; closing the stream itself could fail and hide the outcome.
        val stream = connection.inputStream
        while (true) {
            val count = stream.read(buffer)
            if (count < 0) break
            if (bytes.size() + count > maxBytes) return FetchOutcome.TooLong
            bytes.write(buffer, 0, count)
        }
        // Not every HTTP client complains when the connection ends before the file does.
        if (announced >= 0 && announced != bytes.size().toLong()) {
            return FetchOutcome.Failed("${bytes.size()} of $announced bytes")
        }
        return FetchOutcome.Body(bytes.toByteArray())
    }

    private fun mayAsk(url: URL): Boolean = when (url.protocol) {
        "https" -> true
        "http" -> loopback && url.host in LOOPBACK
        else -> false
    }

    private sealed interface Step {
        class Done(val outcome: FetchOutcome) : Step

        class Redirect(val location: String) : Step
    }

    private companion object {
        const val USER_AGENT = "Sluis"
        const val MAX_REDIRECTS = 3
        const val BUFFER_BYTES = 16 * 1024
        const val DRAINED_BYTES = 64 * 1024

        /** 128 kbit/s. */
        const val SLOWEST_BYTES_PER_MS = 16L
        val REDIRECTS = setOf(301, 302, 303, 307, 308)
        val LOOPBACK = setOf("127.0.0.1", "[::1]", "localhost")
    }
}
