package org.wasix4j.abi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The ABI as its WITX files say, from {@code wasix-abi.json}: what the code is measured by. It
 * knows nothing of the code.
 */
final class AbiDescription {

    /** Whose types are meant; those that do not differ are the current ones. */
    enum Generation {
        CURRENT("current"),
        LEGACY("legacy"),
        SNAPSHOT0("snapshot0"),
        PREVIEW1("preview1");

        private final String section;

        Generation(String section) {
            this.section = section;
        }
    }

    /** A function: its module, name, type in letters as {@code iI:i}, names of its parameters. */
    record Function(String module, String name, String core, List<String> parameters) {}

    private final JsonNode root;

    AbiDescription() {
        try (InputStream in = AbiDescription.class.getResourceAsStream("wasix-abi.json")) {
            root = new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    List<Function> functions() {
        List<Function> functions = new ArrayList<>();
        root.get("functions")
                .fields()
                .forEachRemaining(
                        module ->
                                module.getValue()
                                        .forEach(
                                                each ->
                                                        functions.add(
                                                                function(module.getKey(), each))));
        return functions;
    }

    private static Function function(String module, JsonNode node) {
        StringBuilder core = new StringBuilder();
        List<String> names = new ArrayList<>();
        for (JsonNode parameter : node.get("parameters")) {
            core.append(letter(parameter.get("type").asText()));
            names.add(parameter.get("name").asText());
        }
        core.append(':');
        node.get("results").forEach(result -> core.append(letter(result.asText())));
        return new Function(module, node.get("name").asText(), core.toString(), names);
    }

    private static char letter(String type) {
        return switch (type) {
            case "i32" -> 'i';
            case "i64" -> 'I';
            default -> throw new AssertionError(type);
        };
    }

    private JsonNode type(String name, Generation generation) {
        JsonNode types = root.get("types");
        JsonNode own = types.get(generation.section).get(name);
        JsonNode type = own != null ? own : types.get("current").get(name);
        if (type == null) {
            throw new AssertionError("no type " + name);
        }
        return type;
    }

    /** The size of a type in bytes. */
    int size(String name, Generation generation) {
        JsonNode primitive = root.get("primitives").get(name);
        return primitive != null ? primitive.asInt() : type(name, generation).get("size").asInt();
    }

    /** Names and numbers of an enum, or names and bits of flags. */
    Map<String, Long> values(String name, Generation generation) {
        Map<String, Long> values = new LinkedHashMap<>();
        Iterator<Map.Entry<String, JsonNode>> fields =
                type(name, generation).get("values").fields();
        fields.forEachRemaining(each -> values.put(each.getKey(), each.getValue().asLong()));
        return values;
    }

    /** A value in memory: its bytes, and which of them mean something. */
    record Encoded(byte[] bytes, BitSet meant) {

        private void put(int offset, int size, long value) {
            for (int i = 0; i < size; i++) {
                bytes[offset + i] = (byte) (value >>> 8 * i);
                meant.set(offset + i);
            }
        }
    }

    /**
     * A value as the WITX lays it out.
     *
     * @param value a number, bytes, for a record a map of all its fields, for a union a map of the
     *     variant's name to its payload
     */
    Encoded encode(String type, Generation generation, Object value) {
        Encoded encoded = new Encoded(new byte[size(type, generation)], new BitSet());
        encode(encoded, 0, type, generation, value);
        return encoded;
    }

    private void encode(Encoded to, int at, String name, Generation generation, Object value) {
        if (value instanceof Number number) {
            to.put(at, size(name, generation), number.longValue());
        } else if (value instanceof byte[] bytes) {
            for (int i = 0; i < bytes.length; i++) {
                to.put(at + i, 1, bytes[i]);
            }
        } else {
            Map<?, ?> parts = (Map<?, ?>) value;
            JsonNode type = type(name, generation);
            if (type.get("kind").asText().equals("union")) {
                Map.Entry<?, ?> chosen = parts.entrySet().iterator().next();
                JsonNode variant = type.get("variants").get((String) chosen.getKey());
                to.put(at, 1, variant.get("tag").asLong());
                encode(
                        to,
                        at + type.get("payload").asInt(),
                        variant.get("type").asText(),
                        generation,
                        chosen.getValue());
            } else {
                JsonNode fields = type.get("fields");
                if (fields.size() != parts.size()) {
                    throw new AssertionError(name + " has fields " + fields);
                }
                parts.forEach(
                        (field, part) -> {
                            JsonNode place = fields.get((String) field);
                            if (place == null) {
                                throw new AssertionError(name + " has no " + field);
                            }
                            encode(
                                    to,
                                    at + place.get("offset").asInt(),
                                    place.get("type").asText(),
                                    generation,
                                    part);
                        });
            }
        }
    }
}
