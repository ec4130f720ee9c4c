#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>

#include "CLinux.h"

int muster_open_direct(const char *path) {
    int fd = open(path, O_WRONLY | O_DIRECT | O_CLOEXEC);
    return fd >= 0 ? fd : -errno;
}
