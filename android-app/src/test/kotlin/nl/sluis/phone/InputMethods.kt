package nl.sluis.phone

import android.content.pm.ApplicationInfo
import android.content.pm.ResolveInfo
import android.content.pm.ServiceInfo
import android.view.inputmethod.InputMethodInfo
import android.view.inputmethod.InputMethodManager
import android.view.inputmethod.InputMethodSubtype
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowInputMethodManager

/** The input methods that are enabled on a phone, in the framework's own type. */
internal object InputMethods {
    fun of(roles: RoleHolders): List<InputMethodInfo> =
        roles.enabledKeyboards.map { InputMethodInfo(it, "$it.Keyboard", it, null) } +
            roles.enabledInputMethods.map { (name, modes) -> withSubtypes(name, modes) }

    private fun withSubtypes(packageName: String, modes: List<String>): InputMethodInfo {
        val resolved = ResolveInfo().apply {
            serviceInfo = ServiceInfo().apply {
                this.packageName = packageName
                name = "$packageName.InputMethod"
                applicationInfo = ApplicationInfo().also { it.packageName = packageName }
            }
        }
        return InputMethodInfo(resolved, false, null, modes.map(::subtype), 0, false)
    }

    private fun subtype(mode: String) = InputMethodSubtype.InputMethodSubtypeBuilder()
        .setSubtypeMode(mode.removePrefix(AUXILIARY))
        .setIsAuxiliary(mode.startsWith(AUXILIARY))
        .build()

    private const val AUXILIARY = "auxiliary "
}

/** All subtypes of an enabled input method are enabled. */
@Implements(InputMethodManager::class)
class PhoneInputMethodManager : ShadowInputMethodManager() {
    @Implementation
    protected fun getEnabledInputMethodSubtypeList(method: InputMethodInfo, implicitly: Boolean) =
        (0 until method.subtypeCount).map(method::getSubtypeAt)
}
