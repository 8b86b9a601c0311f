package nl.sluis.agent

import android.app.job.JobInfo
import android.app.job.JobScheduler
import java.util.concurrent.TimeUnit
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

/** A phone that is kept away from every network is checked all the same. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35])
class DailyCheckJobTest {
    private val context = RuntimeEnvironment.getApplication()

    @After
    fun stop() = Agent.stop()

    @Test
    fun `the whole phone is checked daily without a network, however often the agent starts`() {
        repeat(2) { Agent.of(context).started() }
        val job: JobInfo = context.getSystemService(JobScheduler::class.java).allPendingJobs.single()
        assertEquals(DailyCheckJob::class.java.name, job.service.className)
        assertEquals(TimeUnit.DAYS.toMillis(1), job.intervalMillis)
        assertNull("it needs no network", job.requiredNetwork)
    }
}
