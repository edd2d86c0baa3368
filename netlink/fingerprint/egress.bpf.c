// Runs in the kernel for every packet that is about to leave by a dongle (tc, clsact, egress).
//
// A packet whose socket has a mark with a recipe gets the recipe's TTL, and if it is a SYN, the
// recipe's looks. A packet without a mark gets the interface's TTL. All others pass as they are,
// but for SYNs with a mark of ours that has no recipe.
//
// A SYN that cannot be given its looks is dropped: TCP will repeat it, and a native one would tell
// what the recipe is there to hide. The kernel's own SYN says what the socket behind it will do, so
// nothing is promised to the peer that was not in it: see check_offer.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <stddef.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "netlink/fingerprint/egress_layout.h"

#define inline_always static __attribute__((always_inline)) inline

enum { TCP_HEADER = 20, TCP_MOST = TCP_HEADER + EGRESS_OPTIONS_MOST };
enum { TCP_ACK_NUMBER = 8, TCP_OFFSET = 12, TCP_FLAGS = 13, TCP_WINDOW = 14, TCP_CHECK = 16,
       TCP_URGENT = 18 };
enum { FIN = 0x01, SYN = 0x02, RST = 0x04, PUSH = 0x08, ACK = 0x10, URG = 0x20, ECE = 0x40,
       CWR = 0x80 };
enum { IP_RESERVED_BIT = 0x8000, IP_DF_BIT = 0x4000, IP_FRAGMENT_BITS = 0x3fff };
enum { SPARE = 8 };  // Behind the header: what a masked index can reach at most.

// Not preallocated: a value that is replaced stays whole until nobody looks at it any more.
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(max_entries, 131072);
  __type(key, __u32);
  __type(value, struct egress_recipe);
} by_mark SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(max_entries, 4096);
  __type(key, __u32);
  __type(value, struct egress_interface);
} by_interface SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, EGRESS_OUTCOMES);
  __type(key, __u32);
  __type(value, __u64);
} outcomes SEC(".maps");

// The TCP header as it was and as it will be, the check sum being the old one in both. In a map,
// because offsets in it are known at run time only.
struct work {
  __u8 before[TCP_MOST + SPARE];
  __u8 after[TCP_MOST + SPARE];
};

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct work);
} works SEC(".maps");

// What the kernel's SYN offers the peer.
struct offer {
  __u16 mss;
  __u8 scale;
  __u8 has_mss, has_scale, has_time, has_sack;
  __u32 time;
};

inline_always int fate(__u32 outcome) {
  __u64* counter = bpf_map_lookup_elem(&outcomes, &outcome);
  if (counter) ++*counter;
  return outcome == EGRESS_REWRITTEN ? TC_ACT_UNSPEC : TC_ACT_SHOT;
}

inline_always void put16(struct work* work, __u32 at, __u32 value) {
  work->after[at & 63] = value >> 8;
  work->after[(at & 63) + 1] = value;
}

inline_always void put32(struct work* work, __u32 at, __u32 value) {
  put16(work, at, value >> 16);
  put16(work, at + 2, value);
}

// Linux writes its options in words of four bytes, one of a few ways each. Going through them byte
// by byte would be more than the verifier follows; what is not understood counts as not offered.
inline_always void read_offer(const struct work* work, __u32 size, struct offer* offer) {
  const __u32* words = (const __u32*)(work->before + TCP_HEADER);
  __u32 skip = 0;
#pragma unroll
  for (__u32 i = 0; i < EGRESS_OPTIONS_MOST / 4; ++i) {
    if (TCP_HEADER + 4 * i >= size) break;
    const __u32 word = bpf_ntohl(words[i]);
    if (skip > 0) {
      if (skip == 2) offer->time = word;
      --skip;
      continue;
    }
    if (word >> 16 == 0x0204) {
      offer->has_mss = 1;
      offer->mss = word;
    } else if (word >> 8 == 0x010303) {
      offer->has_scale = 1;
      offer->scale = word;
    } else if ((word & 0xffff) == 0x080a) {
      offer->has_time = 1;
      if (word >> 16 == 0x0402) offer->has_sack = 1;
      skip = 2;
    } else if (word == 0x01010402) {
      offer->has_sack = 1;
    }
  }
}

