package org.wasix4j.cli;

/** The version of the command. */
final class Version {

    private Version() {}

    static String text() {
        String version = Version.class.getPackage().getImplementationVersion();
        return "wasix-run "
                + (version == null ? "(development)" : version)
                + " on Java "
                + Runtime.version()
                + ", "
                + System.getProperty("java.vm.name");
    }
}
