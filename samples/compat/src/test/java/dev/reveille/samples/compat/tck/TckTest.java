package dev.reveille.samples.compat.tck;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.testng.ITestResult;
import org.testng.TestListenerAdapter;
import org.testng.TestNG;

/** The canary: a kit that finds nothing proves nothing. */
class TckTest {
  @Test
  void aPublisherThatKnowsNoDemandIsFound() {
    TestListenerAdapter results = new TestListenerAdapter();
    TestNG kit = new TestNG(false);
    kit.setUseDefaultListeners(false);
    kit.setVerbose(0);
    kit.setTestClasses(new Class<?>[] {BrokenPublisherKit.class});
    kit.addListener(results);

    kit.run();

    assertThat(results.getFailedTests())
        .extracting(ITestResult::getName)
        .contains(
            "required_spec101_subscriptionRequestMustResultInTheCorrectNumberOfProducedElements",
            "required_spec309_requestZeroMustSignalIllegalArgumentException");
    assertThat(results.getPassedTests()).isNotEmpty();
  }
}
