// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
//
// Decides in the kernel which packets of an endpoint reach user space: those that may carry a name
// or tell how a flow lives. The rest is counted and dropped.
//
// What passes, and why no name is lost, is told in src/live/af_packet/filter/ebpf.rs; build.sh beside this
// file makes names.bpf.o of it. Nothing here depends on the headers of a kernel: the few types of
// linux/bpf.h that are used are written out, they are part of the kernel's stable interface.

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;

#define SECTION(name) __attribute__((section(name), used))
#define INLINE static __attribute__((always_inline)) inline
#define UINT(name, value) int (*name)[value]
#define TYPE(name, type) type *name

// The head of struct __sk_buff; the kernel translates each access.
struct packet {
	u32 len;
	u32 pkt_type;
	u32 mark;
	u32 queue_mapping;
	u32 protocol;
	u32 vlan_present;
	u32 vlan_tci;
	u32 vlan_proto;
	u32 priority;
	u32 ingress_ifindex;
	u32 ifindex;
};

static void *(*const map_lookup)(void *map, const void *key) = (void *)1;
static long (*const map_update)(void *map, const void *key, const void *value, u64 flags) = (void *)2;
static u64 (*const now_ns)(void) = (void *)5;
static long (*const load)(const void *packet, u32 offset, void *to, u32 len) = (void *)26;
static long (*const load_relative)(const void *packet, u32 offset, void *to, u32 len, u32 base) = (void *)68;

enum { MAP_PER_CPU_ARRAY = 6, MAP_LRU_HASH = 9 };
enum { FROM_LINK = 0, FROM_NETWORK = 1 };
enum { OUTGOING = 4, LOOPBACK_INTERFACE = 1 };
enum { TCP = 6, UDP = 17 };
enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

#define BIG_ENDIAN_16(value) ((u16)(((value) & 0xff) << 8 | ((value) >> 8 & 0xff)))
#define IPV4 0x0800
#define IPV6 0x86dd
#define VLAN 0x8100
#define SERVICE_VLAN 0x88a8

// Both ends of a flow, the lesser one first, so that both directions find the same entry.
struct flow_key {
	u32 low[4];
	u32 high[4];
	u16 low_port;
	u16 high_port;
	u8 protocol;
	u8 version;
	u16 unused;
};

enum kind {
	UNSEEN = 0,
	// The first bytes are awaited or say nothing.
	UNKNOWN = 1,
	// The answer of a TLS or HTTP server: names nothing.
	ANSWER = 2,
	// Requests in the clear, or DNS: each may name something.
	OPEN = 3,
	// TLS, from the side that names the server.
	HELLO = 4,
};

struct side {
	u64 bytes;      // UDP: payload so far.
	u64 passed_at;  // When a packet passed last.
	u32 first;      // TCP: number of the first payload byte.
	u32 last;       // TCP: the number behind the last packet that passed.
	u32 datagrams;  // UDP.
	u32 kind;       // TCP: enum kind. UDP: 1 when the flow is QUIC.
};

struct flow {
	struct side sides[2];
};

struct {
	UINT(type, MAP_LRU_HASH);
	UINT(max_entries, 16384);
	TYPE(key, struct flow_key);
	TYPE(value, struct flow);
} FLOWS SECTION(".maps");

// Of what was dropped: 0 frames, 1 bytes.
struct {
	UINT(type, MAP_PER_CPU_ARRAY);
	UINT(max_entries, 2);
	TYPE(key, u32);
	TYPE(value, u64);
} DROPPED SECTION(".maps");

// Bytes of a packet that passes whole; set when the program is loaded.
const volatile u32 SNAPLEN = 262144;

// How far into each direction of a TCP connection everything passes. The dissectors hold 66 KiB of
// a direction at most and give up a foreign protocol before.
#define WINDOW (68 * 1024)
// The same for the side that answers: its first packets say whether the hello must be repeated.
#define ANSWER_WINDOW (4 * 1024)
// Past the window the headers of a packet pass each time the flow has grown by half, at the least
// and at the most by this much, so that its bytes stay known from sequence numbers.
#define LEAST_STEP (4 * 1024)
#define LONGEST_STEP (1024 * 1024)
// And whenever nothing of a side that still sends has passed for so long.
#define QUIET_NS 10000000000ULL
// Datagrams of a direction that pass whole, and the same once the flow is known as QUIC.
#define DATAGRAMS 32
#define QUIC_DATAGRAMS 4
// Of a datagram that passes for its headers: its beginning too, by which repetitions are known.
#define DATAGRAM_PREFIX 64
#define LONGEST_LINK_HEADER 64

