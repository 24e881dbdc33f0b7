package org.wasix4j.runtime.internal;

import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.security.CodeSource;
import java.util.Properties;
import org.wasix4j.types.Nullable;

/**
 * Finds out which version of the engine's compiler is there: by the name of its jar, as a
 * repository names it, or else by what Maven has put into the jar. The former opens no jar, which
 * takes a tenth of a warm start.
 */
final class EngineVersion {

    private static final String PROPERTIES =
            "/META-INF/maven/com.dylibso.chicory/compiler/pom.properties";

    private static final String JAR = "compiler-";
    private static final String END = ".jar";

    private EngineVersion() {}

    /**
     * The version, or null when it is not to be found out: in a jar that others were packed into.
     */
    static @Nullable String find() {
        CodeSource source = MachineFactoryCompiler.class.getProtectionDomain().getCodeSource();
        String named = source == null ? null : ofJar(source.getLocation());
        return named == null ? ofProperties() : named;
    }

    /** The version in the name of a jar, or null when it is not named like the engine's. */
    static @Nullable String ofJar(@Nullable URL jar) {
        String path = jar == null ? "" : jar.getPath();
        String name = path.substring(path.lastIndexOf('/') + 1);
        if (!name.startsWith(JAR) || !name.endsWith(END)) {
            return null;
        }
        String version = name.substring(JAR.length(), name.length() - END.length());
        return !version.isEmpty() && Character.isDigit(version.charAt(0)) ? version : null;
    }

    /** The version that is written in the jar, or null when there is none. */
    static @Nullable String ofProperties() {
        try (InputStream stream = MachineFactoryCompiler.class.getResourceAsStream(PROPERTIES)) {
            if (stream == null) {
                return null;
            }
            Properties properties = new Properties();
            properties.load(stream);
            return properties.getProperty("version");
        } catch (IOException e) {
            return null;
        }
    }
}
