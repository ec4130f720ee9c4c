#include "relay.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { pairs_max = 64 };

struct relay {
    int listener, closed, count;
    int pairs[pairs_max][2];
    struct sockaddr_in server;
    pthread_mutex_t lock;
};

struct pair {
    struct relay *relay;
    int near, far;
};

static void *carry(void *argument)
{
    struct pair pair = *(struct pair *)argument;
    struct pollfd ends[2] = {{pair.near, POLLIN, 0}, {pair.far, POLLIN, 0}};
    char bytes[65536];
    free(argument);
    while (poll(ends, 2, -1) > 0) {
        for (int i = 0; i < 2; i++) {
            if (!ends[i].revents)
                continue;
            ssize_t got = read(ends[i].fd, bytes, sizeof bytes);
            for (ssize_t done = 0; done < got;) {
                ssize_t sent = send(ends[1 - i].fd, bytes + done, got - done, MSG_NOSIGNAL);
                if (sent <= 0)
                    got = -1;
                done += sent;
            }
            if (got > 0)
                continue;
            /* Not closed: `relay_cut` may still name them, and the process ends soon. */
            shutdown(pair.near, SHUT_RDWR);
            shutdown(pair.far, SHUT_RDWR);
            return NULL;
        }
    }
    return NULL;
}

static void *accept_all(void *argument)
{
    struct relay *relay = argument;
    for (;;) {
        int near = accept(relay->listener, NULL, NULL);
        if (near < 0)
            return NULL;
        pthread_mutex_lock(&relay->lock);
        int far = -1;
        if (!relay->closed && relay->count < pairs_max)
            far = socket(AF_INET, SOCK_STREAM, 0);
        if (far >= 0 && connect(far, (struct sockaddr *)&relay->server,
                sizeof relay->server) == 0) {
            struct pair *pair = malloc(sizeof *pair);
            pthread_t thread;
            relay->pairs[relay->count][0] = near;
            relay->pairs[relay->count++][1] = far;
            *pair = (struct pair){relay, near, far};
            pthread_create(&thread, NULL, carry, pair);
            pthread_detach(thread);
        } else {
            close(near);
        }
        pthread_mutex_unlock(&relay->lock);
    }
}

struct relay *relay_start(const char *server, char *address, int size)
{
    struct relay *relay = calloc(1, sizeof *relay);
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof own;
    const char *colon = strrchr(server, ':');
    pthread_t thread;
    if (!relay || !colon)
        return NULL;
    relay->server = own;
    relay->server.sin_port = htons(atoi(colon + 1));
    pthread_mutex_init(&relay->lock, NULL);
    relay->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(relay->listener, (struct sockaddr *)&own, sizeof own) || listen(relay->listener, 64))
        return NULL;
    getsockname(relay->listener, (struct sockaddr *)&own, &length);
    snprintf(address, size, "127.0.0.1:%d", ntohs(own.sin_port));
    pthread_create(&thread, NULL, accept_all, relay);
    pthread_detach(thread);
    return relay;
}

void relay_cut(struct relay *relay, int closed)
{
    pthread_mutex_lock(&relay->lock);
    relay->closed = closed;
    for (int i = 0; i < relay->count; i++) {
        shutdown(relay->pairs[i][0], SHUT_RDWR);
        shutdown(relay->pairs[i][1], SHUT_RDWR);
    }
    relay->count = 0;
    pthread_mutex_unlock(&relay->lock);
}

void relay_mend(struct relay *relay)
{
    pthread_mutex_lock(&relay->lock);
    relay->closed = 0;
    pthread_mutex_unlock(&relay->lock);
}
