// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
//
// What is used of the kernel: helpers by their numbers, which never change (linux/bpf.h), and the
// members of its structures that are read. Where a member lies is filled in when the object is loaded,
// from the type information of the running kernel; nothing here depends on one version's headers.

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;

#define SECTION(name) __attribute__((section(name), used))
#define INLINE static __attribute__((always_inline)) inline
#define UINT(name, value) int (*name)[value]
#define TYPE(name, type) type *name

static void *(*const map_lookup)(void *map, const void *key) = (void *)1;
static long (*const map_update)(void *map, const void *key, const void *value, u64 flags) = (void *)2;
static u32 (*const random_u32)(void) = (void *)7;
static u64 (*const current_pid)(void) = (void *)14;
static u64 (*const current_uid)(void) = (void *)15;
static u64 (*const current_task)(void) = (void *)35;
static void *(*const storage)(void *map, void *socket, void *value, u64 flags) = (void *)107;
static long (*const read_user)(void *to, u32 bytes, const void *from) = (void *)112;
static long (*const read_kernel)(void *to, u32 bytes, const void *from) = (void *)113;
static long (*const read_kernel_text)(void *to, u32 bytes, const void *from) = (void *)115;
static u64 (*const boot_ns)(void) = (void *)125;
static void *(*const ring_reserve)(void *ring, u64 bytes, u64 flags) = (void *)131;
static void (*const ring_submit)(void *record, u64 flags) = (void *)132;

enum { MAP_PER_CPU_ARRAY = 6, MAP_LRU_HASH = 9, MAP_SK_STORAGE = 24, MAP_RING = 27 };
enum { NO_PREALLOC = 1, CREATE_STORAGE = 1, NO_WAKEUP = 1 };
enum { AF_INET = 2, AF_INET6 = 10, TCP = 6, UDP = 17, DATAGRAMS = 2, PEEK = 2 };
enum {
	ESTABLISHED = 1, SYN_SENT = 2, FIN_WAIT1 = 4, FIN_WAIT2 = 5, TIME_WAIT = 6, CLOSE = 7,
	LAST_ACK = 9, CLOSING = 11, NEW_SYN_RECV = 12,
};

// Reads a member, through pointers that the verifier does not know.
#define READ(to, from, member) read_kernel(&(to), sizeof(to), &(from)->member)

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common { u32 inum; };
struct net { struct ns_common ns; };
typedef struct { struct net *net; } possible_net_t;
struct in6_addr { u8 octets[16]; };

struct sock_common {
	u32 skc_daddr;
	u32 skc_rcv_saddr;
	u16 skc_dport;
	u16 skc_num;
	u16 skc_family;
	u8 skc_state;
	possible_net_t skc_net;
	unsigned long skc_flags;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
};

struct inode { unsigned long i_ino; };
struct qstr { u32 len; const u8 *name; };
struct hlist_bl_node { struct hlist_bl_node **pprev; };
struct dentry {
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
};
struct vfsmount { struct dentry *mnt_root; };
struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};
struct path { struct vfsmount *mnt; struct dentry *dentry; };
struct file { struct path f_path; struct inode *f_inode; };
struct socket { struct file *file; };

struct sock {
	struct sock_common __sk_common;
	u16 sk_protocol;
	u16 sk_type;
	struct socket *sk_socket;
};

struct tcp_sock {
	u64 bytes_acked;
	u64 bytes_received;
	u32 snd_una;
	u32 write_seq;
};

struct sk_buff {
	struct sock *sk;
	u8 *head;
	u32 len;
	u16 protocol;
	u16 network_header;
	u8 *data;
};

struct kernfs_node { const char *name; struct kernfs_node *__parent; };
struct kernfs_node___older { struct kernfs_node___older *parent; };
struct cgroup { struct kernfs_node *kn; };
struct css_set { struct cgroup *dfl_cgrp; };
struct mm_struct { struct file *exe_file; unsigned long arg_start; unsigned long arg_end; };
struct signal_struct { s32 leader; };

struct task_struct {
	s32 tgid;
	struct task_struct *group_leader;
	struct task_struct *real_parent;
	u64 start_boottime;
	u64 self_exec_id;
	struct mm_struct *mm;
	struct signal_struct *signal;
	struct css_set *cgroups;
	char comm[16];
};

#pragma clang attribute pop
