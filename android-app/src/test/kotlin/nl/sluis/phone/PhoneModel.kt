package nl.sluis.phone

import java.io.File

/** A phone as it leaves the shop, whatever Android version it then runs. */
data class PhoneModel(val apps: List<App>, val roles: RoleHolders = RoleHolders()) {
    /** The same phone with more apps; one that is there already is replaced. */
    operator fun plus(more: List<App>): PhoneModel {
        val names = more.mapTo(HashSet(), App::name)
        return copy(apps = apps.filter { it.name !in names } + more)
    }

    companion object {
        /** Reads an inventory: one `package:<name>` a line; what is not such a line is a comment. */
        fun fromInventory(
            file: File,
            isSystem: (String) -> Boolean = { true },
            roles: RoleHolders = RoleHolders()
        ): PhoneModel {
            val names = file.readLines().map(String::trim).filter { it.startsWith("package:") }
                .map { it.removePrefix("package:").substringBefore(' ') }
            require(names.isNotEmpty()) { "$file lists no package" }
            return PhoneModel(names.distinct().map { App(it, system = isSystem(it)) }, roles)
        }
    }
}

/** Who holds which role on the phone; the names of the packages. */
data class RoleHolders(
    val home: String? = null,
    val dialer: String? = null,
    val systemDialer: String? = null,
    val sms: String? = null,
    val keyboard: String? = null,
    val enabledKeyboards: List<String> = listOfNotNull(keyboard),
    /** More that are enabled, by what their subtypes say that they are: "keyboard", "voice", "auxiliary keyboard". */
    val enabledInputMethods: Map<String, List<String>> = emptyMap(),
    val accessibility: List<String> = emptyList(),
    /** Those of [accessibility] that the system has bound; all but right after a boot. */
    val boundAccessibility: List<String> = accessibility,
    val alwaysOnVpn: String? = null,
    /** Whether some VPN is up; Android tells an app no more than that. */
    val vpnIsUp: Boolean = false,
    val webView: String? = null
)
