package org.wasix4j.cli;

/** The version of the command. */
final class Version {

    private Version() {}

    /** The version of wasix4j, or null when unknown (classes in folders). */
    static String number() {
        return Version.class.getPackage().getImplementationVersion();
    }

    static String text() {
        return "wasix-run "
                + (number() == null ? "(development)" : number())
                + " on Java "
                + Runtime.version()
                + ", "
                + System.getProperty("java.vm.name");
    }
}
