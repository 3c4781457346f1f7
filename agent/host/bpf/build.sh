#!/bin/sh
# Makes sockets.bpf.o of sockets.bpf.c and the headers beside it. The object is checked in, so that a
# build needs no clang; after a change, run this with clang 14 (Debian: clang-14, llvm-14) and commit
# all of it. A test rebuilds the object where that clang is, and compares.
#
#     agent/host/bpf/build.sh [object]
set -eu
cd "$(dirname "$0")"
object=${1:-sockets.bpf.o}
clang-14 -O2 -g -Wall -Wextra -Werror -target bpfel -mcpu=v2 -fdebug-compilation-dir=. -c sockets.bpf.c -o "$object"
# The types of the maps and what adapts the object to a kernel stay; what only debuggers read goes.
llvm-strip-14 --strip-debug "$object"
