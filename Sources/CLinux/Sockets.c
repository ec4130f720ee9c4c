#define _GNU_SOURCE
#include "Address.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

socklen_t muster_kernel_address(const struct muster_address *from, struct sockaddr_storage *to) {
    memset(to, 0, sizeof *to);
    if (from->family == 4) {
        struct sockaddr_in *v4 = (struct sockaddr_in *)to;
        v4->sin_family = AF_INET;
        v4->sin_port = htons(from->port);
        v4->sin_addr.s_addr = htonl((uint32_t)from->low);
        return sizeof *v4;
    }
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(from->port);
    for (int i = 0; i < 8; i++) {
        v6->sin6_addr.s6_addr[i] = (uint8_t)(from->high >> (56 - 8 * i));
        v6->sin6_addr.s6_addr[8 + i] = (uint8_t)(from->low >> (56 - 8 * i));
    }
    return sizeof *v6;
}

static void from_kernel(const struct sockaddr *from, struct muster_address *to) {
    memset(to, 0, sizeof *to);
    if (from->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, from, sizeof v4);
        to->family = 4;
        to->port = ntohs(v4.sin_port);
        to->low = ntohl(v4.sin_addr.s_addr);
    } else if (from->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, from, sizeof v6);
        to->family = 6;
        to->port = ntohs(v6.sin6_port);
        for (int i = 0; i < 8; i++) {
            to->high = to->high << 8 | v6.sin6_addr.s6_addr[i];
            to->low = to->low << 8 | v6.sin6_addr.s6_addr[8 + i];
        }
    }
}

void muster_batch_address(const uint8_t *name, struct muster_address *address) {
    from_kernel((const struct sockaddr *)name, address);
}

static int closed(int fd) {
    int code = errno;
    close(fd);
    return -code;
}

static int family_of(const struct muster_address *address) {
    return address->family == 4 ? AF_INET : AF_INET6;
}

int muster_tcp_listen(const struct muster_address *address, int backlog) {
    int fd = socket(family_of(address), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    int one = 1;
    struct sockaddr_storage kernel;
    socklen_t length = muster_kernel_address(address, &kernel);
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0) return closed(fd);
    if (address->family == 6
        && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one) < 0) return closed(fd);
    if (bind(fd, (struct sockaddr *)&kernel, length) < 0) return closed(fd);
    if (listen(fd, backlog) < 0) return closed(fd);
    return fd;
}

static int unix_address(const char *path, struct sockaddr_un *address) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof address->sun_path) return -ENAMETOOLONG;
    strcpy(address->sun_path, path);
    return 0;
}

// A path left behind by a process that is gone refuses connections; only such a one is removed.
static int remove_stale(const char *path, const struct sockaddr_un *address) {
    struct stat found;
    if (lstat(path, &found) < 0) return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(found.st_mode)) return -EEXIST;
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (probe < 0) return -errno;
    int result = connect(probe, (const struct sockaddr *)address, sizeof *address);
    int code = errno;
    close(probe);
    if (result == 0 || code != ECONNREFUSED) return -EADDRINUSE;
    return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

int muster_unix_listen(const char *path, uint32_t mode, int backlog) {
    struct sockaddr_un address;
    int code = unix_address(path, &address);
    if (code < 0 || (code = remove_stale(path, &address)) < 0) return code;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    // On Linux bind gives the path the mode of the socket's own inode, less the umask: no window in
    // which the path is open wider than asked.
    if (fchmod(fd, (mode_t)mode) < 0) return closed(fd);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) return closed(fd);
    if (listen(fd, backlog) < 0) return closed(fd);
    return fd;
}

static int connecting(int fd, const void *address, socklen_t length) {
    if (connect(fd, address, length) == 0 || errno == EINPROGRESS) return fd;
    return closed(fd);
}