struct headers {
	u32 link;     // Bytes of the link header.
	u32 offset;   // Where the transport header begins, from `base`.
	u32 length;   // Bytes from there to the end of the IP packet.
	u32 kept;     // Bytes of the frame up to the transport header.
	u32 base;
	u8 protocol;
};

// Reads the payload `skipped` bytes behind the start of the transport header. It often lies in other
// memory than the headers, where only its place in the frame leads; padding is in a frame's headers' memory.
INLINE long load_payload(struct packet *packet, const struct headers *at, u32 skipped, u8 *to, u32 len)
{
	if (!load_relative(packet, at->offset + skipped, to, len, at->base))
		return 0;
	return load(packet, at->kept + skipped, to, len);
}

INLINE u32 drop(struct packet *packet)
{
	u32 place = 0;
	u64 *frames = map_lookup(&DROPPED, &place);
	if (frames)
		*frames += 1;
	place = 1;
	u64 *bytes = map_lookup(&DROPPED, &place);
	if (bytes)
		*bytes += packet->len;
	return 0;
}

// Whether an EtherType may carry IP in some encapsulation; as for taps.
INLINE int may_carry_ip(u16 type)
{
	switch (type) {
	case 0x8100: case 0x88a8: case 0x9100: case 0x9200: case 0x9300:
	case 0x8847: case 0x8848: case 0x8864: case 0x880b: case 0x6558:
	case 0x894f: case 0x893f: case 0x8926: case 0x8909: case 0x88e7:
	case 0x22f3: case 0x0004:
		return 1;
	default:
		return 0;
	}
}

INLINE void put_ends(struct flow_key *key, const u32 *src, const u32 *dst, u16 src_port, u16 dst_port, int side)
{
	u32 *low = side ? key->high : key->low;
	u32 *high = side ? key->low : key->high;
	for (int i = 0; i < 4; i++) {
		low[i] = src[i];
		high[i] = dst[i];
	}
	key->low_port = side ? dst_port : src_port;
	key->high_port = side ? src_port : dst_port;
}

// 0 when the sender is the lesser end, 1 when it is the greater one.
INLINE int side_of(const u32 *src, const u32 *dst, u16 src_port, u16 dst_port)
{
	for (int i = 0; i < 4; i++) {
		if (src[i] != dst[i])
			return src[i] > dst[i];
	}
	return src_port > dst_port;
}

// DNS, DHCP (which names devices) and tunnels, of which every datagram may carry what is looked for.
INLINE int always_passes(u16 port)
{
	switch (port) {
	case BIG_ENDIAN_16(53): case BIG_ENDIAN_16(5353): case BIG_ENDIAN_16(5355):
	case BIG_ENDIAN_16(67): case BIG_ENDIAN_16(68): case BIG_ENDIAN_16(546): case BIG_ENDIAN_16(547):
	case BIG_ENDIAN_16(1701): case BIG_ENDIAN_16(2152): case BIG_ENDIAN_16(3386): case BIG_ENDIAN_16(3544):
	case BIG_ENDIAN_16(4341): case BIG_ENDIAN_16(4754): case BIG_ENDIAN_16(4789): case BIG_ENDIAN_16(4790):
	case BIG_ENDIAN_16(8472): case BIG_ENDIAN_16(5072): case BIG_ENDIAN_16(5247): case BIG_ENDIAN_16(6081):
	case BIG_ENDIAN_16(6635): case BIG_ENDIAN_16(37008):
		return 1;
	default:
		return 0;
	}
}

// What the first bytes of a direction are.
INLINE u32 kind_of(const u8 *bytes, u32 have)
{
	u8 first = bytes[0];
	if (first >= 0x14 && first <= 0x17 && have >= 6 && bytes[1] == 3)
		return first == 0x16 && bytes[5] == 2 ? ANSWER : HELLO;
	if (have >= 5 && first == 'H' && bytes[1] == 'T' && bytes[2] == 'T' && bytes[3] == 'P' && bytes[4] == '/')
		return ANSWER;
	if (have >= 4 && first == 'S' && bytes[1] == 'S' && bytes[2] == 'H' && bytes[3] == '-')
		return HELLO;
	// A method, a command of a mail protocol, the PROXY protocol, SOCKS.
	if ((first >= 'A' && first <= 'Z') || first == '\r' || first == 4 || first == 5)
		return OPEN;
	return UNKNOWN;
}

// Whether bytes in the middle of a connection begin a request.
INLINE int is_request(const u8 *b)
{
	u32 word = (u32)b[0] << 24 | (u32)b[1] << 16 | (u32)b[2] << 8 | b[3];
	switch (word) {
	case 0x47455420: // GET_
	case 0x504f5354: // POST
	case 0x50555420: // PUT_
	case 0x48454144: // HEAD
	case 0x434f4e4e: // CONN
	case 0x4f505449: // OPTI
	case 0x44454c45: // DELE
	case 0x50415443: // PATC
		return 1;
	default:
		return 0;
	}
}

