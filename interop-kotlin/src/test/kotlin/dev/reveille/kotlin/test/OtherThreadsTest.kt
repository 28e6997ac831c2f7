package dev.reveille.kotlin.test

import dev.reveille.Dispatcher
import dev.reveille.kotlin.asCoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource
import java.net.URLClassLoader
import java.util.function.LongSupplier
import kotlin.time.Duration.Companion.seconds

/** A [runDispatcherTest] beside other threads, and without kotlinx-coroutines-test. */
class OtherThreadsTest {
    /** At each return from another dispatcher there is a moment in which the job has ended and nothing is queued yet. */
    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun noReturnFromAnotherDispatcherIsMissed(autoAdvance: Boolean) {
        var returns = 0
        runDispatcherTest(20.seconds, autoAdvance) {
            withTimeout(1) {
                // waits for time all the while
                repeat(2_000) {
                    withContext(Dispatchers.Default) { if (it % 7 == 0) Thread.yield() }
                    returns++
                }
                val loop = dispatcher.asCoroutineDispatcher()
                List(4) { async(Dispatchers.Default) { repeat(500) { withContext(loop) { returns++ } } } }.awaitAll()
            }
            assertThat(currentTime).isZero()
        }
        assertThat(returns).isEqualTo(4_000)
    }

    @Test
    fun theLibraryOfKotlinxIsNotNeeded() {
        val (core, test) = listOf(Job::class, TestScope::class).map { it.java.protectionDomain.codeSource.location }
        assumeTrue(core != test, "the profiles of older versions have both in one folder")
        val needed = listOf(Alone::class, DispatcherTest::class, Dispatcher::class, Unit::class, Job::class)
        val places = needed.map { it.java.protectionDomain.codeSource.location }.toTypedArray()
        URLClassLoader(places, ClassLoader.getPlatformClassLoader())
            .use { loader ->
                val absent = runCatching { loader.loadClass("kotlinx.coroutines.test.TestScope") }
                assertThat(absent.exceptionOrNull()).isInstanceOf(ClassNotFoundException::class.java)
                val test = loader.loadClass(Alone::class.java.name).getDeclaredConstructor().newInstance()
                assertThat((test as LongSupplier).asLong).isEqualTo(1_000)
            }
    }

    /** Run where kotlinx-coroutines-test is not. */
    class Alone : LongSupplier {
        override fun getAsLong(): Long {
            var end = 0L
            runDispatcherTest(autoAdvance = true) {
                launch { delay(1_000) }.join()
                end = currentTime
            }
            return end
        }
    }
}