// An option may be left out: the peer does not answer it, and the kernel does without. One that was
// not offered may not be added, and the scale must be the one by which the kernel will count.
inline_always __u32 check_offer(const struct egress_recipe* recipe, const struct offer* offer) {
  if (!offer->has_mss) return EGRESS_MALFORMED;
  if ((recipe->quirks & EGRESS_SACK_ALLOWED) && !offer->has_sack) return EGRESS_NOT_OFFERED;
  if (recipe->time_at != EGRESS_ABSENT && !offer->has_time) return EGRESS_NOT_OFFERED;
  if (recipe->scale_at == EGRESS_ABSENT) return EGRESS_REWRITTEN;
  if (!offer->has_scale) return EGRESS_NOT_OFFERED;
  if (recipe->scale != EGRESS_ABSENT && recipe->scale != offer->scale) return EGRESS_OTHER_SCALE;
  return EGRESS_REWRITTEN;
}

inline_always __u32 window_of(const struct egress_recipe* recipe, __u32 kernels, __u32 mss,
                              __u32 headers) {
  const __u32 number = recipe->window;
  switch (recipe->window_form) {
    case EGRESS_WINDOW_FIXED: return number;
    case EGRESS_WINDOW_MULTIPLE:
      if (number == 0 || kernels < number) return number;
      return kernels - kernels % number;
    case EGRESS_WINDOW_TIMES_MSS: return number * mss;
    case EGRESS_WINDOW_TIMES_MTU: return number * (mss + headers);
  }
  return kernels;
}

inline_always void write_options(struct work* work, const struct egress_recipe* recipe,
                                 const struct offer* offer, __u32 mss) {
  __builtin_memcpy(work->after + TCP_HEADER, recipe->options, EGRESS_OPTIONS_MOST);
  if (recipe->mss_at != EGRESS_ABSENT) put16(work, TCP_HEADER + recipe->mss_at, mss);
  if (recipe->scale_at != EGRESS_ABSENT) {
    work->after[(TCP_HEADER + recipe->scale_at) & 63] = offer->scale;
  }
  if (recipe->time_at != EGRESS_ABSENT) {
    const __u32 at = TCP_HEADER + recipe->time_at;
    put32(work, at, recipe->quirks & EGRESS_TIME_ZERO ? 0 : offer->time);
    put32(work, at + 4, recipe->quirks & EGRESS_PEER_TIME ? bpf_get_prandom_u32() | 1 : 0);
  }
}

inline_always void write_header(struct work* work, const struct egress_recipe* recipe,
                                __u32 window) {
  const __u32 quirks = recipe->quirks;
  __u8 flags = SYN;
  if (quirks & EGRESS_ECN) flags |= ECE | CWR;
  if (quirks & EGRESS_URGENT_FLAG) flags |= URG;
  if (quirks & EGRESS_PUSH_FLAG) flags |= PUSH;
  __builtin_memcpy(work->after, work->before, TCP_HEADER);
  // No byte of either number is 0: p0f looks at one byte of them only.
  put32(work, TCP_ACK_NUMBER, quirks & EGRESS_ACK_VALUE ? bpf_get_prandom_u32() | 0x01010101 : 0);
  work->after[TCP_OFFSET] = (TCP_HEADER + recipe->options_size) / 4 << 4;
  work->after[TCP_FLAGS] = flags;
  put16(work, TCP_WINDOW, window);
  put16(work, TCP_URGENT, quirks & EGRESS_URGENT ? bpf_get_prandom_u32() | 0x0101 : 0);
}

