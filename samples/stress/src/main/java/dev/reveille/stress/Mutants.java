package dev.reveille.stress;

import dev.reveille.stress.Mutant.Edit;
import java.util.List;

/**
 * What can go wrong in the protocols of DESIGN section 4, one step each.
 *
 * <p>Chosen so that x86 shows them: a store that a later load overtakes, or a wrong order of steps.
 * What x86 hides is argued in the comments of the code: a waker's compareAndSet that fails and so
 * does not publish, a plain store where a release is needed.
 */
final class Mutants {
  private Mutants() {}

  static List<Mutant> all() {
    return List.of(
        // ---------------------------------------------------------------- the split wake
        Mutant.of(
            "WakeVersusPoll",
            "drain_clears_by_store",
            "the drain clears NOTIFIED with a release store: the poll reads before it",
            new Edit(
                "Posting",
                "NOTIFIED.getAndSet(this, false);",
                "NOTIFIED.setRelease(this, false);")),
        Mutant.of(
            "SecondWakePublishes",
            "waker_looks_first",
            "a waker that finds NOTIFIED set leaves without an RMW (tokio #7589)",
            new Edit(
                "Posting",
                "!(boolean) NOTIFIED.getAndSet(this, true)",
                "!(boolean) NOTIFIED.getVolatile(this) && !(boolean) NOTIFIED.getAndSet(this,"
                    + " true)")),
        Mutant.of(
            "PolledWhileLinked",
            "cleared_by_the_poll",
            "NOTIFIED is cleared when the poll starts, not when the posting is unlinked",
            new Edit("Posting", "NOTIFIED.getAndSet(this, false);", ""),
            new Edit(
                "Posting",
                "void bornNotified() {",
                "void clear() { NOTIFIED.getAndSet(this, false); } void bornNotified() {"),
            new Edit("Entries", "p.queued = false;", "p.queued = false; p.clear();")),
        Mutant.of(
            "PolledWhileLinked",
            "cleared_before_the_link_is_read",
            "the drain gives a posting free before it has read its link",
            new Edit("Intake", "node.drained(self());", ""),
            new Edit(
                "Intake",
                "InboxNode following = node.next;",
                "node.drained(self()); InboxNode following = node.next;")),

        // ---------------------------------------------------------------- the end of a posting
        Mutant.of(
            "RepostWhileLinked",
            "ended_posting_keeps_its_task",
            "the end does not null the reference to the task",
            new Edit("Posting", "body = null;", "")),
        Mutant.of(
            "RepostWhileLinked",
            "waker_reads_the_loop_twice",
            "wake() reads the loop again after it found it there",
            new Edit("Posting", "l.push(this);", "loop.push(this);")),

        // ---------------------------------------------------------------- who has a task
        Mutant.of(
            "PostVersusPoll.Child",
            "begun_by_look_and_set",
            "the first poll of a parent looks whether somebody has the task, and takes it",
            new Edit("Task", "!POLLED_BY.compareAndSet(this, null, l)", "(polledBy = l) != l")),
        Mutant.of(
            "PostVersusPoll.Twice",
            "claimed_by_look_and_set",
            "a post looks whether a parent has polled the task to its end, and takes it",
            new Edit(
                "Task",
                "!POLLED_BY.compareAndSet(this, DONE, p)",
                "(polledBy != DONE || (polledBy = p) != p)")),

        // ---------------------------------------------------------------- acceptance
        Mutant.of(
            "PostVersusSeal.Callback",
            "sealed_in_two_steps",
            "the close takes the rest and then seals",
            new Edit(
                "Inbox",
                "(InboxNode) HEAD.getAndSet(this, SEALED);",
                "(InboxNode) HEAD.getAndSet(this, null); HEAD.setVolatile(this, SEALED);")),
        Mutant.of(
            "PostVersusSeal.Tasks",
            "pushed_after_a_check",
            "a push looks at the life of the dispatcher, but not at the seal",
            new Edit("Inbox", "if (seen == SEALED) {", "if (false) {")),
        Mutant.of(
            "PostVersusSeal.DrainedBlock",
            "sealed_after_a_look",
            "the end of draining looks whether the inbox is empty and then seals it",
            new Edit(
                "Inbox",
                "return HEAD.compareAndSet(this, null, SEALED);",
                "if (!isEmpty()) { return false; } HEAD.setVolatile(this, SEALED); return true;")),

        // ---------------------------------------------------------------- sleep and work
        Mutant.of(
            "ParkHandshake.Post",
            "sleep_announced_by_store",
            "the sleep is announced with a release store: the look at the inbox overtakes it",
            new Edit(
                "SleepGate",
                "state = forTimedPostsOnly ? ASLEEP_FOR_TIMED_POSTS : ASLEEP;",
                "STATE.setRelease(this, forTimedPostsOnly ? ASLEEP_FOR_TIMED_POSTS : ASLEEP);")),
        Mutant.of(
            "ParkHandshake.Post",
            "no_last_look_at_the_inbox",
            "the loop does not look at the inbox after the announcement",
            new Edit("Loop", "if (inbox.isEmpty() && attention == 0", "if (attention == 0")),
        Mutant.of(
            "ParkHandshake.Stop",
            "no_last_look_at_attention",
            "the loop does not look for a stop after the announcement",
            new Edit("Loop", "inbox.isEmpty() && attention == 0", "inbox.isEmpty()")),
        Mutant.of(
            "ParkHandshake.GuardClose",
            "no_last_look_at_guards",
            "the loop does not look at the guards after the announcement",
            new Edit("Loop", "&& !(guarded && guards == 0)", "")),
        Mutant.of(
            "GuardVersusTermination",
            "guards_read_after_the_inbox",
            "the guards are read after the inbox was found empty",
            new Edit("Loop", "boolean guarded = guards != 0;", ""),
            new Edit(
                "Loop",
                "boolean working = guarded ||",
                "Thread.onSpinWait(); // only to be seen more often"
                    + "\nboolean guarded = guards != 0; boolean working = guarded ||")),

        // ---------------------------------------------------------------- loops of somebody else
        Mutant.of(
            "HostedHandshake.Post",
            "run_ends_without_a_last_look",
            "the end of a hosted run does not look at the inbox after the announcement",
            new Edit("Loop", "if (!inbox.isEmpty() || attention != 0", "if (attention != 0")),
        Mutant.of(
            "HostedHandshake.Loan",
            "loan_leaves_what_it_took",
            "a loan that took callbacks from the inbox does not ask for a run",
            new Edit("Loop", "if (!queue.isEmpty()) { return true; }", "")),
        Mutant.of(
            "HostedHandshake.GuardClose",
            "run_ends_on_a_closed_guard",
            "the end of a hosted run does not look at the guards after the announcement",
            new Edit("Loop", "&& timedPosts == 0 && guards == 0) {", "&& false) {")),
        Mutant.of(
            "HostedDrains.Post",
            "not_once_again",
            "a drain that ends does not hear that it was asked for again",
            new Edit(
                "HostedDispatcher",
                "s != RUNNING || STATE.compareAndSet(this, RUNNING, AGAIN)",
                "true")),
        Mutant.of(
            "HostedDrains.Wakeup",
            "wakeup_drops_out",
            "the host's wake-up that finds a drain running leaves it at that",
            new Edit("HostedDispatcher", "run(); } else { wakeLoop(); }", "run(); }")),

        // ---------------------------------------------------------------- the role
        Mutant.of(
            "DriverHandover.Role",
            "role_tried_by_look_and_set",
            "the role is taken by a look and a store",
            new Edit(
                "DriverRole",
                "boolean taken = DRIVER.compareAndSet(this, null, Thread.currentThread());",
                "boolean taken = driverThread() == null;"
                    + " if (taken) { DRIVER.setVolatile(this, Thread.currentThread()); }")),
        Mutant.of(
            "DriverHandover.Runs",
            "role_taken_by_look_and_set",
            "a run takes the role by a look and a store",
            new Edit(
                "DriverRole",
                "(Thread) DRIVER.compareAndExchange(this, null, me);",
                "driverThread(); if (holder == null) { DRIVER.setVolatile(this, me); }")),

        // ---------------------------------------------------------------- one end
        Mutant.of(
            "CancelVersusComplete.Due",
            "cancelled_by_the_caller",
            "a cancel ends the task on the thread that asks for it",
            new Edit(
                "Posting",
                "// whatever a waker that is not ours has thrown wake();",
                "Loop l = loop; if (l != null) { l.end(this, CANCELLED, null); }")),
        Mutant.of(
            "CancelVersusComplete.Endless",
            "woken_before_the_request",
            "a cancel wakes first and then leaves the request",
            new Edit(
                "Posting",
                "if (isEnded() || !CANCEL_REQUESTED",
                "wake(); if (isEnded() || !CANCEL_REQUESTED"),
            new Edit("Posting", "// whatever a waker that is not ours has thrown wake();", "")),
        Mutant.of(
            "CancelVersusComplete.Twice",
            "requested_by_look_and_set",
            "two cancels both find that nobody has asked",
            new Edit(
                "Posting",
                "isEnded() || !CANCEL_REQUESTED.compareAndSet(this, false, true)",
                "cancelRequested || isEnded() || !(cancelRequested = true)")),
        Mutant.of(
            "TimedPostCancelVersusFire",
            "fired_by_look_and_set",
            "the loop claims a callback timer by a look and a store",
            new Edit("TimedPost", "STATE.compareAndSet(this, s, end)", "(state = end) == end")),
        Mutant.of(
            "JoinVersusCompletion.Future",
            "joined_by_look_and_set",
            "the first who joins sets the list of those who wait by a store",
            new Edit(
                "JoinHandle",
                "s = STATE.compareAndExchange(this, null, first);",
                "state = first;")),
        Mutant.of(
            "JoinVersusCompletion.Join",
            "joined_before_the_waker",
            "a join is registered before its waker is there",
            new Edit("JoinHandle", "waker = cx.waker(", "Waker mine = cx.waker("),
            new Edit("JoinHandle", "registered = true;", "registered = true; waker = mine;")),

        // ---------------------------------------------------------------- sets of pollables
        Mutant.of(
            "PollableSetWake.OneChild",
            "set_clears_by_store",
            "a set clears NOTIFIED with a release store: the poll of the child reads before it",
            new Edit("Member", "NOTIFIED.getAndSet(this, 0);", "NOTIFIED.setRelease(this, 0);")),
        Mutant.of(
            "PollableSetWake.OneChild",
            "child_waker_looks_first",
            "a child's waker that finds NOTIFIED set leaves without an RMW (tokio #7589)",
            new Edit(
                "Member",
                "(int) NOTIFIED.getAndSet(this, 1) == 0",
                "(int) NOTIFIED.getVolatile(this) == 0 && (int) NOTIFIED.getAndSet(this, 1) == 0")),
        Mutant.of(
            "PollableSetWake.OneChild",
            "set_registered_by_store",
            "a set registers its task with a release store: the second look overtakes it",
            new Edit(
                "ReadyList",
                "PARENT.setVolatile(this, waker);",
                "PARENT.setRelease(this, waker);")),
        Mutant.of(
            "PollableSetWake.TwoChildren",
            "set_without_second_look",
            "a set does not look again after it registered its task",
            new Edit(
                "PollableSet",
                "if (ready.isEmpty()) { return Poll.pending(); } ready.unregister();",
                "return Poll.pending();")),
        // ---------------------------------------------------------------- stop, groups, time-outs
        Mutant.of(
            "StopVersusChild.Adopt",
            "adopted_after_a_look",
            "a child is hung on its parent after a look at the flag, without the lock",
            new Edit(
                "StopSource",
                "private synchronized boolean adopt(Link child) {",
                "private boolean adopt(Link child) {")),
        Mutant.of(
            "StopVersusChild.Retire",
            "hung_on_the_retired",
            "a child that comes late is hung on a source that has left the tree",
            new Edit("StopSource", "if (stopped || retired) {", "if (stopped) {")),
        Mutant.of(
            "StopVersusChild.Wait",
            "no_second_look",
            "who registers does not look at the flag again",
            new Edit(
                "StopSource",
                "if (source.stopped) { return Poll.ready(); } if (!source",
                "if (!source")),
        Mutant.of(
            "GroupSpawnVersusCancel.Cancel",
            "found_before_it_is_accepted",
            "a child can be cancelled by its group before its dispatcher has accepted it",
            new Edit(
                "TaskGroup",
                "handle = fresh; return this;",
                "handle = fresh; synchronized (TaskGroup.this) { running.add(fresh); } return"
                    + " this;")),
        Mutant.of(
            "GroupSpawnVersusCancel.Failure",
            "no_last_look_at_the_failure",
            "a child that comes into a failing group is not cancelled",
            new Edit("TaskGroup", "cancel = cancelling;", "")),
        Mutant.of(
            "TimeoutVersusTake",
            "polled_after_a_look",
            "a poll begins after a look whether it was given up",
            new Edit(
                "BlockingAwait",
                "!STATE.compareAndSet(this, IDLE, POLLING)",
                "state == GIVEN_UP || (state = POLLING) != POLLING")),

        // ---------------------------------------------------------------- event sources
        Mutant.of(
            "WakerSlotVersusWake.Register",
            "registered_by_store",
            "a slot is filled with a release store: the second look at the event overtakes it",
            new Edit(
                "WakerSlot",
                "Waker before = (Waker) WAITER.getAndSet(this, waker);",
                "Waker before = waiter; WAITER.setRelease(this, waker);")),
        Mutant.of(
            "WakerSlotVersusWake.Refusal",
            "place_not_given_back",
            "a refused waiter does not look whether it could give the place back",
            new Edit("WakerSlot", "before.wake(); } throw", "} throw")),

        // ---------------------------------------------------------------- what tasks share
        Mutant.of(
            "SemaphoreCancelVersusRelease.Handles",
            "granted_permit_not_passed_on",
            "a permit that is closed after its grant serves nobody",
            new Edit(
                "sync/Semaphore",
                "wake = serve(); // also if it only left: it may have held up smaller ones",
                "wake = null;")),
        Mutant.of(
            "SemaphoreCancelVersusRelease.Tasks",
            "permit_looks_before_the_lock",
            "a permit looks whether it is held, and then takes the lock to give it back",
            new Edit(
                "sync/Semaphore",
                "Waker wake; synchronized (lock) { if (held) {",
                "Waker wake; boolean was = held; synchronized (lock) { if (was) {")),
        Mutant.of(
            "NotifyCancelVersusNotifyOne.Waiting",
            "listener_looks_before_the_lock",
            "a listener looks whether it was notified, and then takes the lock to leave",
            new Edit(
                "sync/Notify",
                "synchronized (lock) { byte was = state;",
                "byte was = state; synchronized (lock) {")),
        Mutant.of(
            "NotifyCancelVersusNotifyOne.Stored",
            "not_passed_on",
            "a notification of one who gives up is dropped",
            new Edit("sync/Notify", "if (was == ONE) {", "if (false) {")),
        Mutant.of(
            "NotifyCancelVersusNotifyOne.ListenThenLook",
            "notified_after_a_look",
            "who notifies all looks for them before it takes the lock: its change is not out yet",
            new Edit(
                "sync/Notify",
                "public void notifyWaiters() {",
                "public void notifyWaiters() { if (waiters.isEmpty()) { return; }")),
        Mutant.of(
            "OneShotSendVersusClose.Disposed",
            "sent_after_a_look",
            "a send looks whether the receiver is there, and then takes the lock",
            new Edit(
                "sync/OneShot",
                "synchronized (lock) { if (state != OPEN || receiverClosed) { return false; }",
                "if (state != OPEN || receiverClosed) { return false; } synchronized (lock) {")),
        Mutant.of(
            "OneShotSendVersusClose.Received",
            "closed_before_the_lock",
            "a receiver is closed outside the lock, and the value is dropped if there is none yet",
            new Edit(
                "sync/OneShot",
                "synchronized (lock) { if (state != OPEN || receiverClosed) { return false; }",
                "boolean gone = receiverClosed; synchronized (lock) {"
                    + " if (state != OPEN) { return false; }"
                    + " if (receiverClosed) { return !gone; }")),
        Mutant.of(
            "OneShotSendVersusClose.Awaited",
            "looked_before_it_registered",
            "an end looks for what it waits for in one step and registers in another",
            new Edit(
                "sync/Endpoint",
                "ready = isReady(); if (!ready) { evicted = node.takePlace(cx, why); enqueue(node);"
                    + " } }",
                "ready = isReady(); } Thread.onSpinWait(); // only to be seen more often\n"
                    + "if (!ready) { synchronized (lock) {"
                    + " evicted = node.takePlace(cx, why); enqueue(node); } }")),
        Mutant.of(
            "ChannelCancelVersusGrant.Receive",
            "value_not_passed_on",
            "a value that comes back goes into the buffer, though somebody waits for it",
            new Edit("sync/ChannelCore", "if (!handOver(granted)) {", "if (true) {")),
        Mutant.of(
            "ChannelCancelVersusGrant.Alone",
            "value_dropped",
            "a receiver that gives up does not look whether it was handed a value",
            new Edit(
                "sync/ChannelCore",
                "return granted == null ? null : passOn(granted);",
                "return null;")),
        Mutant.of(
            "ChannelCancelVersusGrant.Sending",
            "told_before_the_lock",
            "a send that gives up looks whether it went, and then takes the lock to leave",
            new Edit(
                "sync/ChannelCore",
                "boolean went; lock(); try { went = leave(node);",
                "boolean went = node.granted && !node.reserves; lock(); try { leave(node);")),
        Mutant.of(
            "ChannelHandOver.ToAnOperation",
            "told_before_it_is_there",
            "the state of an operation says that it has its value, which is stored after it",
            new Edit(
                "sync/ReceiveOperation",
                "held = value; STATE.setRelease(this, HANDED);",
                "STATE.setRelease(this, HANDED); // and only to be seen more often:\n"
                    + "for (int i = 0; i < 64; i++) { Thread.onSpinWait(); }"
                    + "held = value;")),
        Mutant.of(
            "ChannelHandOver.OfTwoSenders",
            "looked_and_then_took",
            "the lock is taken in two steps: it was free, and it is stored that it is held",
            new Edit(
                "sync/ChannelCore",
                "while (!HELD.compareAndSet(this, 0, 1)) {",
                "while ((int) HELD.getVolatile(this) != 0 || (int) HELD.getAndSet(this, 1) < 0)"
                    + " {")),
        Mutant.of(
            "ChannelTimeoutVersusSend.Bounded",
            "not_looked_again",
            "a thread whose time is over does not look again (pigweed's BlockingReceive)",
            new Edit(
                "sync/ChannelCore",
                "node.leave(); return node.takeValue();",
                "node.leave(); return null;")),
        Mutant.of(
            "ChannelTimeoutVersusSend.Rendezvous",
            "sent_not_looked_again",
            "a thread whose time is over says that its value did not go",
            new Edit(
                "sync/BlockingTransfer",
                "return !core.cancelSend(node);",
                "core.cancelSend(node); return false;")),

        // ---------------------------------------------------------------- callbacks
        Mutant.of(
            "CompletionVersusWaiter.FirstPoll",
            "waits_by_look_and_set",
            "who waits leaves its waker by a look and a store",
            new Edit(
                "callback/CompleterOperation",
                "STATE.compareAndSet(this, s, waker)",
                "(state = waker) == waker")),
        Mutant.of(
            "CompletionVersusWaiter.Cancel",
            "gives_up_by_look_and_set",
            "who gives up says so by a look and a store",
            new Edit(
                "callback/CompleterOperation",
                "STATE.compareAndSet(this, s, CallOutcome.Spent.GIVEN_UP)",
                "(state = CallOutcome.Spent.GIVEN_UP) != null")),
        Mutant.of(
            "CompletionVersusWaiter.TimeOut",
            "timed_out_all_the_same",
            "a call whose time is over fails with that, though its outcome came first",
            new Edit(
                "callback/CompleterOperation",
                "} else if (timeOut(late)) { throw late; }",
                "} else { timeOut(late); throw late; }")),
        Mutant.of(
            "CompletionVersusCompletion.Waiting",
            "completes_by_look_and_set",
            "two completions both find that there was none before",
            new Edit(
                "callback/CompleterOperation",
                "STATE.compareAndSet(this, s, filed)",
                "(state = filed) == filed")),
        Mutant.of(
            "CompletionVersusCompletion.GivenUp",
            "late_by_look_and_set",
            "two late completions both find that there was none before",
            new Edit(
                "callback/CompleterOperation",
                "STATE.compareAndSet(this, s, CallOutcome.Spent.CLOSED.at(site))",
                "(state = CallOutcome.Spent.CLOSED.at(site)) != null")),
        Mutant.of(
            "OnCancelVersusEnd.Abandon",
            "action_taken_by_look_and_set",
            "the action is taken out by a look and a store",
            new Edit(
                "callback/CompleterOperation",
                "(Runnable) ON_CANCEL.getAndSet(this, null);",
                "onCancel; onCancel = null;")),
        Mutant.of(
            "OnCancelVersusEnd.Abandon",
            "looked_before_the_action",
            "who sets an action looks first whether the call was given up, and not again",
            new Edit(
                "callback/CompleterOperation",
                "void onCancel(Runnable action) {",
                "void onCancel(Runnable action) { if (isCancelled()) { action.run(); }"
                    + " else { ON_CANCEL.setVolatile(this, action); } if (true) { return; }")),
        Mutant.of(
            "OnCancelVersusEnd.AwaitCallback",
            "action_taken_before_it_is_asked",
            "the action is taken before the flag is set that says that it is wanted",
            new Edit("callback/CompleterOperation", "d.asked = true; // before", "// before"),
            new Edit(
                "callback/CompleterOperation",
                "runOnCancel(); } catch (Throwable t) { giveUp(",
                "runOnCancel(); d.asked = true; } catch (Throwable t) { giveUp(")),
        Mutant.of(
            "OnCancelVersusEnd.Completion",
            "aborts_at_any_end",
            "who sets an action and finds the call ended runs it, though it was completed",
            new Edit(
                "callback/CompleterOperation",
                "void onCancel(Runnable action) {",
                "void onCancel(Runnable action) { ON_CANCEL.setVolatile(this, action);"
                    + " if (isEnded(state)) { runOnCancel(); } if (true) { return; }")),
        Mutant.of(
            "EmitterVersusConsumer.Cancel",
            "stream_closed_in_two_steps",
            "a stream that is given up takes what there is and then closes",
            new Edit(
                "callback/LinkedEmissions",
                "(Emission) TOP.getAndSet(this, CLOSED);",
                "top; top = CLOSED;")),
        Mutant.of(
            "EmitterVersusConsumer.Newest",
            "replaced_without_the_lock",
            "elements replace one another without the lock",
            new Edit(
                "callback/NewestEmissions",
                "boolean accepted; synchronized (lock) {",
                "boolean accepted; {")),
        Mutant.of(
            "EmitterVersusConsumer.Watermark",
            "posted_until_it_has_run",
            "the block that asks for a pause takes back that it is posted after it has read the"
                + " size",
            new Edit("callback/Watermark", "posted = false; if (emissions", "if (emissions"),
            new Edit(
                "callback/Watermark",
                "int size = emissions.size();",
                "int size = emissions.size(); posted = false;")),
        Mutant.of(
            "EmitterVersusWait.Linked",
            "waits_without_a_second_look",
            "the consumer registers and does not look again",
            new Edit("callback/EmitterStream", "waits = true;", "return Poll.pending();")),
        Mutant.of(
            "EmitterVersusWait.Linked",
            "stack_unpacked_and_then_taken",
            "the loop unpacks the stack, and then empties it",
            new Edit(
                "callback/LinkedEmissions",
                "if (youngest instanceof Ending || TOP.compareAndSet(this, youngest, null)) {",
                "if (!(youngest instanceof Ending)) { unpack(youngest);"
                    + " TOP.setVolatile(this, null); return; } else {")));
  }
}
