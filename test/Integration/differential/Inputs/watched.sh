#!/bin/sh
# attn-differential with code that AddressSanitizer watches, and its runtime.
LD_PRELOAD=$(clang-22 -print-file-name=libclang_rt.asan-x86_64.so)
ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0
export LD_PRELOAD ASAN_OPTIONS
exec attn-differential --sanitize "$@"
