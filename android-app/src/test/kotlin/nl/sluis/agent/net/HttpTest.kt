package nl.sluis.agent.net

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import java.io.ByteArrayOutputStream
import java.net.InetAddress
import java.net.InetSocketAddress
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.Executors
import java.util.zip.GZIPOutputStream
import nl.sluis.agent.core.Fetch
import nl.sluis.agent.core.FetchOutcome
import nl.sluis.agent.net.RawServer.Companion.send
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

/** What servers do, through Android's own HTTP client. */
@RunWith(RobolectricTestRunner::class)
@Config(minSdk = AndroidClient.MIN_SDK)
class HttpTest {
    private val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)
    private val threads = Executors.newCachedThreadPool()
    private val seen = CopyOnWriteArrayList<Map<String, List<String>>>()
    private val http = waiting(Http.Limits())

    private fun waiting(limits: Http.Limits) = Http(loopback = true, limits, AndroidClient::connect)

    @Before
    fun serve() {
        server.executor = threads
        server.start()
    }

    @After
    fun stop() {
        server.stop(0)
        threads.shutdownNow()
    }

    private fun on(path: String, answer: (HttpExchange) -> Unit) {
        server.createContext(path) { exchange ->
            seen += exchange.requestHeaders.toMap()
            exchange.use(answer)
        }
    }

    private fun HttpExchange.send(status: Int, body: ByteArray = byteArrayOf()) {
        sendResponseHeaders(status, if (body.isEmpty()) -1 else body.size.toLong())
        if (body.isNotEmpty()) responseBody.write(body)
    }

    private fun HttpExchange.redirect(to: String) {
        responseHeaders.add("Location", to)
        send(302)
    }

    private fun address(path: String) = "http://127.0.0.1:${server.address.port}$path"

    private fun get(path: String, maxBytes: Long = 1_000) = http.get(Fetch("feed", address(path), maxBytes))

    private fun assertFailed(outcome: FetchOutcome, why: String) {
        assertTrue("$outcome", outcome is FetchOutcome.Failed && why in outcome.message)
    }

    @Test
    fun `a file arrives byte by byte`() {
        val bytes = ByteArray(1_000) { it.toByte() }
        on("/f") { it.send(200, bytes) }
        val outcome = get("/f", maxBytes = 1_000)
        assertArrayEquals(bytes, (outcome as FetchOutcome.Body).bytes)
    }

    @Test
    fun `one byte too many is refused`() {
        on("/f") { it.send(200, ByteArray(1_001)) }
        assertEquals(FetchOutcome.TooLong, get("/f", maxBytes = 1_000))
    }

    @Test
    fun `an endless answer without a length is refused`() {
        on("/f") { exchange ->
            exchange.sendResponseHeaders(200, 0)
            runCatching { while (true) exchange.responseBody.write(ByteArray(100)) }
        }
        assertEquals(FetchOutcome.TooLong, get("/f"))
    }

    /** What comes of an answer that consists of exactly these bytes, after which the connection is closed. */
    private fun said(answer: String): FetchOutcome = RawServer { _, out ->
        out.write(answer.replace("\n", "\r\n").toByteArray())
        false
    }.use { http.get(Fetch("feed", it.address(), 1_000)) }

    @Test
    fun `half a file is a failure`() {
        assertTrue(said("HTTP/1.1 200 OK\nContent-Length: 100\n\nhalf") is FetchOutcome.Failed)
        assertTrue(said("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n64\nhalf") is FetchOutcome.Failed)
        assertTrue(said("HTTP/1.1 200 OK\nContent-Le") is FetchOutcome.Failed)
        assertTrue(said("") is FetchOutcome.Failed)
    }

    @Test
    fun `bytes beyond the length that was announced are not part of the file`() {
        val outcome = said("HTTP/1.1 200 OK\nContent-Length: 4\n\nhalfHTTP/1.1 200 OK\n\n")
        assertArrayEquals("half".toByteArray(), (outcome as FetchOutcome.Body).bytes)
    }

    @Test
    fun `a length that is no number does no harm`() {
        val outcome = said("HTTP/1.1 200 OK\nContent-Length: many\n\nwhole")
        assertArrayEquals("whole".toByteArray(), (outcome as FetchOutcome.Body).bytes)
    }

    @Test
    fun `the sign-in page of a network reaches the core as it is, to be refused there`() {
        val page = "<!DOCTYPE html><title>Sign in</title>"
        val outcome = said("HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: ${page.length}\n\n$page")
        assertArrayEquals(page.toByteArray(), (outcome as FetchOutcome.Body).bytes)
    }

    @Test
    fun `a compressed answer is refused and not unfolded`() {
        val zeros = ByteArrayOutputStream()
        GZIPOutputStream(zeros).use { it.write(ByteArray(1_000_000)) }
        val bomb = zeros.toByteArray()
        for (encoding in listOf("gzip", "GZIP", "br", "deflate")) {
            RawServer { _, out -> out.send("200 OK", "Content-Encoding: $encoding", body = bomb) }.use {
                val outcome = http.get(Fetch("feed", it.address(), 10_000_000))
                assertFailed(outcome, "Content-Encoding $encoding, which was not asked for")
            }
        }
        RawServer { _, out -> out.send("200 OK", "Content-Encoding: identity", body = bomb) }.use {
            val outcome = http.get(Fetch("feed", it.address(), 10_000_000))
            assertArrayEquals(bomb, (outcome as FetchOutcome.Body).bytes)
        }
    }

    @Test
    fun `a server that falls silent does not hold the agent up`() {
        on("/f") { Thread.sleep(1_500) }
        val http = waiting(Http.Limits(readMs = 300))
        assertFailed(http.get(Fetch("feed", address("/f"), 1_000)), "SocketTimeoutException")
    }

    /** A server that begins well, then sends a byte now and then, for longer than anybody waits. */
    private fun assertCutOff(begin: String) {
        RawServer { _, out ->
            out.write(begin.toByteArray())
            repeat(DRIPS) {
                out.write('x'.code)
                Thread.sleep(100)
            }
            false
        }.use { dripping ->
            val http = waiting(Http.Limits(wholeMs = 1_000))
            assertFailed(http.get(Fetch("feed", dripping.address(), 1_000)), "not complete after 1000 ms")
            repeat(DRIPS) { if (dripping.cutOff == 0) Thread.sleep(100) }
            assertEquals("the connection was cut off", 1, dripping.cutOff)
        }
    }

    @Test
    fun `a server that drips does not hold the agent up`() =
        assertCutOff("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")

    @Test
    fun `a server that drips its headers does not hold the agent up`() = assertCutOff("HTTP/1.1 200 OK\r\nX-Endless: ")

    @Test
    fun `a large file may take longer`() {
        val limits = Http.Limits()
        assertEquals(120_000, limits.wholeMs(1_048_576))
        // 16 MiB at 128 kbit/s.
        assertEquals(1_048_576, limits.wholeMs(16_777_216))
    }

    @Test
    fun `whatever the platform throws is an outcome`() {
        val planted = Http(loopback = true, connect = { throw IllegalStateException("planted") })
        assertFailed(planted.get(Fetch("feed", "https://example.org/f", 1)), "IllegalStateException: planted")
    }

    @Test
    fun `no such file is told apart from trouble`() {
        on("/404") { it.send(404) }
        on("/403") { it.send(403) }
        on("/500") { it.send(500) }
        assertEquals(FetchOutcome.Missing, get("/404"))
        assertEquals(FetchOutcome.Missing, get("/403"))
        assertFailed(get("/500"), "500")
        // Not modified: nobody asked for that.
        on("/304") { it.send(304) }
        assertFailed(get("/304"), "304")
    }

    @Test
    fun `plain HTTP is refused unless it goes to this very device in a debuggable build`() {
        on("/f") { it.send(200, "x".toByteArray()) }
        assertFailed(Http(loopback = false).get(Fetch("feed", address("/f"), 10)), "not allowed")
        assertFailed(http.get(Fetch("feed", "http://127.0.0.1.example.org/f", 10)), "not allowed")
        assertFailed(http.get(Fetch("feed", "http://127.0.0.1@192.0.2.1/f", 10)), "not allowed")
        assertFailed(http.get(Fetch("feed", "http://192.0.2.1/f", 10)), "not allowed")
        assertTrue(seen.isEmpty())
    }

    @Test
    fun `a redirect to plain HTTP or to another scheme is not followed`() {
        on("/http") { it.redirect("http://192.0.2.1/f") }
        on("/file") { it.redirect("file:///etc/hostname") }
        on("/nonsense") { it.redirect("nonsense:x") }
        assertFailed(get("/http"), "not allowed")
        assertFailed(get("/file"), "not allowed")
        assertFailed(get("/nonsense"), "not an address")
    }

    @Test
    fun `a redirect that may be followed is followed, but not for ever`() {
        on("/a") { it.redirect("/b") }
        on("/b") { it.send(200, "x".toByteArray()) }
        on("/loop") { it.redirect("/loop") }
        assertArrayEquals("x".toByteArray(), (get("/a") as FetchOutcome.Body).bytes)
        assertFailed(get("/loop"), "more than 3 times")
    }

    private companion object {
        /** Tenths of a second. */
        const val DRIPS = 100
    }
}
