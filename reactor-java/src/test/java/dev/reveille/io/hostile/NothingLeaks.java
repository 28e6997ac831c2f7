package dev.reveille.io.hostile;

import dev.reveille.contract.Rig;
import java.lang.reflect.Method;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * Fails a test after which the {@link Holdings} are not what they were before it. Each test runs in
 * a thread of its own, which takes the JDK's per-thread buffers with it when it ends.
 */
final class NothingLeaks implements BeforeEachCallback, AfterEachCallback, InvocationInterceptor {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(NothingLeaks.class);

  @Override
  public void beforeEach(ExtensionContext context) {
    context.getStore(NAMESPACE).put("before", Holdings.now());
  }

  @Override
  public void afterEach(ExtensionContext context) {
    Holdings before = context.getStore(NAMESPACE).get("before", Holdings.class);
    List<String> differences = settledDifferences(before);
    if (!differences.isEmpty() && context.getExecutionException().isEmpty()) {
      throw new AssertionError("the test leaks: " + differences);
    }
  }

  /**
   * The system may take a moment to end a thread or a socket; and the direct buffers that the test
   * itself has dropped go with a collection.
   */
  static List<String> settledDifferences(Holdings before) {
    long start = System.nanoTime();
    List<String> differences = Holdings.now().differences(before);
    while (!differences.isEmpty() && System.nanoTime() - start < 3_000_000_000L) {
      System.gc();
      differences = Holdings.now().differences(before);
    }
    return differences;
  }

  @Override
  public void interceptTestMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    inThreadOfItsOwn(invocation);
  }

  @Override
  public void interceptTestTemplateMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    inThreadOfItsOwn(invocation);
  }

  private static void inThreadOfItsOwn(Invocation<Void> invocation) throws Throwable {
    FutureTask<Void> body =
        new FutureTask<>(
            () -> {
              try {
                return invocation.proceed();
              } catch (Exception | Error e) {
                throw e;
              } catch (Throwable t) {
                throw new AssertionError(t);
              }
            });
    Thread thread = new Thread(body, "test");
    thread.start();
    try {
      body.get();
    } catch (InterruptedException e) { // JUnit's limit for one test
      thread.interrupt();
      throw e;
    } catch (ExecutionException e) {
      throw e.getCause();
    } finally {
      thread.join(Rig.PATIENCE.toMillis());
    }
  }
}