INLINE u32 tcp(struct packet *packet, const struct headers *at, struct flow_key *key, const u32 *src, const u32 *dst)
{
	u8 header[20];
	if (load_relative(packet, at->offset, header, sizeof(header), at->base))
		return SNAPLEN;
	u16 src_port = *(u16 *)(void *)&header[0];
	u16 dst_port = *(u16 *)(void *)&header[2];
	u32 seq = (u32)header[4] << 24 | (u32)header[5] << 16 | (u32)header[6] << 8 | header[7];
	u32 header_length = (u32)(header[12] >> 4) * 4;
	u8 flags = header[13];
	if (header_length < 20 || header_length > at->length)
		return SNAPLEN;
	u32 payload = at->length - header_length;
	u32 headers_only = at->kept + header_length;
	int whose = side_of(src, dst, src_port, dst_port);
	put_ends(key, src, dst, src_port, dst_port, whose);

	u64 now = now_ns();
	struct flow *flow = map_lookup(&FLOWS, key);
	if (flags & SYN) {
		seq += 1;
		struct flow fresh = {};
		if (!flow || (!(flags & ACK) && flow->sides[whose & 1].first != seq)) {
			map_update(&FLOWS, key, &fresh, 0);
			flow = map_lookup(&FLOWS, key);
		}
		if (flow) {
			struct side *side = &flow->sides[whose & 1];
			if (side->kind == UNSEEN)
				side->kind = UNKNOWN;
			side->first = seq;
			side->last = seq + payload;
			side->passed_at = now;
		}
		return SNAPLEN;
	}
	if (flags & RST)
		return SNAPLEN;
	if (!flow) {
		// What trails a connection that nothing is known of begins no flow.
		if (payload == 0)
			return flags & FIN ? SNAPLEN : drop(packet);
		struct flow fresh = {};
		map_update(&FLOWS, key, &fresh, 0);
		flow = map_lookup(&FLOWS, key);
		if (!flow)
			return SNAPLEN;
	}
	struct side *side = &flow->sides[whose & 1];
	int is_quiet = now - side->passed_at > QUIET_NS;
	if (payload == 0) {
		if (!(flags & FIN) && !is_quiet)
			return drop(packet);
		side->passed_at = now;
		return SNAPLEN;
	}
	if (side->kind == UNSEEN) {
		side->kind = UNKNOWN;
		side->first = seq;
		side->last = seq;
	}
	u32 offset = seq - side->first;
	if (side->kind == UNKNOWN) {
		u8 bytes[6] = {};
		u32 have = 0;
		if (payload >= 6 && !load_payload(packet, at, header_length, bytes, 6))
			have = 6;
		else if (!load_payload(packet, at, header_length, bytes, 1))
			have = 1;
		u16 dns = BIG_ENDIAN_16(53);
		if (src_port == dns || dst_port == dns)
			side->kind = OPEN;
		else if (have && offset == 0)
			side->kind = kind_of(bytes, have);
		else if (have == 6 && is_request(bytes))
			side->kind = OPEN;
	}
	u32 end = seq + payload;
	u32 window = side->kind == ANSWER ? ANSWER_WINDOW : WINDOW;
	// Numbers before the first one come from segments that another one overtook.
	int is_in_window = offset < window || -offset < window;
	if (side->kind == OPEN || is_in_window) {
		if ((s32)(end - side->last) > 0)
			side->last = end;
		side->passed_at = now;
		if (side->kind == OPEN || -offset < window || payload <= window - offset)
			return SNAPLEN;
		return headers_only + (window - offset);
	}
	u32 step = offset / 2;
	if (step < LEAST_STEP)
		step = LEAST_STEP;
	if (step > LONGEST_STEP)
		step = LONGEST_STEP;
	s32 grown = (s32)(end - side->last);
	if (grown >= (s32)step || flags & FIN || is_quiet) {
		if (grown > 0)
			side->last = end;
		side->passed_at = now;
		return headers_only;
	}
	return drop(packet);
}

