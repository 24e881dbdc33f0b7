package org.wasix4j.system.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is known of an answer by its own word. */
class AnswerFramingTest {

    private final AnswerFraming answer = new AnswerFraming();

    /** Writes pieces, each as an iovec of one write. */
    private AnswerFraming write(boolean asked, String... pieces) {
        ByteBuffer[] buffers =
                Arrays.stream(pieces)
                        .map(piece -> ByteBuffer.wrap(piece.getBytes(ISO_8859_1)))
                        .toArray(ByteBuffer[]::new);
        answer.writing(buffers, buffers.length, asked);
        answer.wrote(Buffers.remaining(buffers, buffers.length), true);
        return answer;
    }

    private void assertComplete() {
        assertThat(answer.isIncomplete()).isFalse();
    }

    private void assertIncomplete() {
        assertThat(answer.isIncomplete()).isTrue();
    }

    @Test
    void an_answer_with_a_length_is_complete_with_its_last_byte() {
        assertComplete();
        write(true, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
        assertIncomplete();
        write(false, "ab", "cd");
        assertIncomplete();
        write(false, "e");
        assertComplete();
    }

    @Test
    void a_head_may_come_in_pieces() {
        for (String piece : "HTTP/1.0 200 OK\r\ncontent-length:  2 \r\n\r\n".split("(?<= )")) {
            write(false, piece);
            assertIncomplete();
        }
        write(false, "ab");
        assertComplete();
    }

    @Test
    void chunks_end_with_the_empty_one_however_it_is_cut() {
        write(true, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        assertIncomplete();
        write(false, "3\r\n", "abc", "\r\n");
        assertIncomplete();
        write(false, "0\r\n");
        assertIncomplete();
        write(false, "\r", "\n");
        assertComplete();
    }

    @Test
    void an_answer_without_a_length_goes_on_until_the_connection_is_closed() {
        write(true, "HTTP/1.0 200 OK\r\nServer: x\r\n\r\nmuch");
        assertIncomplete();
    }

    @ParameterizedTest
    @ValueSource(strings = {"204 No Content", "304 Not Modified", "101 Switching Protocols"})
    void some_answers_have_no_body(String status) {
        write(true, "HTTP/1.1 " + status + "\r\nContent-Length: 10\r\n\r\n");
        assertComplete();
    }

    @Test
    void an_answer_to_a_request_for_the_head_has_no_body() {
        answer.asked((byte) 'H');
        write(true, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
        assertComplete();
        answer.asked((byte) 'G');
        write(true, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
        assertIncomplete();
    }

    @Test
    void an_interim_answer_is_followed_by_another() {
        write(true, "HTTP/1.1 103 Early Hints\r\n\r\n");
        assertIncomplete();
        write(false, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n");
        assertIncomplete();
        write(false, "a");
        assertComplete();
        write(true, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
        assertComplete();
    }

    @Test
    void answers_follow_each_other_also_to_requests_that_came_together() {
        write(true, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na");
        write(false, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na");
        assertIncomplete();
        write(false, "b");
        assertComplete();
    }

    @Test
    void a_file_is_part_of_the_body() {
        write(true, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
        answer.wroteFile(99);
        assertIncomplete();
        answer.wroteFile(1);
        assertComplete();
    }

    @Test
    void what_was_written_in_part_counts_as_far_as_it_was_written() {
        ByteBuffer[] buffers = {
            ByteBuffer.wrap("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na".getBytes(ISO_8859_1))
        };
        answer.writing(buffers, 1, true);
        answer.wrote(20, false);
        buffers[0].position(20);
        assertIncomplete();
        answer.writing(buffers, 1, false);
        answer.wrote(buffers[0].remaining(), true);
        assertComplete();
    }

    @ParameterizedTest
    @ValueSource(strings = {"+OK\r\n", "HTTP/2", "", "HTTP/1.1"})
    void of_other_protocols_nothing_is_known(String text) {
        write(true, text, "Content-Length: 10\r\n\r\n");
        if (text.startsWith("HTTP/1.")) {
            // a head without a status: the line was not finished
            assertIncomplete();
        } else {
            assertComplete();
        }
    }

    @Test
    void of_a_head_that_is_too_long_nothing_is_known() {
        write(true, "HTTP/1.1 200 OK\r\nX: " + "x".repeat(600) + "\r\nContent-Length: 10\r\n\r\n");
        assertComplete();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "-1", "", "99999999999999999999", "1 2"})
    void a_length_that_is_none_holds_nothing_up(String length) {
        write(true, "HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n");
        assertComplete();
    }

    @Test
    void only_http_tells_where_its_answers_end() {
        assertThat(answer.isOpenEnded()).isTrue();
        write(true, "+OK\r\n");
        assertThat(answer.isOpenEnded()).isTrue();
        write(true, "HTTP/1.1 204 No Content\r\n\r\n");
        assertThat(answer.isOpenEnded()).isFalse();
        write(true, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");
        assertThat(answer.isOpenEnded()).isTrue();
        write(true, "\201\002hi");
        assertThat(answer.isOpenEnded()).isTrue();
    }
}
