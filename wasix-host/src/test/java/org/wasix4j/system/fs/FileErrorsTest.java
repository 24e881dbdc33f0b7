package org.wasix4j.system.fs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.wasix4j.types.Errno;

/**
 * What the JVM throws about files; of the kernel's texts those that are easily taken for others.
 */
class FileErrorsTest {

    private static Arguments of(IOException thrown, Errno errno) {
        return Arguments.of(thrown, errno);
    }

    private static Arguments of(String reason, Errno errno) {
        return of(new FileSystemException("a", "b", reason), errno);
    }

    static Stream<Arguments> rows() {
        return Stream.of(
                of(new NoSuchFileException("a"), Errno.NOENT),
                of(new FileAlreadyExistsException("a"), Errno.EXIST),
                of(new DirectoryNotEmptyException("a"), Errno.NOTEMPTY),
                of(new NotDirectoryException("a"), Errno.NOTDIR),
                of(new AtomicMoveNotSupportedException("a", "b", "c"), Errno.XDEV),
                of(new AccessDeniedException("a"), Errno.ACCES),
                of(new ClosedByInterruptException(), Errno.INTR),
                of(new ClosedChannelException(), Errno.BADF),
                of(new IOException("No space left on device"), Errno.NOSPC),
                of("Too many levels of symbolic links or unable to access", Errno.LOOP),
                of("Too many links", Errno.MLINK),
                of("Too many open files", Errno.MFILE),
                of("Too many open files in system", Errno.NFILE),
                of("No such device", Errno.NODEV),
                of("No such device or address", Errno.NXIO),
                of("Operation not permitted", Errno.PERM),
                of("Operation not supported", Errno.NOTSUP),
                of("File name too long", Errno.NAMETOOLONG),
                of("File too large", Errno.FBIG),
                of("Read-only file system", Errno.ROFS),
                of("Is a directory", Errno.ISDIR),
                of("Disk quota exceeded", Errno.DQUOT),
                of("Resource temporarily unavailable", Errno.AGAIN),
                // a name is no reason, whatever it says
                of(new FileSystemException("Is a directory"), Errno.IO),
                of(new FileSystemLoopException("Is a directory"), Errno.IO),
                of("something that nobody knows", Errno.IO),
                of(new IOException(), Errno.IO));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void each_throwable_has_its_errno(IOException thrown, Errno errno) {
        assertThat(FileErrors.errno(thrown)).isEqualTo(errno);
        assertThat(FileErrors.of(thrown)).isSameAs(errno.exception());
    }
}
