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
#include "state.h"
#include "datagrams.h"

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
