package org.wasix4j.host;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.wasix4j.abi.GuestMemory;
import org.wasix4j.system.DynamicLinker;
import org.wasix4j.types.Errno;
import org.wasix4j.types.Nullable;

/**
 * Shared libraries: {@code dlopen}, {@code dlsym}, {@code dl_invalid_handle}.
 *
 * <p>Source: wasix-witx; wasix-libc, {@code ldso}; dlopen(3).
 */
public final class WasixLibraries implements HostModule {

    private static final int FLAGS = 0x3f;

    @Override
    public @Nullable Syscall find(String key) {
        return switch (key) {
            case "dlopen" -> this::dlopen;
            case "dlsym" -> this::dlsym;
            case "dl_invalid_handle" -> this::dlInvalidHandle;
            default -> null;
        };
    }

    /**
     * {@code dlopen(path, flags, err_buf, err_buf_len, ld_library_path, ret: *dl_handle)}:
     * dlopen(3). An empty path is the program. A library without a slash in its name is looked for
     * in {@code ld_library_path}, the runtime path of the program, {@code /lib}, {@code /usr/lib}
     * and {@code /usr/local/lib}. With {@code now} every symbol must be there; without it a
     * function that is missing traps when it is called. {@code nodelete} is always so: a library
     * stays until the process ends.
     *
     * <p>Errors, each with a text in {@code err_buf}: noent, noexec when it is no library or a
     * symbol is missing, nomem, inval for unknown flags, and what the walk to the file answers.
     */
    private Errno dlopen(CallContext call, long[] args) {
        GuestMemory memory = call.memory();
        String path = memory.readPath((int) args[0], (int) args[1]);
        int flags = (int) args[2];
        int text = (int) args[3];
        int textLen = (int) args[4];
        String libraryPath = memory.readPath((int) args[5], (int) args[6]);
        int handleOut = (int) args[7];
        memory.check(handleOut, 4);
        DynamicLinker.Answer answer =
                (flags & ~FLAGS) != 0
                        ? DynamicLinker.Answer.failure(Errno.INVAL, "dlopen: unknown flags")
                        : linker(call).open(path, flags, libraryPath);
        return report(memory, answer, text, textLen, handleOut);
    }

    /**
     * {@code dlsym(handle, symbol, err_buf, err_buf_len, ret: *size)}: dlsym(3). The answer is an
     * address in memory, or the place of a function in the table; of a thread-local it is that of
     * the calling thread. Handle 0 is RTLD_DEFAULT. Errors, with a text: noent, inval for a handle
     * that is none, nomem.
     */
    private Errno dlsym(CallContext call, long[] args) {
        GuestMemory memory = call.memory();
        int handle = (int) args[0];
        String symbol = memory.readPath((int) args[1], (int) args[2]);
        int text = (int) args[3];
        int textLen = (int) args[4];
        int addressOut = (int) args[5];
        memory.check(addressOut, 4);
        DynamicLinker.Answer answer = linker(call).symbol(handle, symbol);
        return report(memory, answer, text, textLen, addressOut);
    }

    /** Writes an answer, or its text with a zero byte at the end. */
    private static Errno report(
            GuestMemory memory, DynamicLinker.Answer answer, int text, int length, int out) {
        if (answer.errno() == Errno.SUCCESS) {
            memory.writeI32(out, answer.value());
            return Errno.SUCCESS;
        }
        if (length > 0 && answer.problem() != null) {
            byte[] words = answer.problem().getBytes(StandardCharsets.UTF_8);
            memory.check(text, length);
            // a copy that is longer by one ends with a zero
            int fits = Math.min(words.length, length - 1);
            while (fits < words.length && fits > 0 && (words[fits] & 0xc0) == 0x80) {
                // not in the middle of a letter
                fits--;
            }
            memory.writeBytes(text, Arrays.copyOf(Arrays.copyOf(words, fits), fits + 1));
        }
        return answer.errno();
    }

    /**
     * {@code dl_invalid_handle(handle)}: whether dlclose(3) can be called with it; libc does
     * nothing else there. Errors: inval when it is no handle.
     */
    private Errno dlInvalidHandle(CallContext call, long[] args) {
        int handle = (int) args[0];
        return linker(call).isHandle(handle) ? Errno.SUCCESS : Errno.INVAL;
    }

    /** The linker of the calling process. */
    static DynamicLinker linker(CallContext call) {
        DynamicLinker linker = call.process().linker();
        if (linker == null) {
            throw Errno.NOTSUP.exception();
        }
        return linker;
    }
}
