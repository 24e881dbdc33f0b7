package org.wasix4j.system.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.wasix4j.system.net.MessageQueue.Message;
import org.wasix4j.system.net.MessageQueue.Offer;
import org.wasix4j.system.process.MemoryBudget;

/** Datagrams that stay in memory, of which a guest decides how many and how long they are. */
final class MessageQueueTest {

    private final MessageQueue queue = new MessageQueue(MemoryBudget.unlimited());

    private boolean offered(byte[] bytes) {
        Offer offer = queue.offer(new Message(bytes, null));
        assertThat(offer).isIn(Offer.TAKEN, Offer.FULL);
        return offer == Offer.TAKEN;
    }

    private byte[] taken(boolean peek) {
        return queue.take(peek).bytes();
    }

    @Test
    void a_writable_queue_takes_a_datagram_of_any_size_and_then_none() {
        assertThat(offered(new byte[MessageQueue.MAX_MESSAGE - 1])).isTrue();
        assertThat(queue.hasRoom()).isTrue();
        assertThat(offered(new byte[MessageQueue.MAX_MESSAGE])).isTrue();
        assertThat(queue.hasRoom()).isFalse();
        assertThat(offered(new byte[0])).isFalse();
        assertThat(taken(false)).hasSize(MessageQueue.MAX_MESSAGE - 1);
        assertThat(queue.hasRoom()).as("one byte too many is still there").isFalse();
        assertThat(taken(false)).hasSize(MessageQueue.MAX_MESSAGE);
        assertThat(queue.hasRoom()).isTrue();
    }

    @Test
    void datagrams_without_bytes_are_bounded_too() {
        for (int i = 0; i < 256; i++) {
            assertThat(offered(new byte[0])).isTrue();
        }
        assertThat(offered(new byte[0])).isFalse();
        assertThat(queue.isEmpty()).isFalse();
        assertThat(queue.firstLength()).isZero();
        assertThat(taken(false)).isEmpty();
        assertThat(offered(new byte[0])).isTrue();
    }

    @Test
    void a_look_leaves_the_datagram_and_its_room() {
        offered(new byte[] {1, 2});
        offered(new byte[] {3});
        assertThat(taken(true)).containsExactly(1, 2);
        assertThat(queue.firstLength()).isEqualTo(2);
        assertThat(taken(false)).containsExactly(1, 2);
        assertThat(taken(false)).containsExactly(3);
        assertThat(queue.take(false)).isNull();
        assertThat(queue.take(true)).isNull();
        assertThat(queue.firstLength()).isZero();
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void after_the_end_what_is_there_can_be_taken_and_nothing_comes() {
        offered(new byte[] {1});
        assertThat(queue.hasEnded()).isFalse();
        queue.end();
        assertThat(queue.hasEnded()).isTrue();
        assertThat(queue.hasRoom()).as("who sends is to find out").isTrue();
        assertThat(queue.offer(new Message(new byte[] {2}, null))).isEqualTo(Offer.SHUT);
        assertThat(taken(false)).containsExactly(1);
        assertThat(queue.take(false)).isNull();
    }

    @Test
    void nothing_is_kept_for_a_receiver_that_is_gone() {
        offered(new byte[] {1});
        queue.abandon();
        assertThat(queue.offer(new Message(new byte[] {2}, null))).isEqualTo(Offer.GONE);
        assertThat(queue.hasEnded()).isTrue();
        assertThat(queue.isEmpty()).isTrue();
    }
}
