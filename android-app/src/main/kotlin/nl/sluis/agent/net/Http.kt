package nl.sluis.agent.net

import java.io.ByteArrayOutputStream
import java.io.IOException
import java.io.InputStream
import java.net.HttpURLConnection
import java.net.MalformedURLException
import java.net.URL
import nl.sluis.agent.core.Fetch
import nl.sluis.agent.core.FetchOutcome

/**
 * Fetches one file by a plain GET that says nothing about the phone: constant headers, no cookies, and no validator
 * (an ETag that is sent back can serve as a serial number). What arrives is untrusted; the core verifies it.
 *
 * @property loopback whether plain HTTP to this very device is allowed: in a debuggable build under test
 */
internal class Http(private val loopback: Boolean, private val limits: Limits = Limits()) {
    /** How long to wait: to connect, for more bytes, and for the whole file. */
    class Limits(val connectMs: Int = 15_000, val readMs: Int = 30_000, val wholeMs: Int = 120_000)

    fun get(fetch: Fetch): FetchOutcome = try {
        follow(URL(fetch.url), fetch.maxBytes)
    } catch (error: MalformedURLException) {
        FetchOutcome.Failed("not an address: ${error.message}")
    } catch (error: IOException) {
        FetchOutcome.Failed("${error.javaClass.simpleName}: ${error.message}")
    } catch (error: SecurityException) {
        // Android's answer when the permission for the network is denied or the policy forbids plain HTTP.
        FetchOutcome.Failed("${error.javaClass.simpleName}: ${error.message}")
    }

    private fun follow(first: URL, maxBytes: Long): FetchOutcome {
        val end = System.nanoTime() + limits.wholeMs * NANOS_PER_MS
        var url = first
        repeat(MAX_REDIRECTS + 1) {
            if (!mayAsk(url)) return FetchOutcome.Failed("plain ${url.protocol} to ${url.host} is not allowed")
            val connection = url.openConnection() as HttpURLConnection
            try {
                when (val next = ask(connection, maxBytes, end)) {
                    is Step.Done -> return next.outcome
                    is Step.Redirect -> url = URL(url, next.location)
                }
            } finally {
                connection.disconnect()
            }
        }
        return FetchOutcome.Failed("more than $MAX_REDIRECTS redirects")
    }

    private fun ask(connection: HttpURLConnection, maxBytes: Long, end: Long): Step {
        connection.connectTimeout = limits.connectMs
        connection.readTimeout = limits.readMs
        connection.instanceFollowRedirects = false
        connection.useCaches = false
        connection.setRequestProperty("User-Agent", "Sluis")
        connection.setRequestProperty("Accept-Encoding", "identity")
        val status = connection.responseCode
        val location = connection.getHeaderField("Location")
        return when {
            status == HttpURLConnection.HTTP_OK -> Step.Done(connection.inputStream.use { body(it, maxBytes, end) })
            status in REDIRECTS && location != null -> Step.Redirect(location)
            status == HttpURLConnection.HTTP_NOT_FOUND || status == HttpURLConnection.HTTP_FORBIDDEN ->
                Step.Done(FetchOutcome.Missing)
            else -> Step.Done(FetchOutcome.Failed("the server answers $status"))
        }
    }

    private fun body(stream: InputStream, maxBytes: Long, end: Long): FetchOutcome {
        val bytes = ByteArrayOutputStream()
        val buffer = ByteArray(BUFFER_BYTES)
        while (true) {
            if (System.nanoTime() > end) return FetchOutcome.Failed("not complete after ${limits.wholeMs} ms")
            val count = stream.read(buffer)
            if (count < 0) return FetchOutcome.Body(bytes.toByteArray())
            if (bytes.size() + count > maxBytes) return FetchOutcome.Failed("more than $maxBytes bytes")
            bytes.write(buffer, 0, count)
        }
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
        const val MAX_REDIRECTS = 3
        const val BUFFER_BYTES = 16 * 1024
        const val NANOS_PER_MS = 1_000_000L
        val REDIRECTS = setOf(301, 302, 303, 307, 308)
        val LOOPBACK = setOf("127.0.0.1", "[::1]", "localhost")
    }
}
