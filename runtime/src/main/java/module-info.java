/**
 * Loads, compiles and runs WASIX programs; {@link org.wasix4j.runtime.WasixRuntime} is where to
 * begin. The command {@code wasix-run} is in here too.
 */
module org.wasix4j.runtime {
    requires transitive org.wasix4j.host;
    requires com.dylibso.chicory.compiler;
    requires com.dylibso.chicory.runtime;
    requires com.dylibso.chicory.wasm;
    requires com.fasterxml.jackson.databind;
    requires info.picocli;
    requires jdk.unsupported;
    requires org.objectweb.asm;

    exports org.wasix4j.runtime;

    opens org.wasix4j.cli to
            info.picocli;
}
