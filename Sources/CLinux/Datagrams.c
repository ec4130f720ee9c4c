#define _GNU_SOURCE
#include "Address.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int is_unspecified(const struct muster_address *address) {
    return address->high == 0 && address->low == 0;
}

static int set(int fd, int level, int option, int value) {
    return setsockopt(fd, level, option, &value, sizeof value);
}

// Without a path MTU in the kernel's cache no forged "fragmentation needed" can shrink answers
// (IP_PMTUDISC_OMIT, also what NSD and Unbound use).
static int set_options(int fd, const struct muster_address *address, int is_shared) {
    if (is_shared && set(fd, SOL_SOCKET, SO_REUSEPORT, 1) < 0) return -1;
    if (address->family == 4) {
        if (set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT) < 0) return -1;
        // A reply has to leave from the address that was asked.
        return is_unspecified(address) ? set(fd, IPPROTO_IP, IP_PKTINFO, 1) : 0;
    }
    if (set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) < 0) return -1;
    if (set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT) < 0) return -1;
    return is_unspecified(address) ? set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) : 0;
}

int muster_udp_open(const struct muster_address *address, int is_shared, int receive_buffer,
                    int send_buffer) {
    int fd = socket(address->family == 4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    struct sockaddr_storage kernel;
    socklen_t length = muster_kernel_address(address, &kernel);
    // The kernel cuts buffer sizes to its own limits; a smaller buffer is no failure.
    set(fd, SOL_SOCKET, SO_RCVBUF, receive_buffer);
    set(fd, SOL_SOCKET, SO_SNDBUF, send_buffer);
    if (set_options(fd, address, is_shared) < 0 || bind(fd, (struct sockaddr *)&kernel, length) < 0) {
        int code = errno;
        close(fd);
        return -code;
    }
    return fd;
}

int muster_batch_create(struct muster_batch *batch, uint32_t count, uint32_t stride,
                        uint32_t receive_max) {
    memset(batch, 0, sizeof *batch);
    batch->count = count;
    batch->stride = stride;
    batch->receive_max = receive_max;
    void *bytes = NULL;
    if (posix_memalign(&bytes, 64, (size_t)count * stride) != 0) return -ENOMEM;
    memset(bytes, 0, (size_t)count * stride);
    batch->bytes = bytes;
    batch->lengths = calloc(count, sizeof *batch->lengths);
    batch->flags = calloc(count, sizeof *batch->flags);
    batch->names = calloc(count, MUSTER_NAME_BYTES);
    batch->headers = calloc(count, sizeof(struct mmsghdr));
    batch->vectors = calloc(count, sizeof(struct iovec));
    batch->controls = calloc(count, MUSTER_CONTROL_BYTES);
    if (!batch->lengths || !batch->flags || !batch->names || !batch->headers || !batch->vectors
        || !batch->controls) {
        muster_batch_free(batch);
        return -ENOMEM;
    }
    struct mmsghdr *headers = batch->headers;
    struct iovec *vectors = batch->vectors;
    for (uint32_t i = 0; i < count; i++) {
        vectors[i].iov_base = batch->bytes + (size_t)i * stride;
        headers[i].msg_hdr.msg_iov = &vectors[i];
        headers[i].msg_hdr.msg_iovlen = 1;
        headers[i].msg_hdr.msg_name = batch->names + (size_t)i * MUSTER_NAME_BYTES;
        headers[i].msg_hdr.msg_control = batch->controls + (size_t)i * MUSTER_CONTROL_BYTES;
    }
    return 0;
}

void muster_batch_free(struct muster_batch *batch) {
    free(batch->bytes);
    free(batch->lengths);
    free(batch->flags);
    free(batch->names);
    free(batch->headers);
    free(batch->vectors);
    free(batch->controls);
    memset(batch, 0, sizeof *batch);
}

int muster_batch_receive(struct muster_batch *batch, int fd) {
    struct mmsghdr *headers = batch->headers;
    struct iovec *vectors = batch->vectors;
    for (uint32_t i = 0; i < batch->count; i++) {
        vectors[i].iov_len = batch->receive_max;
        headers[i].msg_hdr.msg_namelen = MUSTER_NAME_BYTES;
        headers[i].msg_hdr.msg_controllen = MUSTER_CONTROL_BYTES;
        headers[i].msg_hdr.msg_flags = 0;
    }
    int count = recvmmsg(fd, headers, batch->count, MSG_WAITFORONE, NULL);
    if (count < 0) return -errno;
    for (int i = 0; i < count; i++) {
        batch->lengths[i] = headers[i].msg_len;
        batch->flags[i] = (headers[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
    }
    return count;
}

// A message that the kernel refuses (its source port was 0, its route is gone) is stepped over.
static int send_run(struct mmsghdr *headers, uint32_t count, int fd) {
    int total = 0;
    uint32_t next = 0;
    while (next < count) {
        int sent = sendmmsg(fd, headers + next, count - next, 0);
        if (sent > 0) {
            total += sent;
            next += (uint32_t)sent;
        } else if (sent == 0 || errno != EINTR) {
            next++;
        }
    }
    return total;
}

int muster_batch_send(struct muster_batch *batch, int fd, uint32_t count) {
    struct mmsghdr *headers = batch->headers;
    struct iovec *vectors = batch->vectors;
    int total = 0;
    uint32_t start = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (batch->lengths[i] != 0) {
            vectors[i].iov_len = batch->lengths[i];
            continue;
        }
        if (i > start) total += send_run(headers + start, i - start, fd);
        start = i + 1;
    }
    if (count > start) total += send_run(headers + start, count - start, fd);
    return total;
}
