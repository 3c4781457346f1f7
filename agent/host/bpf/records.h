// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
//
// What is told to user space, and the maps. Read by src/sockets/linux/kernel/record.rs, byte by byte.

enum { MAX_PARENTS = 8, GROUP_BYTES = 96, ARGUMENT_BYTES = 256, PATH_BYTES = 1024, NAME_BYTES = 256 };

enum kind { PROCESS = 1, OPENED = 2, USED_BY = 3, COUNTED = 4, CLOSED = 5 };

// One program in one process: a pid may be used again, and a process may become another program.
struct process_key {
	u64 start; // Nanoseconds between the start of the system and its own.
	u32 pid;
	u32 exec; // How often it became another program.
};

// What happened to a socket. 96 bytes.
struct socket_record {
	u8 kind;
	u8 protocol;
	u8 family;
	u8 unused;
	u32 net;
	u64 at; // Since the start of the system.
	struct process_key process;
	u64 inode;
	u64 out;
	u64 in;
	u32 uid;
	u16 local_port;
	u16 remote_port;
	u8 local[16];
	u8 remote[16];
};

struct parent {
	u32 pid;
	u32 leader; // Whether it leads its session.
	char name[16];
};

// A program that opened or used a socket, told before the first record that names it. 1984 bytes.
struct process_record {
	u8 kind;
	u8 parents;
	u8 deleted;
	u8 cut;
	u32 uid;
	u64 at;
	struct process_key key;
	u64 inode; // Of the program file.
	u32 path_at; // Where in `path` it starts; it ends at PATH_BYTES.
	u32 argument_bytes;
	char name[16];
	struct parent parent[MAX_PARENTS];
	char group[2][GROUP_BYTES]; // Name of the control group, and of the one above it.
	char arguments[ARGUMENT_BYTES];
	char path[PATH_BYTES + NAME_BYTES];
};

// The start of a command line as it was when the program began; it may write over it later.
struct arguments {
	u32 exec;
	u32 bytes;
	char text[ARGUMENT_BYTES];
};

// What is kept with a socket as long as it lives.
struct socket_state {
	struct process_key owner; // Pid 0: not known yet.
	struct process_key user; // The last other one that was told.
	u64 inode;
	u64 id;
	u64 out;
	u64 in;
	u32 uid;
	u16 peer_port; // UDP: the last peer that was told.
	u16 waiting; // UDP: there is a peer to tell when the owner is known.
	u8 peer[16];
	struct socket_record told; // The last record, for the figures that follow.
};

// A UDP socket without a peer and one of those it sends to.
struct conversation {
	u64 id;
	u8 remote[16];
	u16 remote_port;
	u16 unused[3];
};

// A program that user space was told of, and how many sockets it opened of late.
struct program {
	u64 second;
	u64 opened;
};

// Sockets of one program that are told in a second (of 2^30 ns): one that opens them without end shall not
// take the room of all others.
enum { MAX_OPENED = 2048 };

enum loss { LOST_SOCKETS, LOST_PROCESSES, LOST_STATES, LOST_OF_FLOODS, LOSSES };

struct { UINT(type, MAP_RING); UINT(max_entries, 1 << 20); } records SECTION(".maps");
struct {
	UINT(type, MAP_SK_STORAGE); UINT(map_flags, NO_PREALLOC);
	TYPE(key, s32); TYPE(value, struct socket_state);
} sockets SECTION(".maps");
struct {
	UINT(type, MAP_LRU_HASH); UINT(max_entries, 2048);
	TYPE(key, struct process_key); TYPE(value, struct program);
} described SECTION(".maps");
struct {
	UINT(type, MAP_LRU_HASH); UINT(max_entries, 4096);
	TYPE(key, u32); TYPE(value, struct arguments);
} command_lines SECTION(".maps");
// What connected UDP sockets moved so far.
struct {
	UINT(type, MAP_LRU_HASH); UINT(max_entries, 4096);
	TYPE(key, u64); TYPE(value, struct socket_record);
} datagrams SECTION(".maps");
struct {
	UINT(type, MAP_LRU_HASH); UINT(max_entries, 8192);
	TYPE(key, struct conversation); TYPE(value, u32);
} conversations SECTION(".maps");
struct {
	UINT(type, MAP_PER_CPU_ARRAY); UINT(max_entries, LOSSES);
	TYPE(key, u32); TYPE(value, u64);
} losses SECTION(".maps");

INLINE void lose(u32 what)
{
	u64 *count = map_lookup(&losses, &what);

	if (count)
		*count += 1;
}
