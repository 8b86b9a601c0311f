package nl.sluis.agent.inventory

import android.content.pm.ApplicationInfo

/**
 * Whether a package is there for this user. Asked for uninstalled packages as well, the package manager also lists those
 * of other users and those uninstalled with their data kept, without the flag; what is [hidden] counts as there, whether
 * or not this Android keeps the flag.
 */
internal fun ApplicationInfo?.isInstalled(hidden: Boolean): Boolean =
    this != null && (hidden || flags and ApplicationInfo.FLAG_INSTALLED != 0)