// Right for a check sum that is complete and for one that the device or the kernel has yet to
// complete. Of the latter, only the pseudo header is in it, and of that, only the length changes.
inline_always int mend_check(struct __sk_buff* skb, const struct work* work, __u32 tcp,
                             __u32 old_size, __u32 new_size) {
  const __s64 difference = bpf_csum_diff((__be32*)work->before, old_size, (__be32*)work->after,
                                         new_size, 0);
  if (difference < 0) return -1;
  if (bpf_l4_csum_replace(skb, tcp + TCP_CHECK, 0, difference, 0)) return -1;
  if (old_size == new_size) return 0;
  return bpf_l4_csum_replace(skb, tcp + TCP_CHECK, bpf_htons(old_size), bpf_htons(new_size),
                             BPF_F_PSEUDO_HDR | 2);
}

// Gives the SYN at `tcp`, of `size` bytes, its new TCP header; the IP header is the caller's.
// `headers` is what an MTU has beyond an MSS.
inline_always __u32 rewrite_tcp(struct __sk_buff* skb, const struct egress_recipe* recipe,
                                __u32 tcp, __u32 size, __u32 headers) {
  const __u32 zero = 0;
  struct work* work = bpf_map_lookup_elem(&works, &zero);
  if (!work) return EGRESS_FAILED;

  __u8 words = 0;
  if (bpf_skb_load_bytes(skb, tcp + TCP_OFFSET, &words, 1)) return EGRESS_MALFORMED;
  __u32 old_size = words >> 4 << 2;
  if (old_size != size || tcp + size != skb->len) return EGRESS_MALFORMED;
  // The verifier must see the bounds, of a number that the compiler knows nothing else of.
  barrier_var(old_size);
  if (old_size < TCP_HEADER || old_size > TCP_MOST) return EGRESS_MALFORMED;
  if (bpf_skb_load_bytes(skb, tcp, work->before, old_size)) return EGRESS_MALFORMED;

  struct offer offer = {};
  read_offer(work, old_size, &offer);
  const __u32 verdict = check_offer(recipe, &offer);
  if (verdict != EGRESS_REWRITTEN) return verdict;

  const __u32 mss = recipe->quirks & EGRESS_MSS_KERNELS ? offer.mss : recipe->mss;
  const __u32 kernels = work->before[TCP_WINDOW] << 8 | work->before[TCP_WINDOW + 1];
  const __u32 window = window_of(recipe, kernels, mss, headers);
  if (window > 65535) return EGRESS_TOO_WIDE;
  write_header(work, recipe, window);
  write_options(work, recipe, &offer, mss);

  __u32 new_size = TCP_HEADER + recipe->options_size;
  if (new_size != old_size && bpf_skb_change_tail(skb, tcp + new_size, 0)) return EGRESS_FAILED;
  barrier_var(new_size);
  if (new_size < TCP_HEADER || new_size > TCP_MOST) return EGRESS_FAILED;
  if (bpf_skb_store_bytes(skb, tcp, work->after, new_size, 0)) return EGRESS_FAILED;
  barrier_var(old_size);
  if (old_size < TCP_HEADER || old_size > TCP_MOST) return EGRESS_FAILED;
  return mend_check(skb, work, tcp, old_size, new_size) ? EGRESS_FAILED : EGRESS_REWRITTEN;
}

// 1: a SYN that opens a connection, 0: something else, -1: cannot tell.
inline_always int is_syn(struct __sk_buff* skb, __u32 tcp) {
  __u8 flags = 0;
  if (bpf_skb_load_bytes(skb, tcp + TCP_FLAGS, &flags, 1)) return -1;
  return (flags & (SYN | ACK | RST | FIN)) == SYN;
}

