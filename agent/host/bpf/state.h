// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
//
// What is kept with a socket: whose it is, its ends, and what was told of it.

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
