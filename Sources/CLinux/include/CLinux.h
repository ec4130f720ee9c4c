// What Swift's Glibc module cannot see: calls behind _GNU_SOURCE, cast macros, variadic functions.
// Every function returns a value of at least 0, or the negative errno, so that nothing reads errno late.
#ifndef CLINUX_H
#define CLINUX_H

#include <stddef.h>
#include <stdint.h>

// An internet address and port in host order; `family` is 4, 6, or 0 for none (a Unix socket's peer).
struct muster_address {
    uint64_t high;
    uint64_t low;  // IPv4: the four bytes, first octet highest
    uint16_t port;
    uint16_t family;
};

struct muster_event {
    uint64_t token;
    uint32_t ready;  // MUSTER_READABLE and friends
};

// MUSTER_EDGE asks to be told once each time that a descriptor becomes ready, read or not.
enum { MUSTER_READABLE = 1, MUSTER_WRITABLE = 2, MUSTER_HANGUP = 4, MUSTER_EDGE = 8 };
enum { MUSTER_EVENTS_MAX = 256 };

// Clocks, in nanoseconds and milliseconds.
int64_t muster_monotonic(void);
int64_t muster_monotonic_coarse(void);
int64_t muster_unix_milliseconds(void);

// Lets other threads that are ready on this core go first.
void muster_yield(void);
// Blocks of so many bytes go back to the kernel when they are freed (mallopt M_MMAP_THRESHOLD); 1 if taken.
int muster_give_back_from(int bytes);
// So much free memory at the end of an arena is kept for what comes next (mallopt M_TRIM_THRESHOLD), and a
// sixteenth of it is asked for at once when there is none (M_TOP_PAD); 1 if taken.
int muster_keep_free(int bytes);

// epoll and eventfd. `interest` is a mix of MUSTER_READABLE and MUSTER_WRITABLE.
int muster_epoll_create(void);
int muster_epoll_add(int epoll, int fd, uint32_t interest, uint64_t token);
int muster_epoll_modify(int epoll, int fd, uint32_t interest, uint64_t token);
int muster_epoll_remove(int epoll, int fd);
// Waits until something is ready, or not at all; returns how many events were written.
int muster_epoll_wait(int epoll, struct muster_event *events, int events_max, int is_blocking);
int muster_eventfd(int nonblocking, int semaphore);
int muster_eventfd_add(int fd);
int muster_eventfd_take(int fd);
// A descriptor that becomes readable at a moment of the monotonic clock, in nanoseconds.
int muster_timerfd(void);
int muster_timerfd_set(int fd, int64_t nanoseconds);

// Stream sockets; descriptors made here are non-blocking and closed on exec.
int muster_tcp_listen(const struct muster_address *address, int backlog);
int muster_unix_listen(const char *path, uint32_t mode, int backlog);
int muster_tcp_connect(const struct muster_address *address);
int muster_unix_connect(const char *path);
int muster_accept(int fd, struct muster_address *peer);
int muster_socketpair(int *first, int *second);
int muster_local_address(int fd, struct muster_address *address);
int muster_peer_address(int fd, struct muster_address *address);
int muster_socket_error(int fd);
int muster_set_nonblocking(int fd);
int muster_set_nodelay(int fd);
int muster_shutdown_write(int fd);
int muster_shutdown_read(int fd);
int muster_close(int fd);
int64_t muster_receive(int fd, void *bytes, size_t count);
int64_t muster_send(int fd, const void *bytes, size_t count);
// Two pieces of memory, one behind the other.
int64_t muster_send_pair(int fd, const void *first, size_t first_count, const void *second,
                         size_t second_count);

// Datagrams: one block of memory for all messages of a batch.
struct muster_batch {
    uint8_t *bytes;       // count * stride
    uint32_t *lengths;    // received, then to be sent; 0 = send nothing
    uint32_t *flags;      // 1 = the datagram was longer than receive_max
    uint8_t *names;       // count * MUSTER_NAME_BYTES: struct sockaddr_in or sockaddr_in6
    void *headers;        // struct mmsghdr[count]
    void *vectors;        // struct iovec[count]
    uint8_t *controls;    // count * MUSTER_CONTROL_BYTES
    uint32_t count;
    uint32_t stride;
    uint32_t receive_max;
};
enum { MUSTER_NAME_BYTES = 32, MUSTER_CONTROL_BYTES = 64 };

// A shared port may be opened again by this user, by anybody's client too that asks for any free port.
int muster_udp_open(const struct muster_address *address, int is_shared, int receive_buffer,
                    int send_buffer);
int muster_batch_create(struct muster_batch *batch, uint32_t count, uint32_t stride,
                        uint32_t receive_max);
void muster_batch_free(struct muster_batch *batch);
// Blocks for the first datagram, takes what else is there; returns how many.
int muster_batch_receive(struct muster_batch *batch, int fd);
// Sends messages 0..<count with a length above 0 to where they came from; returns how many left.
int muster_batch_send(struct muster_batch *batch, int fd, uint32_t count);
void muster_batch_address(const uint8_t *name, struct muster_address *address);

// Threads.
int muster_thread_start(const char *name, void (*body)(void *), void *context, uint64_t *thread);
// A thread that joins itself is let go instead.
int muster_thread_join(uint64_t thread);
uint64_t muster_thread_self(void);

// Signals. The set is SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2.
int muster_signals_block(void);
int muster_signals_open(void);
// The next signal's number, or -EAGAIN.
int muster_signals_take(int fd);

// Name resolution; blocks. Returns how many addresses were written, or the negative EAI_ code minus 10000.
int muster_resolve(const char *host, uint16_t port, struct muster_address *addresses, int addresses_max);
const char *muster_resolve_message(int code);

// CRC-32C of the bytes, going on from the checksum of those before; 0 to begin with.
uint32_t muster_crc32c(uint32_t before, const void *bytes, size_t count);
// The same without the processor's instruction, to compare with.
uint32_t muster_crc32c_plain(uint32_t before, const void *bytes, size_t count);

// How many zero bytes stand at the start.
size_t muster_zeros(const void *bytes, size_t count);

// Opens a file for writes past the kernel's memory of it (O_DIRECT), closed in programs that this one starts.
int muster_open_direct(const char *path);

// The message of an errno, written into `text`.
void muster_error_text(int code, char *text, size_t text_max);

#endif
