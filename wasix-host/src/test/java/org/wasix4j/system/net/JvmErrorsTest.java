package org.wasix4j.system.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.ProtocolException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.wasix4j.types.Errno;

/** Each row of the table, with what the JVM throws. */
class JvmErrorsTest {

    private static Arguments row(Throwable thrown, Errno errno) {
        return Arguments.of(thrown, errno);
    }

    /** Where two classes carry one text, both are here. */
    static Stream<Arguments> rows() {
        return Stream.of(
                row(new BindException("Address already in use"), Errno.ADDRINUSE),
                row(new BindException("Cannot assign requested address"), Errno.ADDRNOTAVAIL),
                row(new BindException("Can't assign requested address"), Errno.ADDRNOTAVAIL),
                row(new BindException("Permission denied"), Errno.ACCES),
                row(new SocketException("Permission denied"), Errno.ACCES),
                row(new ConnectException("Connection refused"), Errno.CONNREFUSED),
                row(new ConnectException("Connection timed out"), Errno.TIMEDOUT),
                row(new ConnectException("Operation timed out"), Errno.TIMEDOUT),
                row(new SocketException("Connection reset"), Errno.CONNRESET),
                row(new IOException("Connection reset by peer"), Errno.CONNRESET),
                row(new IOException("Broken pipe"), Errno.PIPE),
                row(new ConnectException("Transport endpoint is not connected"), Errno.NOTCONN),
                row(new SocketException("Socket is not connected"), Errno.NOTCONN),
                row(new SocketException("Socket not connected"), Errno.NOTCONN),
                row(new SocketException("Too many open files in system"), Errno.NFILE),
                row(new IOException("Too many open files in system"), Errno.NFILE),
                row(new SocketException("Too many open files"), Errno.MFILE),
                row(new IOException("Too many open files"), Errno.MFILE),
                row(new SocketException("Network is unreachable"), Errno.NETUNREACH),
                row(new SocketException("No route to host"), Errno.HOSTUNREACH),
                row(new SocketException("Host is down"), Errno.HOSTUNREACH),
                row(new SocketException("Network is down"), Errno.NETDOWN),
                row(new SocketException("Network subsystem is unavailable"), Errno.NETDOWN),
                row(
                        new SocketException("Network dropped connection because of reset"),
                        Errno.NETRESET),
                row(new SocketException("Software caused connection abort"), Errno.CONNABORTED),
                row(
                        new IOException("An established connection was aborted by the software"),
                        Errno.CONNABORTED),
                row(new SocketException("Message too long"), Errno.MSGSIZE),
                row(new SocketException("No buffer space available"), Errno.NOBUFS),
                row(new SocketException("Resource temporarily unavailable"), Errno.NOBUFS),
                row(new SocketException("Cannot allocate memory"), Errno.NOMEM),
                row(new SocketException("Invalid argument"), Errno.INVAL),
                row(new SocketException("Can't send to port 0"), Errno.INVAL),
                row(new SocketException("Can't connect to port 0"), Errno.CONNREFUSED),
                row(new SocketException("Operation not permitted"), Errno.PERM),
                row(new SocketException("No such device"), Errno.NODEV),
                row(new SocketException("Protocol family unavailable"), Errno.AFNOSUPPORT),
                row(new SocketException("Protocol family not supported"), Errno.AFNOSUPPORT),
                row(
                        new SocketException("Address family not supported by protocol"),
                        Errno.AFNOSUPPORT),
                row(new UnsupportedOperationException("IPv6 not available"), Errno.AFNOSUPPORT),
                row(new SocketException("Protocol not available"), Errno.NOPROTOOPT),
                row(new SocketException("Protocol wrong type for socket"), Errno.PROTOTYPE),
                row(new SocketException("Protocol not supported"), Errno.PROTONOSUPPORT),
                row(new ProtocolException("Protocol error"), Errno.PROTO),
                row(new SocketException("Operation not supported"), Errno.NOTSUP),
                row(new SocketException("Destination address required"), Errno.DESTADDRREQ),
                row(new SocketException("No such file or directory"), Errno.NOENT),
                row(new SocketException("Not a directory"), Errno.NOTDIR),
                row(new SocketException("Is a directory"), Errno.ISDIR),
                row(new SocketException("File name too long"), Errno.NAMETOOLONG),
                row(new SocketException("Unix domain path too long"), Errno.NAMETOOLONG),
                row(new SocketException("Too many levels of symbolic links"), Errno.LOOP),
                row(new SocketException("Read-only file system"), Errno.ROFS),
                row(new SocketException("No space left on device"), Errno.NOSPC),
                // of files, of which a channel says the same
                row(new SocketException("File exists"), Errno.EXIST),
                row(new SocketException("Directory not empty"), Errno.NOTEMPTY),
                row(new SocketException("Disk quota exceeded"), Errno.DQUOT),
                row(new SocketException("File too large"), Errno.FBIG),
                row(new SocketException("Invalid cross-device link"), Errno.XDEV),
                row(new SocketException("Device or resource busy"), Errno.BUSY),
                row(new SocketException("Too many links"), Errno.MLINK),
                row(new SocketException("Text file busy"), Errno.TXTBSY),
                row(new SocketException("Bad file descriptor"), Errno.BADF),
                row(new SocketException("Illegal seek"), Errno.SPIPE),
                row(new SocketException("No such device or address"), Errno.NXIO),
                row(new SocketException("Invalid or incomplete multibyte"), Errno.ILSEQ),
                row(new SocketException("Value too large"), Errno.OVERFLOW),
                row(new SocketException("Stale file handle"), Errno.STALE),
                row(new SocketException("Stream closed"), Errno.BADF),
                row(new SocketException("Stream Closed"), Errno.BADF),
                // by class
                row(new ClosedChannelException(), Errno.BADF),
                row(new AsynchronousCloseException(), Errno.BADF),
                row(new ClosedByInterruptException(), Errno.BADF),
                row(new NoRouteToHostException("No route to host"), Errno.HOSTUNREACH),
                row(new NoRouteToHostException("said in another language"), Errno.HOSTUNREACH),
                row(new PortUnreachableException(), Errno.CONNREFUSED),
                row(new UnknownHostException("nowhere.invalid"), Errno.NOENT),
                row(
                        new UnknownHostException("a: Temporary failure in name resolution"),
                        Errno.AGAIN),
                row(new UnsupportedAddressTypeException(), Errno.AFNOSUPPORT),
                row(new UnresolvedAddressException(), Errno.NOENT),
                row(new AlreadyBoundException(), Errno.INVAL),
                row(new NotYetBoundException(), Errno.INVAL),
                row(new AlreadyConnectedException(), Errno.ISCONN),
                row(new ConnectionPendingException(), Errno.ALREADY),
                row(new NotYetConnectedException(), Errno.NOTCONN),
                row(new SocketTimeoutException("timeout"), Errno.TIMEDOUT),
                // a text that nobody knows
                row(new ConnectException("said in another language"), Errno.CONNREFUSED),
                row(new UnsupportedOperationException("'SO_X' not supported"), Errno.NOPROTOOPT),
                row(new IllegalArgumentException("Group not a multicast address"), Errno.INVAL),
                row(new SecurityException("no"), Errno.ACCES),
                row(new SocketException("said in another language"), Errno.IO),
                row(new BindException((String) null), Errno.IO),
                row(new IOException(), Errno.IO));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void each_throwable_has_its_errno(Throwable thrown, Errno errno) {
        assertThat(JvmErrors.of(thrown)).isEqualTo(errno);
    }

    @Test
    void every_text_of_the_table_is_among_the_rows() throws IOException {
        Map<String, String> table = new TreeMap<>();
        Matcher rows =
                Pattern.compile("new Row\\(\\s*\"([^\"]+)\",\\s*Errno\\.(\\w+)[,)]")
                        .matcher(
                                Files.readString(
                                        Path.of(
                                                "src/main/java/org/wasix4j/system/error/ErrorTexts.java")));
        while (rows.find()) {
            table.put(rows.group(1), rows.group(2));
        }
        assertThat(table).hasSizeGreaterThan(40);
        assertThat(table)
                .allSatisfy(
                        (prefix, errno) ->
                                assertThat(rows())
                                        .as(prefix)
                                        .anySatisfy(
                                                row -> {
                                                    Throwable thrown = (Throwable) row.get()[0];
                                                    assertThat(thrown)
                                                            .hasMessageStartingWith(prefix);
                                                    assertThat(((Errno) row.get()[1]).name())
                                                            .isEqualTo(errno);
                                                }));
    }
}
