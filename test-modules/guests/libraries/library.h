/* What every library of this folder has. */
#ifndef LIBRARY_H
#define LIBRARY_H

#include "dl.h"

#ifdef __wasm__
void *aligned_alloc(size_t alignment, size_t size);
void __wasm_init_tls(void *memory);

/* Makes thread-locals for a thread that has not opened the library; as the scrt1.o of wasix-libc. */
__attribute__((export_name("__wasix_init_tls"))) size_t __wasix_init_tls(void) {
    /* a library without thread-locals has an alignment of 0 */
    size_t alignment = __builtin_wasm_tls_align() == 0 ? 1 : __builtin_wasm_tls_align();
    void *memory = aligned_alloc(alignment, __builtin_wasm_tls_size());
    if (memory == 0) {
        __builtin_trap();
    }
    __wasm_init_tls(memory);
    return (size_t)memory;
}
#endif

#endif
