// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
//
// Sees which process connects a socket or first sends on it, at the moment it does, and what the socket
// moved. Only places are trusted where the current process is the one that acts: the beginning of a
// connection, and the end of a call to send or receive. Elsewhere (an answer of the network arrives, a
// packet leaves) the kernel runs in the name of whoever happened to be there; what is told there was
// remembered with the socket before.
//
// Sockets that a server accepted are left out: their packets have the client's name on them.
#include "kernel.h"
#include "records.h"
#include "process.h"

INLINE int is_internet(struct sock *sk)
{
	u16 family = sk->__sk_common.skc_family;

	return family == AF_INET || family == AF_INET6;
}

INLINE void own(struct socket_state *state, struct sock *sk)
{
	struct socket *socket = 0;
	struct file *file = 0;
	struct inode *inode = 0;
	unsigned long number = 0;

	READ(socket, sk, sk_socket);
	READ(file, socket, file);
	READ(inode, file, f_inode);
	READ(number, inode, i_ino);
	state->inode = number;
	state->uid = current_uid();
	if (!state->id)
		state->id = (u64)random_u32() << 32 | random_u32();
	current_key(&state->owner);
	describe();
}

INLINE void map_ipv4(u8 to[16], u32 address)
{
	*(u64 *)to = 0;
	*(u32 *)(to + 8) = 0xffff0000;
	*(u32 *)(to + 12) = address;
}

// The ends of a socket that has a peer.
INLINE void ends(struct socket_record *record, struct sock *sk)
{
	u16 port = sk->__sk_common.skc_dport;

	record->family = sk->__sk_common.skc_family;
	record->protocol = sk->sk_protocol;
	record->local_port = sk->__sk_common.skc_num;
	record->remote_port = port << 8 | port >> 8;
	record->net = sk->__sk_common.skc_net.net->ns.inum;
	if (record->family == AF_INET) {
		map_ipv4(record->local, sk->__sk_common.skc_rcv_saddr);
		map_ipv4(record->remote, sk->__sk_common.skc_daddr);
	} else {
		read_kernel(record->local, 16, &sk->__sk_common.skc_v6_rcv_saddr);
		read_kernel(record->remote, 16, &sk->__sk_common.skc_v6_daddr);
	}
}

INLINE void tell(const struct socket_record *what)
{
	struct socket_record *record = ring_reserve(&records, sizeof(*record), 0);

	if (!record) {
		lose(LOST_SOCKETS);
		return;
	}
	*record = *what;
	ring_submit(record, NO_WAKEUP);
}

// Whether the owner has opened more sockets in this second than are told.
INLINE int floods(struct socket_state *state)
{
	struct program *program = map_lookup(&described, &state->owner);
	u64 second = boot_ns() >> 30;

	if (!program)
		return 0;
	if (program->second != second) {
		program->second = second;
		program->opened = 0;
	}
	program->opened += 1;
	return program->opened > MAX_OPENED;
}

INLINE void tell_opened(struct socket_state *state)
{
	state->told.kind = 0;
	if (floods(state)) {
		lose(LOST_OF_FLOODS);
		return;
	}
	state->told.kind = OPENED;
	state->told.at = boot_ns();
	state->told.process = state->owner;
	state->told.inode = state->inode;
	state->told.uid = state->uid;
	tell(&state->told);
}

// Whether the current process is another one than the socket's, and tells of it once.
INLINE void used(struct socket_state *state)
{
	struct process_key key = {};

	current_key(&key);
	if (key.pid == state->owner.pid && key.exec == state->owner.exec && key.start == state->owner.start)
		return;
	if (key.pid == state->user.pid && key.exec == state->user.exec && key.start == state->user.start)
		return;
	if (!state->told.kind || is_kernel_thread())
		return;
	describe();
	state->user = key;
	struct socket_record record = state->told;

	record.kind = USED_BY;
	record.at = boot_ns();
	record.process = key;
	record.uid = current_uid();
	tell(&record);
}

