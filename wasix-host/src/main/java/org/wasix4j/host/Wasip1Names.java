package org.wasix4j.host;

import java.util.List;
import org.wasix4j.abi.AddrInfoCodec;
import org.wasix4j.abi.GuestMemory;
import org.wasix4j.types.AddressFamily;
import org.wasix4j.types.Errno;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.Nullable;
import org.wasix4j.types.SockType;

/**
 * Name look-up of {@link Wasip1Sockets}: {@code sock_getaddrinfo}.
 *
 * <p>Source: the crate {@code wasmedge_wasi_socket}, {@code WasiAddrinfo}; getaddrinfo(3).
 */
public final class Wasip1Names implements HostModule {

    @Override
    public boolean distinguishesTypes() {
        return true;
    }

    @Override
    public @Nullable Syscall find(String key) {
        return switch (key) {
            case "wasi_snapshot_preview1 sock_getaddrinfo iiiiiiii:i" -> this::sockGetAddrInfo;
            default -> null;
        };
    }

    /**
     * {@code sock_getaddrinfo(node: string, service: string, hints: &wasi_addrinfo, res: &pointer,
     * max_len, ret: *size)}: getaddrinfo(3). The guest provides a chain of {@code max_len} records,
     * which are filled. Of the hints the family and the socket type count. The service is a decimal
     * port or empty; names of services are not known. Without a node the address is the loopback,
     * or the wildcard with the flag for listeners. Errors: inval, afnosupport, noent for a name
     * that is not known, again, acces by the policy, intr.
     */
    private Errno sockGetAddrInfo(CallContext call, long[] args) {
        GuestMemory memory = call.memory();
        String node = text(memory, (int) args[0], (int) args[1]);
        String service = text(memory, (int) args[2], (int) args[3]);
        AddrInfoCodec.Hints hints = AddrInfoCodec.hints(memory, (int) args[4]);
        int first = memory.readI32((int) args[5]);
        int room = (int) args[6];
        int countOut = (int) args[7];
        memory.check(countOut, 4);
        if (room <= 0 || node.isEmpty() && service.isEmpty()) {
            return Errno.INVAL;
        }
        if (hints.family() == null || hints.family() == AddressFamily.UNIX) {
            return Errno.AFNOSUPPORT;
        }
        int port = port(service);
        SockType type = Wasip1Sockets.sockType(hints.sockType());
        int record = first;
        int count = 0;
        for (InetAddr address : addresses(call, node, port, hints)) {
            if (count == room) {
                break;
            }
            record =
                    AddrInfoCodec.write(
                            memory,
                            record,
                            address.withPort(port),
                            Wasip1Sockets.typeCode(type == null ? SockType.STREAM : type));
            count++;
        }
        memory.writeI32(countOut, count);
        return count == 0 ? Errno.NOENT : Errno.SUCCESS;
    }

    private static List<InetAddr> addresses(
            CallContext call, String node, int port, AddrInfoCodec.Hints hints) {
        List<InetAddr> all;
        if (node.isEmpty()) {
            all =
                    List.of(AddressFamily.INET4, AddressFamily.INET6).stream()
                            .map(family -> InetAddr.any(family, port))
                            .map(any -> hints.passive() ? any : any.asDestination())
                            .toList();
        } else {
            all = call.process().net().resolver().resolve(call.thread(), node, port);
        }
        return hints.family() == AddressFamily.UNSPEC
                ? all
                : all.stream().filter(each -> each.family() == hints.family()).toList();
    }

    /** A text, which these guests end with a NUL that its length counts. */
    private static String text(GuestMemory memory, int address, int length) {
        int end = length;
        if (length > 0 && memory.readU8(address + length - 1) == 0) {
            end--;
        }
        return memory.readText(address, end);
    }

    private static int port(String service) {
        if (service.isEmpty()) {
            return 0;
        }
        if (!service.matches("[0-9]{1,5}") || Integer.parseInt(service) > 0xffff) {
            throw Errno.NOENT.exception();
        }
        return Integer.parseInt(service);
    }
}
