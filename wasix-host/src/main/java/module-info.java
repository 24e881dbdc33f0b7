/**
 * The host functions of WASIX over Java NIO, for a Chicory {@code Instance}; {@link
 * org.wasix4j.WasixHost} is where to begin. Runs without the module {@code jdk.jfr}, and then
 * records nothing.
 */
module org.wasix4j.host {
    requires transitive com.dylibso.chicory.runtime;
    requires transitive com.dylibso.chicory.wasm;
    requires java.management;
    requires jdk.management;
    requires static jdk.jfr;

    exports org.wasix4j;
    exports org.wasix4j.policy;
    exports org.wasix4j.trace;
    exports org.wasix4j.types;

    // what the face hands out: the machine of a guest, and how its functions are bound
    exports org.wasix4j.abi;
    exports org.wasix4j.host;
    exports org.wasix4j.jfr;
    exports org.wasix4j.system;
    exports org.wasix4j.system.clock;
    exports org.wasix4j.system.error;
    exports org.wasix4j.system.fd;
    exports org.wasix4j.system.fs;
    exports org.wasix4j.system.net;
    exports org.wasix4j.system.poll;
    exports org.wasix4j.system.process;
    exports org.wasix4j.system.report;
    exports org.wasix4j.system.stdio;
    exports org.wasix4j.system.thread;
    exports org.wasix4j.system.wait;
}
