#!/bin/sh
# Makes names.bpf.o of names.bpf.c. The object is checked in, so that a build needs no clang; after a
# change of the source, run this with clang 14 (Debian: clang-14, llvm-14) and commit both. A test
# rebuilds the object where that clang is, and compares.
#
#     agent/capture/bpf/build.sh [object]
set -eu
cd "$(dirname "$0")"
object=${1:-names.bpf.o}
clang-14 -O2 -g -Wall -Wextra -Werror -target bpfel -mcpu=v2 -fdebug-compilation-dir=. -c names.bpf.c -o "$object"
# The types of the maps stay; what only debuggers read goes.
llvm-strip-14 --strip-debug "$object"
