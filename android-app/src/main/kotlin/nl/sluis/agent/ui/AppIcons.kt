package nl.sluis.agent.ui

import android.content.Context
import android.content.pm.PackageManager
import android.graphics.drawable.Drawable
import nl.sluis.agent.R

/** The icons of apps, hidden ones included; an app that is gone gets a plain one. */
internal class AppIcons(private val context: Context) {
    private val packages = context.packageManager

    /** The icon of a package. */
    fun of(packageName: String): Drawable? = try {
        packages.getApplicationIcon(packages.getApplicationInfo(packageName, PackageManager.MATCH_UNINSTALLED_PACKAGES))
    } catch (_: PackageManager.NameNotFoundException) {
        context.getDrawable(R.drawable.ic_app)
    }
}
