package org.wasix4j.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.ByteBufferMemory;
import org.junit.jupiter.api.Test;
import org.wasix4j.types.Errno;

class HostHarnessTest {

    @Test
    void a_call_goes_through_the_choke_point_and_comes_back_as_an_errno() {
        try (HostHarness guest = HostHarness.create()) {
            assertThat(guest.call("fd_close", 99)).isEqualTo(Errno.BADF);
        }
    }

    @Test
    void every_generation_and_memory_can_be_had() {
        try (HostHarness legacy = HostHarness.builder().legacy().build();
                HostHarness preview1 = HostHarness.builder().preview1().build();
                HostHarness snapshot0 = HostHarness.builder().snapshot0().build();
                HostHarness other = HostHarness.builder().memory(ByteBufferMemory::new).build()) {
            assertThat(legacy.call("fd_close", 9)).isEqualTo(Errno.BADF);
            assertThat(preview1.call("fd_close", 9)).isEqualTo(Errno.BADF);
            assertThat(snapshot0.call("fd_close", 9)).isEqualTo(Errno.BADF);
            assertThat(other.call("fd_close", 9)).isEqualTo(Errno.BADF);
        }
    }

    @Test
    void a_spawned_thread_is_a_guest_thread_of_its_own() {
        try (HostHarness guest = HostHarness.create()) {
            int mine = guest.thread().tid();
            assertThat(guest.spawn(() -> guest.thread().tid()).join()).isNotEqualTo(mine);
        }
    }
}
