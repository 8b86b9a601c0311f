package nl.sluis.phone

import java.lang.reflect.InvocationTargetException
import java.lang.reflect.Method
import java.lang.reflect.Proxy
import org.mockito.Mockito

/** One call of a simulated service. Android versions differ in parameters more than in names: so by name and type. */
internal class Call(val service: String, val method: Method, val arguments: Array<out Any?>) {
    val name: String get() = method.name

    /** The argument at [index], or null. */
    operator fun get(index: Int): Any? = arguments.getOrNull(index)

    /** The first argument of a type. */
    inline fun <reified T> first(): T = arguments.first { it is T } as T

    /** The last number, which is the user in most calls of the package manager. */
    fun lastInt(): Int = arguments.last { it is Int } as Int

    fun text(index: Int): String = arguments[index] as String
}

/** Marks a call that is not answered. */
internal object Unanswered

/** Answers calls by name; [Unanswered] for those it does not know. */
internal fun interface Answers {
    fun answer(call: Call): Any?
}

/** Makes objects of the framework's own types that [Answers] speak for. */
internal class Doubles(private val unexpected: UnexpectedCalls) {
    /** Of an interface. */
    fun <T> ofInterface(type: Class<T>, answers: Answers): T = type.cast(
        Proxy.newProxyInstance(type.classLoader, arrayOf(type)) { self, method, arguments ->
            when (method.name) {
                "hashCode" -> System.identityHashCode(self)
                "equals" -> self === arguments[0]
                "toString" -> "the phone's ${type.simpleName}"
                "asBinder" -> null
                else -> ask(type, method, arguments ?: emptyArray(), answers)
            }
        }
    )

    /** Of a class or an interface. */
    fun <T> of(type: Class<T>, answers: Answers): T = Mockito.mock(
        type,
        Mockito.withSettings().stubOnly().defaultAnswer { ask(type, it.method, it.arguments, answers) }
    )

    private fun ask(type: Class<*>, method: Method, arguments: Array<out Any?>, answers: Answers): Any? {
        if (method.name == "toString" && arguments.isEmpty()) return "the phone's ${type.simpleName}"
        val answer = answers.answer(Call(type.simpleName, method, arguments))
        return if (answer ===
            Unanswered
        ) {
            unexpected.record(type.simpleName, method, arguments)
        } else {
            answer.orNothing(method)
        }
    }

    private fun Any?.orNothing(method: Method): Any? = if (this == Unit ||
        this == null
    ) {
        nothing(method.returnType)
    } else {
        this
    }
}

/** Calls the same method on another object, with the exceptions that it would throw. */
internal fun Method.passTo(target: Any, arguments: Array<out Any?>): Any? = try {
    isAccessible = true
    invoke(target, *arguments)
} catch (e: InvocationTargetException) {
    throw e.targetException
}
