package dev.reveille.samples.compat;

import dev.reveille.Dispatcher;
import dev.reveille.callback.CallbackDiagnostics;
import dev.reveille.callback.CallbackMisuse;
import dev.reveille.callback.LedgerSink;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** What a dispatcher tells about bridged calls, word by word: "read COMPLETED", "read late". */
public final class Heard implements LedgerSink {
  private final ConcurrentLinkedQueue<String> words = new ConcurrentLinkedQueue<>();

  private Heard() {}

  /** From now on, of calls that have not begun. */
  public static Heard on(Dispatcher dispatcher) {
    Heard heard = new Heard();
    CallbackDiagnostics.of(dispatcher).ledger(heard);
    return heard;
  }

  public List<String> words() {
    return List.copyOf(words);
  }

  /** How often a word was heard, of whatever call. */
  public int count(String word) {
    return (int) words.stream().filter(each -> each.endsWith(' ' + word)).count();
  }

  @Override
  public Entry begin(Dispatcher dispatcher, String name) {
    return new Entry() {
      @Override
      public void ended(End how, @Nullable Throwable failure) {
        words.add(name + ' ' + how);
      }

      @Override
      public void reentrant() {
        words.add(name + " reentrant");
      }

      @Override
      public void late() {
        words.add(name + " late");
      }

      @Override
      public void misused(CallbackMisuse misuse) {
        words.add(name + ' ' + misuse.kind());
      }
    };
  }
}
