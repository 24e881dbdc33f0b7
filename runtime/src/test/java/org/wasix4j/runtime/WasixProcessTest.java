package org.wasix4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasix4j.policy.Limits;
import org.wasix4j.policy.NetworkPolicy;
import org.wasix4j.testmodules.TestModule;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class WasixProcessTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();

    private WasixRuntime.Builder runtime() {
        return WasixRuntime.builder()
                .withStdout(out)
                .withThreadFactory(
                        (body, name, stackSize) -> {
                            Thread thread =
                                    GuestThreadFactory.DAEMON.newThread(body, name, stackSize);
                            threads.add(thread);
                            return thread;
                        });
    }

    private ExitStatus run(String guest) throws InterruptedException {
        return runtime().build().start(Guests.compiled(guest)).waitFor();
    }

    private void assertNoThreadIsLeft() {
        await().until(() -> threads.stream().noneMatch(Thread::isAlive));
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void a_return_of_start_is_an_exit_with_0(Engine engine) throws Exception {
        WasixModule module = WasixModule.load("hello", Guests.bytes("hello"), engine);
        ExitStatus status = runtime().build().start(module).waitFor();
        assertThat(status.isSuccess()).isTrue();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("hello\n");
        assertNoThreadIsLeft();
    }

    @Test
    void proc_exit_is_an_exit_with_the_guests_code() throws Exception {
        ExitStatus status = run("exit");
        assertThat(status.kind()).isEqualTo(ExitStatus.Kind.EXITED);
        assertThat(status.shellCode()).isEqualTo(7);
    }

    @Test
    void a_trap_names_the_function_and_counts_as_134() throws Exception {
        ExitStatus status = run("unreachable");
        assertThat(status.kind()).isEqualTo(ExitStatus.Kind.TRAPPED);
        assertThat(status.message()).contains("unreachable").endsWith("in function 0 (boom)");
        assertThat(status.shellCode()).isEqualTo(134);
    }

    @Test
    void an_access_out_of_bounds_is_a_trap() throws Exception {
        assertThat(run("out-of-bounds").message())
                .startsWith("out of bounds memory access")
                .endsWith("in function 0 (reads)");
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void a_program_that_uses_up_its_own_stack_gets_the_linker_option_in_its_message(Engine engine)
            throws Exception {
        WasixModule module = Guest.module("system/full-stack", engine);
        assertThat(runtime().build().start(module).waitFor().message())
                .startsWith("out of bounds memory access")
                .contains("the program's own stack is full: its pointer is at -4096")
                .endsWith("(-Wl,-z,stack-size=1048576)");
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void an_overflow_of_the_stack_is_a_trap(Engine engine) throws Exception {
        WasixModule module = WasixModule.load("recursion", Guests.bytes("recursion"), engine);
        ExitStatus status = runtime().build().start(module).waitFor();
        assertThat(status.kind()).isEqualTo(ExitStatus.Kind.TRAPPED);
        assertThat(status.message()).startsWith("call stack exhausted");
    }

    @ParameterizedTest
    @ValueSource(strings = {"loop", "wait", "signal"})
    void a_guest_is_ended_wherever_it_is(String guest) throws Exception {
        WasixProcess process = runtime().build().start(Guests.compiled(guest));
        assertThat(process.waitFor(Duration.ofMillis(50))).isEmpty();
        process.destroy();
        ExitStatus status = process.waitFor();
        assertThat(status.kind()).isEqualTo(ExitStatus.Kind.KILLED);
        assertThat(process.abandonedThreads()).isZero();
        assertNoThreadIsLeft();
    }

    @Test
    void an_interpreted_loop_is_ended_too() throws Exception {
        WasixModule module = WasixModule.load("loop", Guests.bytes("loop"), Engine.INTERPRETER);
        WasixProcess process = runtime().build().start(module);
        assertThat(process.waitFor(Duration.ofMillis(50))).isEmpty();
        process.close();
        assertThat(process.isAlive()).isFalse();
        assertNoThreadIsLeft();
    }

    @Test
    void a_timeout_ends_the_guest() throws Exception {
        Limits limits = Limits.defaults().withTimeout(Duration.ofMillis(50));
        ExitStatus status =
                runtime().withLimits(limits).build().start(Guests.compiled("loop")).waitFor();
        assertThat(status.kind()).isEqualTo(ExitStatus.Kind.TIMED_OUT);
        assertThat(status.shellCode()).isEqualTo(124);
    }

    @Test
    void threads_share_the_memory() throws Exception {
        assertThat(run("threads").shellCode()).isZero();
        assertThat(threads).hasSize(5);
        assertNoThreadIsLeft();
    }

    @Test
    void a_trap_in_any_thread_ends_the_process() throws Exception {
        ExitStatus status = run("thread-trap");
        assertThat(status.kind()).isEqualTo(ExitStatus.Kind.TRAPPED);
        assertThat(status.message()).endsWith("in function 1 (bang), in thread 2");
        assertNoThreadIsLeft();
    }

    @Test
    void the_return_of_start_ends_threads_that_compute() throws Exception {
        assertThat(run("thread-busy").isSuccess()).isTrue();
        assertNoThreadIsLeft();
    }

    @Test
    void a_shared_module_with_active_segments_gets_no_second_instance() throws Exception {
        List<String> errors = new CopyOnWriteArrayList<>();
        ProcessListener listener =
                new ProcessListener() {
                    @Override
                    public void hostError(String operation, Throwable error) {
                        errors.add(error.getMessage());
                    }
                };
        ExitStatus status =
                runtime()
                        .withListener(listener)
                        .build()
                        .start(Guests.compiled("active-shared"))
                        .waitFor();
        assertThat(status.code()).as("notsup").isEqualTo(58);
        assertThat(errors).singleElement().asString().contains("active data segments");
    }

    @Test
    void memory_grows_up_to_the_limit() throws Exception {
        assertThat(run("grow").code()).isZero();
        Limits limits = Limits.defaults().withMaxMemory(1 << 20);
        WasixProcess process = runtime().withLimits(limits).build().start(Guests.compiled("grow"));
        assertThat(process.waitFor().code()).isEqualTo(1);
    }

    @Test
    void a_signal_reaches_a_guest_that_handles_it() throws Exception {
        WasixProcess process = runtime().build().start(Guests.compiled("signal"));
        await().until(() -> out.size() > 0);
        assertThat(process.signal(2)).isTrue();
        assertThat(process.waitFor().code()).isEqualTo(42);
    }

    @Test
    void a_guest_without_a_handler_is_not_signalled() throws Exception {
        WasixProcess process = runtime().build().start(Guests.compiled("wait"));
        assertThat(process.signal(15)).isFalse();
        ExitStatus status = process.stop(Duration.ofSeconds(1));
        assertThat(status.kind()).isEqualTo(ExitStatus.Kind.KILLED);
        assertThat(status.shellCode()).isEqualTo(143);
    }

    @Test
    void a_server_tells_its_port_and_stops() throws Exception {
        WasixModule module =
                WasixModule.load(
                        "echo-server", TestModule.named("echo-server").bytes(), Engine.COMPILER);
        WasixProcess process =
                runtime()
                        .withArguments("0", "127.0.0.1")
                        .withNetworkPolicy(NetworkPolicy.allowAll())
                        .build()
                        .start(module);
        int port = process.awaitListening(Duration.ofSeconds(20)).port();
        assertThat(port).isPositive();
        assertThat(process.isAlive()).isTrue();
        try (java.net.Socket client = new java.net.Socket("127.0.0.1", port)) {
            client.getOutputStream().write("ping".getBytes(StandardCharsets.US_ASCII));
            assertThat(client.getInputStream().readNBytes(4)).asString().isEqualTo("ping");
        }
        process.close();
        assertThat(process.exitStatus()).isPresent();
        assertThat(process.listeningAddresses()).isEmpty();
        assertThatThrownBy(process::port).isInstanceOf(IllegalStateException.class);
        assertNoThreadIsLeft();
    }

    @Test
    void awaiting_a_listener_ends_when_the_guest_ends() {
        WasixProcess process = runtime().build().start(Guests.compiled("hello"));
        assertThatThrownBy(() -> process.awaitListening(Duration.ofSeconds(20)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_directory_that_is_not_there_is_the_callers_error() {
        WasixRuntime runtime = runtime().withDirectory(Path.of("/nowhere/at/all"), "/data").build();
        WasixModule module = Guests.compiled("hello");
        assertThatThrownBy(() -> runtime.start(module))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("/nowhere/at/all");
    }

    @Test
    void a_thread_that_the_host_does_not_let_go_is_abandoned_and_counted() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        OutputStream pipe =
                new OutputStream() {
                    @Override
                    public void write(int b) {
                        stuck.countDown();
                        boolean done = false;
                        while (!done) {
                            try {
                                release.await();
                                done = true;
                            } catch (InterruptedException e) {
                                // a host call that nothing can interrupt
                            }
                        }
                    }
                };
        WasixProcess process = runtime().withStdout(pipe).build().start(Guests.compiled("hello"));
        stuck.await();
        process.destroy();
        assertThat(process.waitFor().kind()).isEqualTo(ExitStatus.Kind.KILLED);
        assertThat(process.abandonedThreads()).isEqualTo(1);
        release.countDown();
        await().until(() -> process.abandonedThreads() == 0);
        assertNoThreadIsLeft();
    }

    @Test
    void one_module_runs_many_times_at_once() throws Exception {
        WasixModule module = Guests.compiled("threads");
        WasixRuntime runtime = runtime().build();
        List<WasixProcess> processes = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 8; i++) {
            processes.add(runtime.start(module));
        }
        for (WasixProcess process : processes) {
            assertThat(process.waitFor().isSuccess()).isTrue();
        }
        assertNoThreadIsLeft();
    }
}