// What a TCP socket moved: payload alone.
INLINE void tell_closed(struct socket_state *state, struct sock *sk, s32 old)
{
	struct tcp_sock *tcp = (void *)sk;
	u64 acknowledged = 0;
	u64 received = 0;
	u32 last_acknowledged = 0;
	u32 last_written = 0;
	unsigned long flags = sk->__sk_common.skc_flags;

	READ(acknowledged, tcp, bytes_acked);
	READ(received, tcp, bytes_received);
	READ(last_acknowledged, tcp, snd_una);
	READ(last_written, tcp, write_seq);
	// The SYN counts, and so do the FINs of either side.
	if (acknowledged)
		acknowledged -= 1;
	int own_fin = old == FIN_WAIT1 || old == FIN_WAIT2 || old == CLOSING || old == LAST_ACK || old == TIME_WAIT;

	if (own_fin && acknowledged && last_acknowledged == last_written)
		acknowledged -= 1;
	// SOCK_DONE: a FIN came.
	if (flags & 2 && received)
		received -= 1;
	struct socket_record record = state->told;

	record.kind = CLOSED;
	record.at = boot_ns();
	record.out = acknowledged;
	record.in = received;
	tell(&record);
	state->told.kind = 0;
}

SECTION("tp_btf/inet_sock_set_state")
int state_changed(u64 *context)
{
	struct sock *sk = (void *)context[0];
	s32 old = context[1];
	s32 new = context[2];
	struct socket_state *state;

	if (!is_internet(sk) || sk->sk_protocol != TCP)
		return 0;
	if (new == SYN_SENT) {
		state = storage(&sockets, sk, 0, CREATE_STORAGE);
		if (!state) {
			lose(LOST_STATES);
			return 0;
		}
		state->told.kind = 0;
		own(state, sk);
		return 0;
	}
	if (new != ESTABLISHED && new != CLOSE)
		return 0;
	state = storage(&sockets, sk, 0, 0);
	if (!state || !state->owner.pid)
		return 0;
	if (new == ESTABLISHED && !state->told.kind) {
		ends(&state->told, sk);
		tell_opened(state);
	} else if (new == CLOSE) {
		if (state->told.kind)
			tell_closed(state, sk, old);
		state->owner.pid = 0;
	}
	return 0;
}

INLINE int is_udp(struct sock *sk)
{
	return sk->sk_protocol == UDP && sk->sk_type == DATAGRAMS;
}

INLINE int same_peer(const struct socket_state *state, const u8 remote[16], u16 port)
{
	const u64 *a = (const u64 *)state->peer;
	const u64 *b = (const u64 *)remote;

	return state->peer_port == port && a[0] == b[0] && a[1] == b[1];
}

// The figures of a UDP socket with a peer, where user space reads them.
INLINE void count(struct socket_state *state)
{
	struct socket_record *figures = map_lookup(&datagrams, &state->id);

	if (!figures) {
		map_update(&datagrams, &state->id, &state->told, 0);
		figures = map_lookup(&datagrams, &state->id);
		if (!figures)
			return;
		figures->kind = COUNTED;
	}
	figures->out = state->out;
	figures->in = state->in;
	figures->at = boot_ns();
}

// A UDP socket with a peer has sent.
INLINE void sent_to_peer(struct socket_state *state, struct sock *sk, s32 bytes)
{
	struct socket_record *told = &state->told;
	struct socket_record now = {};

	ends(&now, sk);
	if (!told->kind || !same_peer(state, now.remote, now.remote_port)) {
		*told = now;
		state->id = (u64)random_u32() << 32 | random_u32();
		state->out = 0;
		state->in = 0;
		state->peer_port = told->remote_port;
		*(u64 *)state->peer = *(u64 *)told->remote;
		*(u64 *)(state->peer + 8) = *(u64 *)(told->remote + 8);
		tell_opened(state);
	}
	__sync_fetch_and_add(&state->out, (u64)bytes);
	count(state);
}

SECTION("tp_btf/sock_send_length")
int sent(u64 *context)
{
	struct sock *sk = (void *)context[0];
	s32 bytes = context[1];
	struct socket_state *state;

	if (bytes < 0 || !is_internet(sk))
		return 0;
	int udp = is_udp(sk);

	state = storage(&sockets, sk, 0, udp ? CREATE_STORAGE : 0);
	if (!state) {
		if (udp)
			lose(LOST_STATES);
		return 0;
	}
	if (!state->owner.pid) {
		if (!udp)
			return 0;
		own(state, sk);
	}
	if (udp && sk->__sk_common.skc_dport)
		sent_to_peer(state, sk, bytes);
	else if (udp && state->waiting) {
		state->waiting = 0;
		tell_opened(state);
	}
	used(state);
	return 0;
}

