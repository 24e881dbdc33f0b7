package org.wasix4j.runtime.internal;

import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.types.MutabilityType;
import com.dylibso.chicory.wasm.types.ValType;
import org.wasix4j.runtime.internal.link.ThreadLibraries;
import org.wasix4j.system.thread.GuestStack;
import org.wasix4j.system.thread.Unwind;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * The stack of a module that binaryen's asyncify pass has gone over. Such a module can return from
 * all its functions, with their locals written to memory, and be called again to where it was.
 *
 * <p>The place that the locals are written to is memory that the guest's allocator has never seen:
 * the memory is grown for it once a thread. Nothing of it is needed between two uses.
 */
final class AsyncifyStack implements GuestStack {

    private static final String START_UNWIND = "asyncify_start_unwind";
    private static final String STOP_UNWIND = "asyncify_stop_unwind";
    private static final String START_REWIND = "asyncify_start_rewind";
    private static final String STOP_REWIND = "asyncify_stop_rewind";

    /** Where asyncify keeps its position and its end, before the locals. */
    private static final int HEADER = 16;

    /** How much room there is for locals; touched only as far as they reach. */
    private static final int ROOM_PAGES = 32;

    private static final int ROOM = ROOM_PAGES << 16;

    private final Instance instance;
    private final LinearMemory memory;
    private final ExportFunction startUnwind;
    private final ExportFunction stopUnwind;
    private final ExportFunction startRewind;
    private final ExportFunction stopRewind;

    private int room;
    private @Nullable Outermost outermost;
    private @Nullable String pending;
    private @Nullable Act act;
    private @Nullable Entry entry;
    private boolean entering;
    private long answer;

    private AsyncifyStack(Instance instance, LinearMemory memory) {
        this.instance = instance;
        this.memory = memory;
        this.startUnwind = instance.export(START_UNWIND);
        this.stopUnwind = instance.export(STOP_UNWIND);
        this.startRewind = instance.export(START_REWIND);
        this.stopRewind = instance.export(STOP_REWIND);
    }

    /** Uses the room of the thread that was forked; no other thread of this process does. */
    void roomOf(AsyncifyStack parent) {
        room = parent.room;
    }

    /** Whether a module was built with asyncify. */
    static boolean isIn(LoadedModule module) {
        return module.exports(START_UNWIND, ValType.I32)
                && module.exports(STOP_UNWIND)
                && module.exports(START_REWIND, ValType.I32)
                && module.exports(STOP_REWIND);
    }

    /** The stack of an instance's thread, or null when its module has no asyncify. */
    static @Nullable AsyncifyStack of(
            LoadedModule module, Instance instance, @Nullable LinearMemory memory) {
        return memory != null && isIn(module) ? new AsyncifyStack(instance, memory) : null;
    }

    /** Locals as asyncify wrote them, and the mutable globals: all that a thread's frames are. */
    private record Saved(@Nullable String call, byte[] locals, long[] globals) implements Frames {
        @Override
        public int size() {
            return locals.length + 8 * globals.length;
        }
    }

    /** The call that all frames are of: an export and its arguments. */
    record Outermost(String export, long[] arguments, boolean main) {}

    /** The call that is running. */
    @Nullable
    Outermost outermost() {
        return outermost;
    }

    /**
     * Runs a call of the guest to its end, through all that leaves it and enters it again.
     *
     * @param call the outermost call
     * @param first where to begin, or null for the beginning
     * @return what it answers in the end
     */
    @Nullable
    long[] run(Outermost call, @Nullable Entry first) {
        outermost = call;
        ExportFunction export = instance.export(call.export());
        long[] result = null;
        entry = first;
        do {
            if (entry != null) {
                begin(entry);
                entry = null;
            }
            try {
                result = export.apply(call.arguments());
            } catch (Unwind e) {
                if (e != Unwind.FRAMES) {
                    throw e;
                }
                entering = false;
                pending = null;
                act = null;
            }
            Act then = act;
            if (then != null) {
                entry = gone(then);
            }
        } while (entry != null);
        if (entering) {
            throw new ChicoryException("asyncify: the guest did not go on where it was");
        }
        return result;
    }

    @Override
    public @Nullable String pending() {
        return pending;
    }

    @Override
    public boolean isEntering() {
        return entering;
    }

    @Override
    public long answer() {
        // whatever the guest has of its own in here comes in the middle
        entering = false;
        stopRewind.apply();
        pending = null;
        return answer;
    }

    @Override
    public @Nullable String obstacle() {
        ThreadLibraries libraries = ThreadLibraries.current();
        return libraries != null && libraries.isInLibrary()
                ? "a function of a shared library is on its stack"
                : null;
    }

    @Override
    public void leave(String call, Act then) {
        reserve();
        memory.writeI32(room, room + HEADER);
        memory.writeI32(room + 4, room + ROOM);
        pending = call;
        startUnwind.apply(room);
        act = then;
    }

    @Override
    public Unwind jump(Entry where) {
        entry = where;
        return Unwind.FRAMES;
    }

    private void reserve() {
        if (room == 0) {
            int pages = memory.grow(ROOM_PAGES);
            if (pages < 0) {
                throw Errno.NOMEM.exception();
            }
            room = pages << 16;
        }
    }

    /** The guest's functions have returned. */
    private Entry gone(Act then) {
        stopUnwind.apply();
        int end = memory.readInt(room);
        if (end < room + HEADER || end > room + ROOM) {
            throw new ChicoryException("asyncify: the saved frames are damaged");
        }
        byte[] locals = memory.readBytes(room + HEADER, end - room - HEADER);
        Saved saved = new Saved(pending, locals, globals());
        act = null;
        pending = null;
        return then.act(saved);
    }

    private void begin(Entry where) {
        Saved saved = (Saved) where.frames();
        reserve();
        restore(saved.globals());
        int end = room + HEADER + saved.locals().length;
        memory.writeI32(room, end);
        memory.writeI32(room + 4, room + ROOM);
        memory.write(room + HEADER, saved.locals(), 0, saved.locals().length);
        pending = saved.call();
        startRewind.apply(room);
        answer = where.answer();
        entering = true;
    }

    private long[] globals() {
        long[] values = new long[instance.globalCount()];
        for (int i = 0; i < values.length; i++) {
            values[i] = instance.global(i).getValue();
        }
        return values;
    }

    private void restore(long[] values) {
        for (int i = 0; i < values.length; i++) {
            GlobalInstance global = instance.global(i);
            if (global.getMutabilityType() == MutabilityType.Var) {
                global.setValue(values[i]);
            }
        }
    }
}
