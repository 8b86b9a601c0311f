package nl.sluis.agent.ui

import android.graphics.Bitmap
import android.graphics.Color

/** Draws the QR codes that the core makes. */
internal object QrCode {
    /** The light margin that the standard asks for, in modules. */
    private const val MARGIN = 4

    /** One pixel to a module, black on white also on a dark screen: what is inverted, many cameras do not read. */
    fun bitmap(rows: List<String>): Bitmap {
        val side = rows.size + 2 * MARGIN
        val pixels = IntArray(side * side) { Color.WHITE }
        rows.forEachIndexed { y, row ->
            row.forEachIndexed { x, module ->
                if (module == '1') pixels[(y + MARGIN) * side + x + MARGIN] = Color.BLACK
            }
        }
        return Bitmap.createBitmap(pixels, side, side, Bitmap.Config.ARGB_8888)
    }
}