SECTION("tp_btf/sock_recv_length")
int received(u64 *context)
{
	struct sock *sk = (void *)context[0];
	s32 bytes = context[1];
	s32 flags = context[2];
	struct socket_state *state;

	if (bytes <= 0 || flags & PEEK || !is_internet(sk))
		return 0;
	state = storage(&sockets, sk, 0, 0);
	if (!state || !state->owner.pid)
		return 0;
	if (is_udp(sk) && sk->__sk_common.skc_dport && state->told.kind) {
		__sync_fetch_and_add(&state->in, (u64)bytes);
		count(state);
	}
	used(state);
	return 0;
}

// The addresses and ports of a datagram; those with extension headers are left out.
INLINE int datagram_ends(struct socket_record *record, struct sk_buff *skb)
{
	u8 *header = skb->head + skb->network_header;
	u8 first = 0;
	u8 protocol = 0;
	u16 ports[2] = {};
	u32 bytes = 40;

	read_kernel(&first, 1, header);
	if (first >> 4 == 4) {
		u32 addresses[2] = {};

		bytes = (first & 15) * 4;
		read_kernel(&protocol, 1, header + 9);
		read_kernel(addresses, 8, header + 12);
		map_ipv4(record->local, addresses[0]);
		map_ipv4(record->remote, addresses[1]);
		record->family = AF_INET;
	} else if (first >> 4 == 6) {
		read_kernel(&protocol, 1, header + 6);
		read_kernel(record->local, 16, header + 8);
		read_kernel(record->remote, 16, header + 24);
		record->family = AF_INET6;
	}
	if (protocol != UDP)
		return 0;
	read_kernel(ports, 4, header + bytes);
	record->local_port = (u16)(ports[0] << 8 | ports[0] >> 8);
	record->remote_port = (u16)(ports[1] << 8 | ports[1] >> 8);
	return 1;
}

// A packet leaves: only here are the ends known of what a UDP socket without a peer sends.
SECTION("tp_btf/net_dev_queue")
int queued(u64 *context)
{
	struct sk_buff *skb = (void *)context[0];
	struct sock *sk = skb->sk;
	struct socket_state *state;
	struct socket_record now = {};
	struct conversation talk = {};
	u32 known = 1;

	if (!sk)
		return 0;
	u8 stage = sk->__sk_common.skc_state;

	// These are not whole sockets.
	if (stage == TIME_WAIT || stage == NEW_SYN_RECV)
		return 0;
	if (!is_internet(sk) || !is_udp(sk) || sk->__sk_common.skc_dport)
		return 0;
	if (!datagram_ends(&now, skb))
		return 0;
	state = storage(&sockets, sk, 0, CREATE_STORAGE);
	if (!state) {
		lose(LOST_STATES);
		return 0;
	}
	if (same_peer(state, now.remote, now.remote_port))
		return 0;
	if (!state->id)
		state->id = (u64)random_u32() << 32 | random_u32();
	state->peer_port = now.remote_port;
	*(u64 *)state->peer = *(u64 *)now.remote;
	*(u64 *)(state->peer + 8) = *(u64 *)(now.remote + 8);
	talk.id = state->id;
	talk.remote_port = now.remote_port;
	*(u64 *)talk.remote = *(u64 *)now.remote;
	*(u64 *)(talk.remote + 8) = *(u64 *)(now.remote + 8);
	if (map_lookup(&conversations, &talk))
		return 0;
	map_update(&conversations, &talk, &known, 0);
	now.protocol = UDP;
	now.net = sk->__sk_common.skc_net.net->ns.inum;
	state->told = now;
	if (state->owner.pid)
		tell_opened(state);
	else
		state->waiting = 1;
	return 0;
}

// Keeps the start of the command line before the program can write over it.
SECTION("tp_btf/sched_process_exec")
int program_began(u64 *context)
{
	struct task_struct *task = (void *)context[0];
	struct mm_struct *mm = task->mm;
	struct arguments kept = {};
	unsigned long start = 0;
	unsigned long end = 0;
	u32 pid = current_pid() >> 32;
	u64 bytes;

	READ(start, mm, arg_start);
	READ(end, mm, arg_end);
	bytes = end - start;
	if (bytes > ARGUMENT_BYTES)
		bytes = ARGUMENT_BYTES;
	if (read_user(kept.text, bytes, (void *)start))
		return 0;
	kept.bytes = bytes;
	kept.exec = task->self_exec_id;
	map_update(&command_lines, &pid, &kept, 0);
	return 0;
}

char licence[] SECTION("license") = "Dual BSD/GPL";
