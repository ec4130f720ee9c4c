#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int64_t nanoseconds_of(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t muster_monotonic(void) { return nanoseconds_of(CLOCK_MONOTONIC); }
int64_t muster_monotonic_coarse(void) { return nanoseconds_of(CLOCK_MONOTONIC_COARSE); }
int64_t muster_unix_milliseconds(void) { return nanoseconds_of(CLOCK_REALTIME) / 1000000; }

void muster_yield(void) { sched_yield(); }

int muster_epoll_create(void) {
    int fd = epoll_create1(EPOLL_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int control(int epoll, int operation, int fd, uint32_t interest, uint64_t token) {
    struct epoll_event event = {0};
    if (interest & MUSTER_READABLE) event.events |= EPOLLIN;
    if (interest & MUSTER_WRITABLE) event.events |= EPOLLOUT;
    if (interest & MUSTER_EDGE) event.events |= EPOLLET;
    event.data.u64 = token;
    return epoll_ctl(epoll, operation, fd, &event) < 0 ? -errno : 0;
}

int muster_epoll_add(int epoll, int fd, uint32_t interest, uint64_t token) {
    return control(epoll, EPOLL_CTL_ADD, fd, interest, token);
}
int muster_epoll_modify(int epoll, int fd, uint32_t interest, uint64_t token) {
    return control(epoll, EPOLL_CTL_MOD, fd, interest, token);
}
int muster_epoll_remove(int epoll, int fd) { return control(epoll, EPOLL_CTL_DEL, fd, 0, 0); }

int muster_epoll_wait(int epoll, struct muster_event *events, int events_max, int is_blocking) {
    struct epoll_event ready[MUSTER_EVENTS_MAX];
    if (events_max > MUSTER_EVENTS_MAX) events_max = MUSTER_EVENTS_MAX;
    int count = epoll_wait(epoll, ready, events_max, is_blocking ? -1 : 0);
    if (count < 0) return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < count; i++) {
        uint32_t seen = ready[i].events, mine = 0;
        if (seen & EPOLLIN) mine |= MUSTER_READABLE;
        if (seen & EPOLLOUT) mine |= MUSTER_WRITABLE;
        if (seen & (EPOLLHUP | EPOLLERR)) mine |= MUSTER_HANGUP;
        events[i].token = ready[i].data.u64;
        events[i].ready = mine;
    }
    return count;
}

int muster_eventfd(int nonblocking, int semaphore) {
    int fd = eventfd(0, EFD_CLOEXEC | (nonblocking ? EFD_NONBLOCK : 0)
                            | (semaphore ? EFD_SEMAPHORE : 0));
    return fd < 0 ? -errno : fd;
}
int muster_eventfd_add(int fd) {
    uint64_t one = 1;
    return write(fd, &one, sizeof one) < 0 ? -errno : 0;
}
int muster_eventfd_take(int fd) {
    uint64_t value;
    while (read(fd, &value, sizeof value) < 0) {
        if (errno != EINTR) return -errno;
    }
    return 0;
}

int muster_timerfd(void) {
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    return fd < 0 ? -errno : fd;
}
int muster_timerfd_set(int fd, int64_t nanoseconds) {
    // All zero would disarm it.
    if (nanoseconds < 1) nanoseconds = 1;
    struct itimerspec moment = {0};
    moment.it_value.tv_sec = nanoseconds / 1000000000;
    moment.it_value.tv_nsec = nanoseconds % 1000000000;
    return timerfd_settime(fd, TFD_TIMER_ABSTIME, &moment, NULL) < 0 ? -errno : 0;
}

struct start {
    void (*body)(void *);
    void *context;
    char name[16];
};

static void *run(void *argument) {
    struct start start = *(struct start *)argument;
    free(argument);
    pthread_setname_np(pthread_self(), start.name);
    start.body(start.context);
    return NULL;
}

int muster_thread_start(const char *name, void (*body)(void *), void *context, uint64_t *thread) {
    struct start *start = calloc(1, sizeof *start);
    if (!start) return -ENOMEM;
    start->body = body;
    start->context = context;
    strncpy(start->name, name, sizeof start->name - 1);
    pthread_t id;
    int code = pthread_create(&id, NULL, run, start);
    if (code != 0) {
        free(start);
        return -code;
    }
    *thread = (uint64_t)id;
    return 0;
}
int muster_thread_join(uint64_t thread) {
    if (pthread_equal((pthread_t)thread, pthread_self())) return -pthread_detach((pthread_t)thread);
    return -pthread_join((pthread_t)thread, NULL);
}
uint64_t muster_thread_self(void) { return (uint64_t)pthread_self(); }

static void fill(sigset_t *set) {
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGHUP);
    sigaddset(set, SIGUSR1);
    sigaddset(set, SIGUSR2);
}

int muster_signals_block(void) {
    sigset_t set;
    fill(&set);
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR || signal(SIGXFSZ, SIG_IGN) == SIG_ERR) return -errno;
    return -pthread_sigmask(SIG_BLOCK, &set, NULL);
}
int muster_signals_open(void) {
    sigset_t set;
    fill(&set);
    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return fd < 0 ? -errno : fd;
}
int muster_signals_take(int fd) {
    struct signalfd_siginfo info;
    ssize_t count = read(fd, &info, sizeof info);
    if (count < 0) return -errno;
    return count == sizeof info ? (int)info.ssi_signo : -EAGAIN;
}

void muster_error_text(int code, char *text, size_t text_max) {
    const char *message = strerrordesc_np(code);
    strncpy(text, message ? message : "unknown error", text_max);
    if (text_max > 0) text[text_max - 1] = 0;
}
