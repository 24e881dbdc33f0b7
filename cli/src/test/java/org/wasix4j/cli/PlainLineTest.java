package org.wasix4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainLineTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "m.wasm",
                "m.wasm --net -q -- -x",
                "-q -v m.wasm a b",
                "m.wasm -- a",
                "-- m.wasm --net",
                "-q -- -m.wasm -- a",
                "-q",
                "--",
                "--version",
                "-V m.wasm",
                "--net m.wasm 8080",
                "--net --net m.wasm",
                "--net=loopback:8080/in --net=ipv4:deny=10.0.0.0/8:* m.wasm",
                "--listen :8080 --listen=[::1]:0 --dial 127.0.0.1:80 m.wasm",
                "--ready-file r --metrics :9 --access-log --log-format json m.wasm",
                "--shutdown-delay 1s --shutdown-timeout=500ms m.wasm",
                "--volume /tmp:/a:ro --volume=/tmp:/b --dir / --no-scratch m.wasm",
                "--program /bin/a=b.wasm --env A=B --env C= --env D --env-file e --env-inherit m",
                "--cwd /a --argv0 x --command c --dependency a=/x --dependency b=/y=z m.wasm",
                "--trace m.wasm",
                "--trace=sock,poll --trace-out t --trace-format json m.wasm",
                "--invoke f --explain --json m.wasm",
                "--engine interpreter --cache-dir c --no-cache --strict-imports --abi legacy m",
                "--max-memory 1G --max-fds 9 --max-sockets=8 --max-threads 7 m.wasm",
                "--max-processes 3 --max-stack 1M --timeout 5m --color never m.wasm"
            })
    void a_plain_line_is_read_as_picocli_reads_it(String line) {
        String[] words = line.split(" ");
        Options plain = new Options();
        assertThat(plain.command().reads(words)).isTrue();
        Options parsed = new Options();
        parsed.command().parser().setStopAtPositional(true).parseArgs(words);
        assertThat(plain)
                .usingRecursiveComparison()
                .withEqualsForType(Path::equals, Path.class)
                .isEqualTo(parsed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-",
                "--help",
                "-h m.wasm",
                "-qv m.wasm",
                "--quite m.wasm",
                "-q -q m.wasm",
                "--quiet=true m.wasm",
                "--cwd /a --cwd /b m.wasm",
                "--cwd",
                "--cwd -q m.wasm",
                "--cwd= m.wasm",
                "--max-fds x m.wasm",
                "--net=nonsense m.wasm",
                "--dependency x m.wasm",
                "--dial nowhere m.wasm",
                "@file m.wasm",
                "m.wasm @file"
            })
    void picocli_reads_all_other_lines(String line) {
        assertThat(new Options().command().reads(line.split(" "))).isFalse();
    }
}
