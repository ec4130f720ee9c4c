// ZooKeeper's C client at its best: many requests on the way, the next ones sent as soon as answers come.
//   client HOST:PORT get|create COUNT WINDOW
// Prints, for COUNT requests behind a tenth as many that do not count: requests a second, CPU of each in us.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <zookeeper/zookeeper.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int is_connected, on_the_way, failures, low_water;

static void watch(zhandle_t *handle, int type, int state, const char *path, void *context) {
    (void)handle, (void)path, (void)context;
    if (type != ZOO_SESSION_EVENT) return;
    pthread_mutex_lock(&lock);
    is_connected = state == ZOO_CONNECTED_STATE;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

static void answered(int result) {
    pthread_mutex_lock(&lock);
    if (result != ZOK) failures++;
    if (--on_the_way == low_water || on_the_way == 0) pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

static void got(int result, const char *value, int length, const struct Stat *stat, const void *data) {
    (void)value, (void)length, (void)stat, (void)data;
    answered(result);
}

static void created(int result, const char *name, const void *data) {
    (void)name, (void)data;
    answered(result);
}

static void run(zhandle_t *handle, int creates, int first, int count, int window) {
    for (int number = first; number < first + count; number++) {
        char path[64];
        pthread_mutex_lock(&lock);
        // Woken once half of the window is free, so that neither side sleeps for each answer.
        if (on_the_way >= window)
            while (on_the_way > low_water) pthread_cond_wait(&changed, &lock);
        on_the_way++;
        pthread_mutex_unlock(&lock);
        int result;
        if (creates) {
            snprintf(path, sizeof path, "/client/c-%010d", number);
            result = zoo_acreate(handle, path, "twelve bytes", 12, &ZOO_OPEN_ACL_UNSAFE, ZOO_EPHEMERAL,
                                 created, NULL);
        } else {
            snprintf(path, sizeof path, "/client/n-%010d", number % 1000);
            result = zoo_aget(handle, path, 0, got, NULL);
        }
        if (result != ZOK) answered(result);
    }
    pthread_mutex_lock(&lock);
    while (on_the_way > 0) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static double seconds(struct timeval time) { return time.tv_sec + time.tv_usec / 1e6; }

static double cpu(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

static double wall(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    if (argc != 5) return 2;
    zoo_set_debug_level(ZOO_LOG_LEVEL_ERROR);
    int creates = strcmp(argv[2], "create") == 0, count = atoi(argv[3]), window = atoi(argv[4]);
    low_water = window / 2;
    zhandle_t *handle = zookeeper_init(argv[1], watch, 30000, NULL, NULL, 0);
    if (!handle) return 1;
    pthread_mutex_lock(&lock);
    while (!is_connected) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    run(handle, creates, 0, count / 10, window);
    double start = wall(), used = cpu();
    run(handle, creates, count / 10, count, window);
    double took = wall() - start;
    used = cpu() - used;
    zookeeper_close(handle);
    if (failures) return fprintf(stderr, "%d requests failed\n", failures), 1;
    printf("%.1f %.4f\n", count / took, used / count * 1e6);
    return 0;
}
