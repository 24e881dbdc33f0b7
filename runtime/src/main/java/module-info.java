/**
 * Loads, compiles and runs WASIX programs; {@link org.wasix4j.runtime.WasixRuntime} is where to
 * begin.
 */
module org.wasix4j.runtime {
    requires transitive org.wasix4j.host;
    requires com.dylibso.chicory.compiler;
    requires com.dylibso.chicory.runtime;
    requires com.dylibso.chicory.wasm;
    requires jdk.unsupported;
    requires org.objectweb.asm;
    requires org.objectweb.asm.commons;
    requires org.objectweb.asm.tree;

    exports org.wasix4j.runtime;
}
