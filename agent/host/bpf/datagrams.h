// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
//
// UDP sockets: those with a peer are told once and counted, the others have their ends in each packet.

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
