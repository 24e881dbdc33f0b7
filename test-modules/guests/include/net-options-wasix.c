/* The options of net.h on the WASIX imports. */
#include "net.h"
#include "wasix.h"

static const uint8_t options[] = {
    [NET_REUSE_ADDR] = WASIX_OPT_REUSE_ADDR,
    [NET_REUSE_PORT] = WASIX_OPT_REUSE_PORT,
    [NET_NO_DELAY] = WASIX_OPT_NO_DELAY,
    [NET_KEEP_ALIVE] = WASIX_OPT_KEEP_ALIVE,
    [NET_ONLY_V6] = WASIX_OPT_ONLY_V6,
    [NET_BROADCAST] = WASIX_OPT_BROADCAST,
    [NET_OOB_INLINE] = WASIX_OPT_OOB_INLINE,
    [NET_DONT_ROUTE] = WASIX_OPT_DONT_ROUTE,
    [NET_LISTENING] = WASIX_OPT_LISTENING,
    [NET_MULTICAST_LOOP] = WASIX_OPT_MULTICAST_LOOP_V4,
    [NET_MULTICAST_LOOP_V6] = WASIX_OPT_MULTICAST_LOOP_V6,
    [NET_RECV_BUF] = WASIX_OPT_RECV_BUF_SIZE,
    [NET_SEND_BUF] = WASIX_OPT_SEND_BUF_SIZE,
    [NET_TTL] = WASIX_OPT_TTL,
    [NET_MULTICAST_TTL] = WASIX_OPT_MULTICAST_TTL_V4,
    [NET_RECV_LOWAT] = WASIX_OPT_RECV_LOWAT,
    [NET_SEND_LOWAT] = WASIX_OPT_SEND_LOWAT,
    [NET_TYPE] = WASIX_OPT_TYPE,
    [NET_PROTO] = WASIX_OPT_PROTO,
    [NET_LAST_ERROR] = WASIX_OPT_LAST_ERROR,
    [NET_RECV_TIMEOUT] = WASIX_OPT_RECV_TIMEOUT,
    [NET_SEND_TIMEOUT] = WASIX_OPT_SEND_TIMEOUT,
    [NET_LINGER] = WASIX_OPT_LINGER,
};

int net_set_flag(int fd, enum net_option option, int on) {
    return wasix_sock_set_opt_flag((uint32_t)fd, options[option], on != 0);
}

int net_get_flag(int fd, enum net_option option, int *on) {
    uint8_t out = 0;
    int error = wasix_sock_get_opt_flag((uint32_t)fd, options[option], &out);
    *on = out;
    return error;
}

int net_set_size(int fd, enum net_option option, int64_t size) {
    return wasix_sock_set_opt_size((uint32_t)fd, options[option], (uint64_t)size);
}

int net_get_size(int fd, enum net_option option, int64_t *size) {
    uint64_t out = 0;
    int error = wasix_sock_get_opt_size((uint32_t)fd, options[option], &out);
    *size = (int64_t)out;
    return error;
}

int net_set_time(int fd, enum net_option option, int64_t ns) {
    wasix_option_timestamp time = {.tag = ns >= 0, .ns = ns < 0 ? 0 : (uint64_t)ns};
    return wasix_sock_set_opt_time((uint32_t)fd, options[option], &time);
}

int net_get_time(int fd, enum net_option option, int64_t *ns) {
    wasix_option_timestamp time = {0, 0};
    int error = wasix_sock_get_opt_time((uint32_t)fd, options[option], &time);
    *ns = time.tag == 1 ? (int64_t)time.ns : NET_NO_TIME;
    return error;
}
