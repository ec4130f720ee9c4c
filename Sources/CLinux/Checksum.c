#include "CLinux.h"

// CRC-32C (Castagnoli), reflected polynomial 0x82f63b78. The processor's own instruction where there is one; else a
// table, a byte at a time.

static uint32_t table[256];
static int is_fast;

__attribute__((constructor)) static void prepare(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t value = byte;
        for (int bit = 0; bit < 8; bit++) value = value & 1 ? value >> 1 ^ 0x82f63b78 : value >> 1;
        table[byte] = value;
    }
#if defined(__x86_64__)
    is_fast = __builtin_cpu_supports("sse4.2");
#endif
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t fast(uint32_t state, const uint8_t *bytes, size_t count) {
    uint64_t wide = state;
    for (; count >= 8; count -= 8, bytes += 8) {
        uint64_t word;
        __builtin_memcpy(&word, bytes, 8);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    state = (uint32_t)wide;
    for (; count > 0; count--) state = __builtin_ia32_crc32qi(state, *bytes++);
    return state;
}
#else
static uint32_t fast(uint32_t state, const uint8_t *bytes, size_t count) { return state; }
#endif

uint32_t muster_crc32c_plain(uint32_t before, const void *bytes, size_t count) {
    const uint8_t *next = bytes;
    uint32_t state = ~before;
    for (; count > 0; count--) state = table[(state ^ *next++) & 0xff] ^ state >> 8;
    return ~state;
}

uint32_t muster_crc32c(uint32_t before, const void *bytes, size_t count) {
    return is_fast ? ~fast(~before, bytes, count) : muster_crc32c_plain(before, bytes, count);
}

size_t muster_zeros(const void *bytes, size_t count) {
    const uint8_t *first = bytes, *next = first, *end = first + count;
    for (; end - next >= 8; next += 8) {
        uint64_t word;
        __builtin_memcpy(&word, next, 8);
        if (word != 0) break;
    }
    while (next < end && *next == 0) next++;
    return (size_t)(next - first);
}