int muster_tcp_connect(const struct muster_address *address) {
    int fd = socket(family_of(address), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    struct sockaddr_storage kernel;
    socklen_t length = muster_kernel_address(address, &kernel);
    muster_set_nodelay(fd);
    return connecting(fd, &kernel, length);
}

int muster_unix_connect(const char *path) {
    struct sockaddr_un address;
    int code = unix_address(path, &address);
    if (code < 0) return code;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    return connecting(fd, &address, sizeof address);
}

int muster_accept(int fd, struct muster_address *peer) {
    struct sockaddr_storage kernel;
    for (;;) {
        socklen_t length = sizeof kernel;
        memset(&kernel, 0, sizeof kernel);
        int accepted = accept4(fd, (struct sockaddr *)&kernel, &length,
                               SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (accepted >= 0) {
            from_kernel((struct sockaddr *)&kernel, peer);
            if (peer->family != 0) muster_set_nodelay(accepted);
            return accepted;
        }
        // The peer left between its connect and our accept: not our trouble.
        if (errno != EINTR && errno != ECONNABORTED && errno != EPROTO) return -errno;
    }
}

int muster_socketpair(int *first, int *second) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) < 0) return -errno;
    *first = ends[0];
    *second = ends[1];
    return 0;
}

int muster_local_address(int fd, struct muster_address *address) {
    struct sockaddr_storage kernel;
    socklen_t length = sizeof kernel;
    memset(&kernel, 0, sizeof kernel);
    if (getsockname(fd, (struct sockaddr *)&kernel, &length) < 0) return -errno;
    from_kernel((struct sockaddr *)&kernel, address);
    return 0;
}

int muster_peer_address(int fd, struct muster_address *address) {
    struct sockaddr_storage kernel;
    socklen_t length = sizeof kernel;
    memset(&kernel, 0, sizeof kernel);
    if (getpeername(fd, (struct sockaddr *)&kernel, &length) < 0) return -errno;
    from_kernel((struct sockaddr *)&kernel, address);
    return 0;
}

int muster_socket_error(int fd) {
    int code = 0;
    socklen_t length = sizeof code;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &length) < 0) return -errno;
    return -code;
}

int muster_set_nonblocking(int fd) {
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) return -errno;
    return 0;
}
int muster_set_nodelay(int fd) {
    int one = 1;
    return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) < 0 ? -errno : 0;
}
int muster_shutdown_write(int fd) { return shutdown(fd, SHUT_WR) < 0 ? -errno : 0; }
int muster_shutdown_read(int fd) { return shutdown(fd, SHUT_RD) < 0 ? -errno : 0; }
int muster_close(int fd) { return close(fd) < 0 ? -errno : 0; }

int64_t muster_receive(int fd, void *bytes, size_t count) {
    for (;;) {
        ssize_t got = recv(fd, bytes, count, MSG_DONTWAIT);
        if (got >= 0) return got;
        if (errno != EINTR) return -errno;
    }
}
int64_t muster_send(int fd, const void *bytes, size_t count) {
    for (;;) {
        ssize_t sent = send(fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent >= 0) return sent;
        if (errno != EINTR) return -errno;
    }
}
int64_t muster_send_pair(int fd, const void *first, size_t first_count, const void *second,
                         size_t second_count) {
    struct iovec pieces[2] = {{(void *)first, first_count}, {(void *)second, second_count}};
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};
    for (;;) {
        ssize_t sent = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent >= 0) return sent;
        if (errno != EINTR) return -errno;
    }
}

int muster_resolve(const char *host, uint16_t port, struct muster_address *addresses,
                   int addresses_max) {
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    char service[8];
    snprintf(service, sizeof service, "%u", port);
    int code = getaddrinfo(host, service, &hints, &list);
    if (code != 0) return -10000 - (code < 0 ? -code : code);
    int count = 0;
    for (struct addrinfo *next = list; next && count < addresses_max; next = next->ai_next) {
        from_kernel(next->ai_addr, &addresses[count]);
        if (addresses[count].family != 0) count++;
    }
    freeaddrinfo(list);
    return count;
}
const char *muster_resolve_message(int code) { return gai_strerror(code + 10000); }