INLINE u32 udp(struct packet *packet, const struct headers *at, struct flow_key *key, const u32 *src, const u32 *dst)
{
	u16 ports[2];
	if (load_relative(packet, at->offset, ports, sizeof(ports), at->base) || at->length < 8)
		return SNAPLEN;
	if (always_passes(ports[0]) || always_passes(ports[1]))
		return SNAPLEN;
	u32 payload = at->length - 8;
	int whose = side_of(src, dst, ports[0], ports[1]);
	put_ends(key, src, dst, ports[0], ports[1], whose);
	struct flow *flow = map_lookup(&FLOWS, key);
	if (!flow) {
		struct flow fresh = {};
		map_update(&FLOWS, key, &fresh, 0);
		flow = map_lookup(&FLOWS, key);
		if (!flow)
			return SNAPLEN;
	}
	struct side *side = &flow->sides[whose & 1];
	__sync_fetch_and_add(&side->bytes, payload);
	side->datagrams += 1;
	u8 first[2] = {};
	if (payload < 2 || load_payload(packet, at, 8, first, sizeof(first)))
		return SNAPLEN;
	// A QUIC long header, or a handshake of DTLS.
	int is_quic = first[0] >= 0xc0;
	u64 now = now_ns();
	if (is_quic || (first[0] == 0x16 && first[1] == 0xfe)) {
		if (is_quic)
			flow->sides[0].kind = 1;
		side->passed_at = now;
		return SNAPLEN;
	}
	u32 most = flow->sides[0].kind ? QUIC_DATAGRAMS : DATAGRAMS;
	if (side->datagrams <= most) {
		side->passed_at = now;
		return SNAPLEN;
	}
	if (now - side->passed_at > QUIET_NS) {
		side->passed_at = now;
		return at->kept + 8 + DATAGRAM_PREFIX;
	}
	return drop(packet);
}

SECTION("socket")
u32 names(struct packet *packet)
{
	// Each packet on the loopback is seen when it is sent and when it arrives.
	if (packet->pkt_type == OUTGOING && packet->ifindex == LOOPBACK_INTERFACE)
		return 0;
	struct headers at = { .base = FROM_NETWORK };
	u16 type = packet->protocol;
	if (type == BIG_ENDIAN_16(VLAN) || type == BIG_ENDIAN_16(SERVICE_VLAN)) {
		// A tag that the interface did not take: Ethernet, at most two tags.
		u16 tags[5];
		if (load_relative(packet, 12, tags, sizeof(tags), FROM_LINK))
			return SNAPLEN;
		if (tags[0] != BIG_ENDIAN_16(VLAN) && tags[0] != BIG_ENDIAN_16(SERVICE_VLAN))
			return SNAPLEN;
		at.base = FROM_LINK;
		at.offset = 18;
		type = tags[2];
		if (type == BIG_ENDIAN_16(VLAN) || type == BIG_ENDIAN_16(SERVICE_VLAN)) {
			at.offset = 22;
			type = tags[4];
		}
	} else if (type != BIG_ENDIAN_16(IPV4) && type != BIG_ENDIAN_16(IPV6)) {
		return may_carry_ip(BIG_ENDIAN_16(type)) ? SNAPLEN : 0;
	}

	u32 start = at.offset;
	u32 total, ip_header;
	struct flow_key key = {};
	u32 src[4] = {}, dst[4] = {};
	if (type == BIG_ENDIAN_16(IPV4)) {
		u8 ip[20];
		if (load_relative(packet, start, ip, sizeof(ip), at.base))
			return SNAPLEN;
		ip_header = (u32)(ip[0] & 15) * 4;
		total = (u32)ip[2] << 8 | ip[3];
		// Fragments carry their ports only once.
		if (ip[0] >> 4 != 4 || ip_header < 20 || (ip[6] & 0x3f) || ip[7])
			return SNAPLEN;
		at.protocol = ip[9];
		__builtin_memcpy(&src[0], &ip[12], 4);
		__builtin_memcpy(&dst[0], &ip[16], 4);
		key.version = 4;
	} else if (type == BIG_ENDIAN_16(IPV6)) {
		u8 ip[40];
		if (load_relative(packet, start, ip, sizeof(ip), at.base))
			return SNAPLEN;
		if (ip[0] >> 4 != 6)
			return SNAPLEN;
		ip_header = 40;
		total = ((u32)ip[4] << 8 | ip[5]) + 40;
		at.protocol = ip[6];
		__builtin_memcpy(src, &ip[8], 16);
		__builtin_memcpy(dst, &ip[24], 16);
		key.version = 6;
	} else {
		return SNAPLEN;
	}
	if (at.protocol != TCP && at.protocol != UDP)
		return SNAPLEN;
	// Longer than its header can say, or padded to more than Ethernet's least: all of it.
	if (total < ip_header || total > packet->len || packet->len - total > LONGEST_LINK_HEADER)
		return SNAPLEN;
	at.link = packet->len - total;
	at.offset = start + ip_header;
	at.length = total - ip_header;
	at.kept = at.link + ip_header;
	key.protocol = at.protocol;
	return at.protocol == TCP ? tcp(packet, &at, &key, src, dst) : udp(packet, &at, &key, src, dst);
}

char LICENSE[] SECTION("license") = "Dual BSD/GPL";
