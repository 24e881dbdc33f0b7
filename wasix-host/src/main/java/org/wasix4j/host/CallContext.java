package org.wasix4j.host;

import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import org.wasix4j.abi.GuestMemory;
import org.wasix4j.abi.IoVecs;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.fd.FdTable;
import org.wasix4j.system.fd.ReceiveInfo;
import org.wasix4j.system.poll.EpollReport;
import org.wasix4j.system.poll.PollSet;
import org.wasix4j.system.thread.GuestThread;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.Nullable;

/**
 * What a host function has at hand: the calling thread, the guest's memory as this thread sees it,
 * and the thread's scratch. One a guest thread, used again for every call, so that a call allocates
 * nothing.
 */
public final class CallContext implements GuestThread.Scratch {

    /** What a module without a memory has: every pointer is a bad one. */
    private static final Memory NOTHING = new ByteArrayMemory(new MemoryLimits(0, 0));

    private final GuestProcess process;
    private final GuestThread thread;
    private final ReceiveInfo receiveInfo = new ReceiveInfo();

    // set by enter, before another thread sees this object
    @SuppressWarnings("NullAway.Init")
    private Instance instance;

    @SuppressWarnings("NullAway.Init")
    private GuestMemory memory;

    @SuppressWarnings("NullAway.Init")
    private IoVecs ioVecs;

    @SuppressWarnings("NullAway.Init")
    private AbiProfile profile;

    private @Nullable PollSet pollSet;
    private @Nullable EpollReport epollReport;

    private CallContext(GuestProcess process, GuestThread thread) {
        this.process = process;
        this.thread = thread;
    }

    /** The calling thread's context, ready for a call from this instance under this profile. */
    static CallContext enter(
            GuestProcess process, GuestThread thread, Instance instance, AbiProfile profile) {
        CallContext context = (CallContext) thread.scratch();
        if (context == null) {
            context = new CallContext(process, thread);
            thread.scratch(context);
        }
        if (context.instance != instance) {
            context.attach(instance, profile);
        }
        context.profile = profile;
        return context;
    }

    private void attach(Instance caller, AbiProfile abi) {
        Memory linear = caller.memory() == null ? NOTHING : caller.memory();
        if (memory == null || memory.memory() != linear) {
            memory = new GuestMemory(linear, abi);
            ioVecs = new IoVecs(memory);
        }
        instance = caller;
    }

    /** The calling thread. */
    public GuestThread thread() {
        return thread;
    }

    /** Its process; for the child of a vfork, which has no thread of its own, that child. */
    public GuestProcess process() {
        GuestThread.Owner acting = thread.acting();
        return acting == null ? process : (GuestProcess) acting;
    }

    /** The descriptors of the process that calls. */
    public FdTable descriptors() {
        return process().descriptors();
    }

    /** The instance that calls: each guest thread has its own. */
    public Instance instance() {
        return instance;
    }

    /** The guest's memory. */
    public GuestMemory memory() {
        return memory;
    }

    /** The scatter and gather lists of this thread; one list at a time. */
    public IoVecs ioVecs() {
        return ioVecs;
    }

    /** The subscriptions of this thread's present {@code poll_oneoff}. */
    PollSet pollSet() {
        if (pollSet == null) {
            pollSet = new PollSet();
        }
        return pollSet;
    }

    /** What this thread's present {@code epoll_wait} finds. */
    EpollReport epollReport() {
        if (epollReport == null) {
            epollReport = new EpollReport();
        }
        return epollReport;
    }

    /** What a receive reports beside the bytes, empty. */
    public ReceiveInfo receiveInfo() {
        return receiveInfo.clear();
    }

    /** The numbers and layouts of the function that was called. */
    public AbiProfile profile() {
        return profile;
    }
}
