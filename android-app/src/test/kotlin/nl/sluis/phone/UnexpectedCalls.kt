package nl.sluis.phone

import java.lang.reflect.Method
import java.util.Collections

/** Calls that reached the simulated part of the phone and that nobody there handles. */
class UnexpectedCalls {
    private val calls = Collections.synchronizedList(ArrayList<String>())

    /** In the order in which they came. */
    val list: List<String> get() = synchronized(calls) { calls.toList() }

    /** Takes note of it, and gives the caller something to go on with: the test fails later, with the whole list. */
    fun record(service: String, method: Method, arguments: Array<out Any?>): Any? {
        calls.add(
            "$service.${method.name}(${arguments.joinToString {
                if (it is Array<*>) it.contentDeepToString() else "$it"
            }})"
        )
        return nothing(method.returnType)
    }

    /** Forgets them; for the tests of the phone itself. */
    fun clear() = calls.clear()
}

/** What a Java method returns when it has nothing to say. */
internal fun nothing(type: Class<*>): Any? = when {
    type == Boolean::class.javaPrimitiveType -> false
    type == Int::class.javaPrimitiveType -> 0
    type == Long::class.javaPrimitiveType -> 0L
    type == Float::class.javaPrimitiveType -> 0f
    type.isArray -> java.lang.reflect.Array.newInstance(type.componentType, 0)
    type == List::class.java || type == Collection::class.java -> ArrayList<Any>()
    type == Set::class.java -> HashSet<Any>()
    type == Map::class.java -> HashMap<Any, Any>()
    else -> null
}
