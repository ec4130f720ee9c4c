#include "CLinux.h"

#include <malloc.h>

int muster_give_back_from(int bytes) { return mallopt(M_MMAP_THRESHOLD, bytes); }

int muster_keep_free(int bytes) {
    return mallopt(M_TRIM_THRESHOLD, bytes) == 1 && mallopt(M_TOP_PAD, bytes / 16) == 1;
}
