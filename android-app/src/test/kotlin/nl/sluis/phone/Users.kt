package nl.sluis.phone

import android.content.pm.UserInfo
import android.os.Bundle
import android.os.UserHandle
import java.util.TreeMap
import java.util.TreeSet
import org.robolectric.util.ReflectionHelpers
import org.robolectric.util.ReflectionHelpers.ClassParameter

/** The users of the phone and the restrictions that hold for them. */
internal class Users {
    val all = TreeMap<Int, UserInfo>().apply {
        put(0, UserInfo(0, "owner", UserInfo.FLAG_PRIMARY or UserInfo.FLAG_ADMIN or UserInfo.FLAG_INITIALIZED))
    }
    private val applicationRestrictions = HashMap<Pair<String, Int>, Bundle?>()
    private val set = TreeMap<Int, MutableSet<String>>()
    private val pushed = TreeMap<Int, Map<Int, Set<String>>>()

    /** What holds for a user, by whichever way this Android told the user manager. */
    fun restrictions(user: Int): Set<String> {
        val all = TreeSet(set[user].orEmpty() + set[EVERYBODY].orEmpty())
        for (owner in pushed.values) {
            all.addAll(owner[user].orEmpty())
            all.addAll(owner[EVERYBODY].orEmpty())
        }
        return all
    }

    /** Speaks for `UserManager` of a context of this user, and for the system's local interface. */
    fun answersFor(self: Int) = Answers { call ->
        val named = (call[0] as? Int) ?: (call[0] as? UserHandle)?.identifier
        val info = all[named ?: self]
        when (call.name) {
            "getUsers", "getAliveUsers", "getProfiles" -> ArrayList(all.values)
            "getUserInfos" -> all.values.toTypedArray()
            "getUserInfo", "getPrimaryUser" -> info
            "getUserIds", "getProfileIds", "getProfileIdsWithDisabled", "getEnabledProfileIds" -> all.keys.toIntArray()
            "getUserHandles" -> all.keys.map(UserHandle::of)
            "getProfileParent" -> null
            "getProfileParentId" -> named
            "isManagedProfile", "isProfile" -> false
            "getMainUserId" -> 0
            "getMainUser" -> UserHandle.of(0)
            "isUserRunning", "isUserUnlocked", "isUserUnlockingOrUnlocked", "exists" -> info != null
            "isSystemUser" -> self == 0
            "getUserCount" -> all.size
            "getUserProperties" -> defaultProperties()
            "hasUserRestriction" -> call[0] in restrictions((call[1] as? UserHandle)?.identifier ?: self)
            "setDevicePolicyUserRestrictions" -> push(call.arguments)
            "setUserRestriction" -> setOne(call)
            "setApplicationRestrictions" -> applicationRestrictions[keyOf(call.text(0), call[2])] = call[1] as Bundle?
            "getApplicationRestrictions" -> applicationRestrictions[keyOf(call.text(0), call[1])] ?: Bundle()
            else -> Unanswered
        }
    }

    private fun keyOf(name: String, user: Any?) = Pair(name, (user as? UserHandle)?.identifier ?: user as Int)

    private fun defaultProperties(): Any {
        val builder: Any = ReflectionHelpers.callConstructor(
            Class.forName("android.content.pm.UserProperties\$Builder")
        )
        return ReflectionHelpers.callInstanceMethod(builder, "build")
    }

    /** Since Android 14 the policy engine sets one at a time, for a user; before, only the user manager's own callers did. */
    private fun setOne(call: Call) {
        val byEngine = call[0] is Int
        val user = if (byEngine) call[0] as Int else (call[2] as UserHandle).identifier
        val key = call.text(if (byEngine) 1 else 0)
        val here = set.getOrPut(user) { TreeSet() }
        if (call[if (byEngine) 2 else 1] as Boolean) here.add(key) else here.remove(key)
    }

    /** Up to Android 13 the policy service pushes everything that one owner asks for at once. */
    private fun push(arguments: Array<out Any?>) {
        val owner = arguments[0] as Int
        pushed[owner] = if (arguments[2] is Boolean) sorted(owner, arguments) else perUser(arguments)
    }

    private fun perUser(arguments: Array<out Any?>): Map<Int, Set<String>> = buildMap {
        put(EVERYBODY, keys(arguments[1] as Bundle?))
        for (user in all.keys) {
            val local: Bundle? = ReflectionHelpers.callInstanceMethod(
                arguments[2],
                "getRestrictions",
                ClassParameter.from(Int::class.javaPrimitiveType, user)
            )
            put(user, keys(local))
        }
    }

    /** Android 8.0 leaves it to the user manager to tell apart what holds for everybody; this is its own code. */
    private fun sorted(owner: Int, arguments: Array<out Any?>): Map<Int, Set<String>> {
        val global = Bundle()
        val local = Bundle()
        ReflectionHelpers.callStaticMethod<Unit>(
            Class.forName("com.android.server.pm.UserRestrictionsUtils"),
            "sortToGlobalAndLocal",
            ClassParameter.from(Bundle::class.java, arguments[1]),
            ClassParameter.from(Boolean::class.javaPrimitiveType, arguments[2]),
            ClassParameter.from(Int::class.javaPrimitiveType, arguments[3]),
            ClassParameter.from(Bundle::class.java, global),
            ClassParameter.from(Bundle::class.java, local)
        )
        return mapOf(EVERYBODY to keys(global), owner to keys(local))
    }

    @Suppress("DEPRECATION")
    private fun keys(bundle: Bundle?): Set<String> =
        bundle?.keySet()?.filter { bundle.get(it) == true }?.toSet().orEmpty()

    private companion object {
        const val EVERYBODY = -1
    }
}
