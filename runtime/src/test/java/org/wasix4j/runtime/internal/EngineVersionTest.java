package org.wasix4j.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import java.net.URL;
import org.junit.jupiter.api.Test;

class EngineVersionTest {

    private static String ofJar(String url) throws Exception {
        return EngineVersion.ofJar(new URL(url));
    }

    @Test
    void the_name_of_the_engines_jar_and_what_is_in_it_agree() {
        URL jar = MachineFactoryCompiler.class.getProtectionDomain().getCodeSource().getLocation();
        assertThat(EngineVersion.ofProperties()).isNotNull();
        assertThat(EngineVersion.ofJar(jar)).isEqualTo(EngineVersion.ofProperties());
        assertThat(EngineVersion.find()).isEqualTo(EngineVersion.ofProperties());
    }

    @Test
    void a_jar_or_folder_of_another_name_says_nothing() throws Exception {
        assertThat(ofJar("file:/opt/lib/compiler-1.8.0-SNAPSHOT.jar")).isEqualTo("1.8.0-SNAPSHOT");
        assertThat(ofJar("file:/opt/lib/server.jar")).isNull();
        assertThat(ofJar("file:/opt/lib/my-compiler-1.7.5.jar")).isNull();
        assertThat(ofJar("file:/opt/lib/compiler.jar")).isNull();
        assertThat(ofJar("file:/opt/compiler-1.7.5.jar/classes/")).isNull();
        assertThat(EngineVersion.ofJar(null)).isNull();
    }
}
