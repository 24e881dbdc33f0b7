package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Opcodes;

/** What is in an entry of the cache is read when it is asked for. */
class StoredClassesTest {

    @TempDir Path folder;

    private static byte[] classFile(String name) {
        ClassWriter writer = new ClassWriter(0);
        writer.visit(Opcodes.V11, Opcodes.ACC_PUBLIC, name, null, "java/lang/Object", null);
        writer.visitEnd();
        return writer.toByteArray();
    }

    /** An entry that is nothing but some classes. */
    private Path file(Map<String, StoredClasses.Place> places, String... names) throws IOException {
        Path file = folder.resolve("entry");
        Files.deleteIfExists(file);
        Files.createFile(file);
        int at = 0;
        for (String name : names) {
            byte[] code = classFile(name);
            Files.write(file, code, StandardOpenOption.APPEND);
            places.put(name, new StoredClasses.Place(at, code.length));
            at += code.length;
        }
        return file;
    }

    @Test
    void the_jvm_gets_a_class_when_it_asks_for_it() throws Exception {
        Map<String, StoredClasses.Place> places = new LinkedHashMap<>();
        EntryFile file = EntryFile.open(file(places, "A", "B", "C"));
        List<Integer> read = new ArrayList<>();
        EntryBytes counting =
                new EntryBytes() {
                    @Override
                    public int size() {
                        return file.size();
                    }

                    @Override
                    public void read(int at, byte[] to, int offset, int length) throws IOException {
                        read.add(at);
                        file.read(at, to, offset, length);
                    }
                };
        CodeLoader loader = new CodeLoader(getClass().getClassLoader());
        loader.provide(new StoredClasses(counting, places));

        Class<?> second = Class.forName("B", true, loader);

        assertThat(second.getName()).isEqualTo("B");
        assertThat(Class.forName("B", true, loader)).isSameAs(second);
        assertThat(read).containsExactly(places.get("B").at());
    }

    @Test
    void a_class_is_read_from_an_entry_that_was_deleted_and_by_a_thread_that_is_to_end()
            throws Exception {
        Map<String, StoredClasses.Place> places = new LinkedHashMap<>();
        Path path = file(places, "A", "B");
        try (EntryFile file = EntryFile.open(path)) {
            Files.delete(path);
            StoredClasses classes = new StoredClasses(file, places);
            Thread.currentThread().interrupt();
            ByteBuffer first = classes.get("A");
            assertThat(Thread.interrupted()).isTrue();
            assertThat(first).isEqualTo(ByteBuffer.wrap(classFile("A")));
            assertThat(classes.get("B")).isEqualTo(ByteBuffer.wrap(classFile("B")));
            assertThat(classes.get("C")).isNull();
        }
    }

    @Test
    void a_file_that_became_shorter_is_an_error_that_the_jvm_does_not_remember() throws Exception {
        Map<String, StoredClasses.Place> places = new LinkedHashMap<>();
        Path path = file(places, "A", "B");
        byte[] whole = Files.readAllBytes(path);
        try (EntryFile file = EntryFile.open(path);
                FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            CodeLoader loader = new CodeLoader(getClass().getClassLoader());
            loader.provide(new StoredClasses(file, places));
            channel.truncate(whole.length - 1);

            assertThatThrownBy(() -> Class.forName("B", true, loader))
                    .isInstanceOf(UncheckedIOException.class);

            channel.write(ByteBuffer.wrap(whole), 0);
            assertThat(Class.forName("B", true, loader).getName()).isEqualTo("B");
        }
    }
}
