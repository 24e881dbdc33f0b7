/**
 * The host functions of WASIX over Java NIO, for a Chicory {@code Instance}; {@link
 * org.wasix4j.WasixHost} is where to begin. Runs without the module {@code jdk.jfr}, and then
 * records nothing.
 */
@SuppressWarnings("module") // the runtime is compiled later
module org.wasix4j.host {
    requires transitive com.dylibso.chicory.runtime;
    requires transitive com.dylibso.chicory.wasm;
    requires java.management;
    requires jdk.management;
    requires jdk.unsupported;
    requires static jdk.jfr;

    exports org.wasix4j;
    exports org.wasix4j.policy;
    exports org.wasix4j.trace;
    exports org.wasix4j.types;

    // the implementation, which the runtime builds on
    exports org.wasix4j.abi to
            org.wasix4j.runtime;
    exports org.wasix4j.host to
            org.wasix4j.runtime;
    exports org.wasix4j.jfr to
            org.wasix4j.runtime;
    exports org.wasix4j.system to
            org.wasix4j.runtime;
    exports org.wasix4j.system.clock to
            org.wasix4j.runtime;
    exports org.wasix4j.system.error to
            org.wasix4j.runtime;
    exports org.wasix4j.system.fd to
            org.wasix4j.runtime;
    exports org.wasix4j.system.fs to
            org.wasix4j.runtime;
    exports org.wasix4j.system.jvm to
            org.wasix4j.runtime;
    exports org.wasix4j.system.net to
            org.wasix4j.runtime;
    exports org.wasix4j.system.poll to
            org.wasix4j.runtime;
    exports org.wasix4j.system.process to
            org.wasix4j.runtime;
    exports org.wasix4j.system.report to
            org.wasix4j.runtime;
    exports org.wasix4j.system.stdio to
            org.wasix4j.runtime;
    exports org.wasix4j.system.thread to
            org.wasix4j.runtime;
    exports org.wasix4j.system.wait to
            org.wasix4j.runtime;
}
