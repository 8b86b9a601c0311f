package nl.sluis.agent.net

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.Executors
import nl.sluis.agent.core.Fetch
import nl.sluis.agent.core.FetchOutcome
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test

class HttpTest {
    private val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)
    private val threads = Executors.newCachedThreadPool()
    private val seen = CopyOnWriteArrayList<Map<String, List<String>>>()
    private val http = Http(loopback = true, Http.Limits(connectMs = 2_000, readMs = 300, wholeMs = 1_000))

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
    fun `a request says nothing about the phone`() {
        on("/f") { exchange ->
            exchange.responseHeaders.add("ETag", "\"serial-number-of-this-phone\"")
            exchange.responseHeaders.add("Set-Cookie", "id=serial-number-of-this-phone")
            exchange.responseHeaders.add("Last-Modified", "Mon, 23 Nov 2026 00:00:00 GMT")
            exchange.send(200, "x".toByteArray())
        }
        repeat(2) { get("/f") }
        // Host to Pragma come from the JVM's client; on a phone, Android's client adds its own constant ones.
        val wanted = mapOf(
            "User-agent" to listOf("Sluis"),
            "Accept-encoding" to listOf("identity"),
            "Host" to listOf("127.0.0.1:${server.address.port}"),
            "Connection" to listOf("keep-alive"),
            "Cache-control" to listOf("no-cache"),
            "Pragma" to listOf("no-cache")
        )
        assertEquals(listOf(wanted, wanted), seen.map { it - "Accept" })
        assertEquals("the same on every phone", 1, seen.map { it["Accept"] }.distinct().size)
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

    @Test
    fun `half a file is a failure`() {
        ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { half ->
            threads.execute {
                half.accept().use { connection ->
                    connection.getInputStream().bufferedReader().lineSequence().takeWhile { it.isNotEmpty() }.count()
                    connection.getOutputStream().write(
                        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".toByteArray()
                    )
                }
            }
            assertFailed(http.get(Fetch("feed", "http://127.0.0.1:${half.localPort}/f", 1_000)), "4 of 100 bytes")
        }
    }

    @Test
    fun `a server that falls silent does not hold the agent up`() {
        on("/f") { Thread.sleep(1_500) }
        assertFailed(get("/f"), "SocketTimeoutException")
    }

    @Test
    fun `a server that drips does not hold the agent up`() {
        on("/f") { exchange ->
            exchange.sendResponseHeaders(200, 0)
            runCatching {
                repeat(30) {
                    exchange.responseBody.write(0)
                    exchange.responseBody.flush()
                    Thread.sleep(100)
                }
            }
        }
        assertFailed(get("/f"), "not complete after 1000 ms")
    }

    @Test
    fun `a server that drips its headers does not hold the agent up`() {
        ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { dripping ->
            threads.execute {
                dripping.accept().use { connection ->
                    runCatching {
                        connection.getOutputStream().write("HTTP/1.1 200 OK\r\nX-Endless: ".toByteArray())
                        repeat(100) {
                            connection.getOutputStream().write('x'.code)
                            Thread.sleep(100)
                        }
                    }
                }
            }
            val begun = System.nanoTime()
            val outcome = http.get(Fetch("feed", "http://127.0.0.1:${dripping.localPort}/f", 1_000))
            assertFailed(outcome, "not complete after 1000 ms")
            assertTrue("it took too long", System.nanoTime() - begun < 5_000_000_000)
        }
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
}
