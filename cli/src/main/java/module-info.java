/** The command {@code wasix-run}; {@link org.wasix4j.cli.WasixRun} is its main class. */
module org.wasix4j.cli {
    requires transitive org.wasix4j.runtime;
    requires com.fasterxml.jackson.databind;
    requires com.fasterxml.jackson.dataformat.cbor;
    requires com.fasterxml.jackson.dataformat.toml;
    requires info.picocli;
    requires io.prometheus.metrics.config;
    requires io.prometheus.metrics.model;
    requires io.prometheus.writer.text;
    requires java.management;
    requires jdk.httpserver;
    requires jdk.management;
    requires jdk.unsupported;
    requires org.objectweb.asm;

    exports org.wasix4j.cli;
    exports org.wasix4j.cli.pack;
}