inline_always __u32 rewrite_v4(struct __sk_buff* skb, const struct egress_recipe* recipe,
                               __u32 start, const struct iphdr* before) {
  const __u32 size = bpf_ntohs(before->tot_len);
  if (before->ihl != 5 || size < sizeof *before) return EGRESS_MALFORMED;
  if (before->frag_off & bpf_htons(IP_FRAGMENT_BITS)) return EGRESS_MALFORMED;
  const __u32 outcome = rewrite_tcp(skb, recipe, start + sizeof *before, size - sizeof *before,
                                    sizeof *before + TCP_HEADER);
  if (outcome != EGRESS_REWRITTEN) return outcome;

  struct iphdr after = *before;
  after.tot_len = bpf_htons(sizeof after + TCP_HEADER + recipe->options_size);
  after.tos &= ~3;  // Whether it can do ECN is said in the TCP header.
  after.frag_off = bpf_htons((recipe->quirks & EGRESS_DF ? IP_DF_BIT : 0) |
                             (recipe->quirks & EGRESS_RESERVED ? IP_RESERVED_BIT : 0));
  if (!(recipe->quirks & EGRESS_ID)) {
    after.id = 0;
  } else if (after.id == 0) {
    after.id = bpf_get_prandom_u32() | 0x0101;
  }
  after.ttl = recipe->ttl;
  const __s64 difference =
      bpf_csum_diff((__be32*)before, sizeof *before, (__be32*)&after, sizeof after, 0);
  if (difference < 0) return EGRESS_FAILED;
  if (bpf_skb_store_bytes(skb, start, &after, sizeof after, 0)) return EGRESS_FAILED;
  if (bpf_l3_csum_replace(skb, start + offsetof(struct iphdr, check), 0, difference, 0)) {
    return EGRESS_FAILED;
  }
  return EGRESS_REWRITTEN;
}

inline_always int on_v4(struct __sk_buff* skb, const struct egress_recipe* recipe, __u32 start,
                        __u8 ttl) {
  struct iphdr ip;
  if (bpf_skb_load_bytes(skb, start, &ip, sizeof ip) || ip.version != 4) {
    return recipe ? fate(EGRESS_MALFORMED) : TC_ACT_UNSPEC;
  }
  const int first = !(ip.frag_off & bpf_htons(IP_FRAGMENT_BITS & ~0x2000));
  if (recipe && recipe->families & EGRESS_V4 && ip.protocol == IPPROTO_TCP && first) {
    const int syn = is_syn(skb, start + ip.ihl * 4);
    if (syn < 0) return fate(EGRESS_MALFORMED);
    if (syn) return fate(rewrite_v4(skb, recipe, start, &ip));
  }
  // Whoever listens to multicast may insist on a TTL.
  const int multicast = (ip.daddr & bpf_htonl(0xf0000000)) == bpf_htonl(0xe0000000);
  if (ip.ttl == ttl || multicast) return TC_ACT_UNSPEC;
  const __u16 before = bpf_htons(ip.ttl << 8 | ip.protocol);
  const __u16 after = bpf_htons(ttl << 8 | ip.protocol);
  if (bpf_skb_store_bytes(skb, start + offsetof(struct iphdr, ttl), &ttl, 1, 0) ||
      bpf_l3_csum_replace(skb, start + offsetof(struct iphdr, check), before, after, 2)) {
    return fate(EGRESS_FAILED);
  }
  return TC_ACT_UNSPEC;
}

inline_always __u32 rewrite_v6(struct __sk_buff* skb, const struct egress_recipe* recipe,
                               __u32 start, const struct ipv6hdr* before) {
  const __u32 outcome = rewrite_tcp(skb, recipe, start + sizeof *before,
                                    bpf_ntohs(before->payload_len), sizeof *before + TCP_HEADER);
  if (outcome != EGRESS_REWRITTEN) return outcome;

  // The first word: version, traffic class (its last two bits are ECN's), flow label.
  __u32 word = bpf_ntohl(*(const __be32*)before);
  __u32 label = recipe->quirks & EGRESS_FLOW ? word & 0xfffff : 0;
  if (recipe->quirks & EGRESS_FLOW && label == 0) label = (bpf_get_prandom_u32() & 0xfffff) | 1;
  word = (word & 0xffc00000) | label;
  struct {
    __be32 word;
    __be16 size;
    __u8 next, hop_limit;
  } after = {bpf_htonl(word), bpf_htons(TCP_HEADER + recipe->options_size), before->nexthdr,
             recipe->ttl};
  if (bpf_skb_store_bytes(skb, start, &after, sizeof after, 0)) return EGRESS_FAILED;
  return EGRESS_REWRITTEN;
}

