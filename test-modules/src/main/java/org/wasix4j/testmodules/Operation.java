package org.wasix4j.testmodules;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A step of a scripted peer, written as the public wasi-testsuite writes its {@code operations}.
 * That has {@link Type#WAIT} to {@link Type#RECV}; the others are ours.
 *
 * @param type what is done
 * @param id the connection that is meant; with {@link Type#READ} {@code stdout} or {@code stderr}
 * @param protocol of {@link Type#CONNECT}: {@code tcp}, {@code udp} or {@code unix}
 * @param path of {@link Type#CONNECT} with {@code unix}: the socket, below the case's folder
 * @param payload what is sent, or has to be received or read
 * @param exitCode of {@link Type#WAIT}: the code with which the guest has to end
 */
public record Operation(
        Type type, String id, String protocol, String path, String payload, int exitCode) {

    /** What can be done. */
    public enum Type {
        /** The guest ends. */
        WAIT,
        /** The guest has written exactly this until now. */
        READ,
        /** A client connects to the port on which the guest listens, or which it has printed. */
        CONNECT,
        /** The client sends. */
        SEND,
        /** The client receives exactly this. */
        RECV,
        /** The client says that it will send no more: half-close. */
        SHUTDOWN,
        /** The client receives the end of the stream. */
        END,
        /** The client closes. */
        CLOSE,
        /** The client closes by a reset. */
        RESET
    }

    private static final Set<String> FIELDS =
            Set.of("type", "id", "protocol_type", "path", "payload", "exit_code");

    private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "unix");

    /**
     * The operations of a json array, or none of a missing one.
     *
     * @throws IllegalArgumentException for a type, a field or a protocol that is none
     */
    public static List<Operation> list(JsonNode json) {
        List<Operation> operations = new ArrayList<>();
        json.forEach(each -> operations.add(of(each)));
        return operations;
    }

    private static Operation of(JsonNode json) {
        json.fieldNames()
                .forEachRemaining(
                        field -> {
                            if (!FIELDS.contains(field)) {
                                throw new IllegalArgumentException(
                                        "unknown field " + field + " in " + json);
                            }
                        });
        String name = json.path("type").asText();
        Type type;
        try {
            type = Type.valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("unknown operation " + json, e);
        }
        String protocol = json.path("protocol_type").asText("tcp");
        if (!PROTOCOLS.contains(protocol)) {
            throw new IllegalArgumentException("unknown protocol " + json);
        }
        return new Operation(
                type,
                json.path("id").asText(type == Type.READ ? "stdout" : "server"),
                protocol,
                json.path("path").asText(""),
                json.path("payload").asText(""),
                json.path("exit_code").asInt(0));
    }
}
