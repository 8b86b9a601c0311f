package nl.sluis.agent

/** Counts what is under way and tells who waits when there is nothing left. */
internal class UnderWay {
    private var count = 0
    private val waiting = ArrayList<() -> Unit>()

    @Synchronized
    fun begin() {
        count++
    }

    fun end() {
        val now = synchronized(this) {
            count--
            if (count > 0) return
            waiting.toList().also { waiting.clear() }
        }
        now.forEach { it() }
    }

    fun whenNone(call: () -> Unit) {
        synchronized(this) {
            if (count > 0) {
                waiting += call
                return
            }
        }
        call()
    }
}