// A SYN behind extension headers is not looked for: the kernel puts none before TCP.
inline_always int on_v6(struct __sk_buff* skb, const struct egress_recipe* recipe, __u32 start,
                        __u8 ttl) {
  struct ipv6hdr ip;
  if (bpf_skb_load_bytes(skb, start, &ip, sizeof ip) || ip.version != 6) {
    return recipe ? fate(EGRESS_MALFORMED) : TC_ACT_UNSPEC;
  }
  if (recipe && recipe->families & EGRESS_V6 && ip.nexthdr == IPPROTO_TCP) {
    const int syn = is_syn(skb, start + sizeof ip);
    if (syn < 0) return fate(EGRESS_MALFORMED);
    if (syn) return fate(rewrite_v6(skb, recipe, start, &ip));
  }
  // Neighbour discovery is believed with 255 only (RFC 4861, 7.1), so what stays on the link stays.
  if (ip.nexthdr == IPPROTO_ICMPV6 && ip.hop_limit == 255) return TC_ACT_UNSPEC;
  const __u8* to = ip.daddr.s6_addr;
  const int on_link = to[0] == 0xff || (to[0] == 0xfe && (to[1] & 0xc0) == 0x80);
  if (ip.hop_limit == ttl || on_link) return TC_ACT_UNSPEC;
  if (bpf_skb_store_bytes(skb, start + offsetof(struct ipv6hdr, hop_limit), &ttl, 1, 0)) {
    return fate(EGRESS_FAILED);
  }
  return TC_ACT_UNSPEC;
}

// Only a fault of ours, or a recipe that was just taken away, lets it happen. What is not a SYN
// belongs to a connection that has been seen already.
inline_always int without_recipe(struct __sk_buff* skb, __u32 start) {
  __u8 protocol = 0;
  __u32 tcp = start + sizeof(struct ipv6hdr);
  if (skb->protocol == bpf_htons(ETH_P_IP)) {
    __u8 first = 0;
    if (bpf_skb_load_bytes(skb, start, &first, 1)) return fate(EGRESS_UNKNOWN);
    if (bpf_skb_load_bytes(skb, start + offsetof(struct iphdr, protocol), &protocol, 1)) {
      return fate(EGRESS_UNKNOWN);
    }
    tcp = start + (first & 15) * 4;
  } else if (skb->protocol == bpf_htons(ETH_P_IPV6)) {
    if (bpf_skb_load_bytes(skb, start + offsetof(struct ipv6hdr, nexthdr), &protocol, 1)) {
      return fate(EGRESS_UNKNOWN);
    }
  }
  if (protocol == IPPROTO_TCP && is_syn(skb, tcp)) return fate(EGRESS_UNKNOWN);
  return TC_ACT_UNSPEC;
}

SEC("tc")
int airlane_egress(struct __sk_buff* skb) {
  const __u32 index = skb->ifindex;
  const __u32 mark = skb->mark;
  const struct egress_interface* interface = bpf_map_lookup_elem(&by_interface, &index);
  if (!interface) return TC_ACT_UNSPEC;
  const struct egress_recipe* recipe = 0;
  __u8 ttl = interface->ttl;
  if (mark) {
    recipe = bpf_map_lookup_elem(&by_mark, &mark);
    if (!recipe) {
      const int ours = mark - interface->first_mark < interface->marks;
      return ours ? without_recipe(skb, interface->header) : TC_ACT_UNSPEC;
    }
    ttl = recipe->ttl;
  }
  if (ttl == 0) return TC_ACT_UNSPEC;
  if (skb->protocol == bpf_htons(ETH_P_IP)) return on_v4(skb, recipe, interface->header, ttl);
  if (skb->protocol == bpf_htons(ETH_P_IPV6)) return on_v6(skb, recipe, interface->header, ttl);
  return TC_ACT_UNSPEC;
}
