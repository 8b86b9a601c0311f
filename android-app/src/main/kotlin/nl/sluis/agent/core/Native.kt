package nl.sluis.agent.core

/**
 * The Rust core behind JNI. Messages are JSON in UTF-8. Each call throws [CoreException] for bad input or trouble with
 * the store, and [CoreBug] for a panic that was caught.
 */
internal object Native {
    /** Opens the store in a directory, given as the bytes of its path; the handle is released by [close]. */
    external fun open(directory: ByteArray): Long

    /** Reports an event, with the fetched bytes beside it where it has any, and returns directives. */
    external fun handle(handle: Long, report: ByteArray, body: ByteArray?): ByteArray

    /** Releases the handle; it must not be used afterwards. */
    external fun close(handle: Long)
}
