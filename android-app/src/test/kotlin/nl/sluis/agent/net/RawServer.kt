package nl.sluis.agent.net

import java.io.IOException
import java.io.OutputStream
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.concurrent.thread

/**
 * A server on loopback that says byte by byte what [answer] writes, and keeps what it is asked. [answer] is given the
 * first line of a request and says whether the connection stays open.
 */
internal class RawServer(private val answer: (String, OutputStream) -> Boolean) : AutoCloseable {
    private val socket = ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress())

    /** The heads of all requests, line by line, as they came over the wire. */
    val requests = CopyOnWriteArrayList<List<String>>()

    /** How often somebody connected. */
    @Volatile
    var connections = 0
        private set

    /** Connections that the other side cut off while it was being answered. */
    @Volatile
    var cutOff = 0
        private set

    val port: Int get() = socket.localPort

    init {
        thread(isDaemon = true) {
            try {
                while (true) {
                    val connection = socket.accept()
                    connections++
                    thread(isDaemon = true) { talk(connection) }
                }
            } catch (_: IOException) {
                // Closed: the test is over.
            }
        }
    }

    fun address(path: String = "/f") = "http://127.0.0.1:$port$path"

    override fun close() = socket.close()

    private fun talk(connection: Socket) = connection.use {
        val lines = it.getInputStream().bufferedReader()
        var open = true
        while (open) {
            val head = lines.lineSequence().takeWhile(String::isNotEmpty).toList()
            if (head.isEmpty()) break
            requests += head
            open = try {
                answer(head.first(), it.getOutputStream())
            } catch (_: IOException) {
                cutOff++
                false
            }
        }
    }

    companion object {
        private const val BACKLOG = 10

        /** Writes a whole answer. */
        fun OutputStream.send(status: String, vararg headers: String, body: ByteArray = byteArrayOf()): Boolean {
            val head = listOf("HTTP/1.1 $status", "Content-Length: ${body.size}") + headers
            write((head.joinToString("\r\n") + "\r\n\r\n").toByteArray() + body)
            return true
        }
    }
}
