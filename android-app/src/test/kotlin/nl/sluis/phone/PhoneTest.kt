package nl.sluis.phone

import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

@RunWith(RobolectricTestRunner::class)
class PhoneTest {
    @Test
    fun `hides what is installed`() {
        Phone().use { phone ->
            phone.becomeDeviceOwner()
            phone.install(App("com.tik"))
            phone.devicePolicy.setApplicationHidden(phone.admin, "com.tik", true)
            org.junit.Assert.assertTrue(phone.isHidden("com.tik"))
        }
    }
}
