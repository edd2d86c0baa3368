// What the program in the kernel (egress.bpf.c) and the server (egress.h) tell each other through
// maps. C and C++; numbers are in the host's byte order, sizes are the same for both.
#pragma once

#include <linux/types.h>

enum {
  EGRESS_OPTIONS_MOST = 40,  // What fits behind a TCP header.
  EGRESS_ABSENT = 255,       // An offset, or a scale, that there is none of.
};

// Which families' SYNs are rewritten. The TTL is set on packets of both.
enum { EGRESS_V4 = 1, EGRESS_V6 = 2 };

enum {
  EGRESS_WINDOW_KERNELS,
  EGRESS_WINDOW_FIXED,
  EGRESS_WINDOW_MULTIPLE,  // The largest multiple of `window` that the kernel's window holds.
  EGRESS_WINDOW_TIMES_MSS,
  EGRESS_WINDOW_TIMES_MTU,
};

enum {
  EGRESS_DF = 1 << 0,
  EGRESS_ID = 1 << 1,         // An IP id other than 0; without it, 0.
  EGRESS_RESERVED = 1 << 2,   // The reserved bit of the IP header.
  EGRESS_ECN = 1 << 3,        // ECE and CWR.
  EGRESS_FLOW = 1 << 4,       // An IPv6 flow label; without it, 0.
  EGRESS_ACK_VALUE = 1 << 5,  // An ACK number, without the flag.
  EGRESS_URGENT = 1 << 6,     // An urgent pointer.
  EGRESS_URGENT_FLAG = 1 << 7,
  EGRESS_PUSH_FLAG = 1 << 8,
  EGRESS_TIME_ZERO = 1 << 9,   // The own timestamp is 0.
  EGRESS_PEER_TIME = 1 << 10,  // The peer's timestamp is not.
  EGRESS_MSS_KERNELS = 1 << 11,
  EGRESS_SACK_ALLOWED = 1 << 12,  // The options say so: the kernel must have said it, too.
};

// How the packets of one mark look: what a signature compiles to.
struct egress_recipe {
  __u16 quirks;
  __u16 mss;
  __u16 window;  // By window_form: the window, its divisor or its factor.
  __u8 window_form;
  __u8 families;
  __u8 ttl;           // Of every packet.
  __u8 scale;         // Or EGRESS_ABSENT: the kernel's.
  __u8 options_size;  // A multiple of 4.
  __u8 mss_at;        // Offsets of the values in `options`, or EGRESS_ABSENT.
  __u8 scale_at;
  __u8 time_at;
  __u8 spare[2];
  __u8 options[EGRESS_OPTIONS_MOST];  // With zeros where the values go.
};

// An interface whose packets the program looks at.
struct egress_interface {
  __u8 header;  // Bytes before the IP header: 14 of Ethernet, or none.
  __u8 ttl;     // Of packets without a mark, which no socket of ours has sent; 0: as it is.
  __u8 spare[2];
  __u32 first_mark;  // Marks that are ours, and nobody else's, also those without a recipe.
  __u32 marks;
};

// What became of SYNs: the index of a counter.
enum {
  EGRESS_REWRITTEN,
  // The others were dropped.
  EGRESS_MALFORMED,    // Not a SYN as Linux sends them: fragmented, with data, or with IP options.
  EGRESS_NOT_OFFERED,  // The signature has an option that the kernel did not offer.
  EGRESS_OTHER_SCALE,  // The socket scales its window in another way than the signature says.
  EGRESS_TOO_WIDE,     // The window would be more than 65535: the MSS is too large for its factor.
  EGRESS_FAILED,       // A helper of the kernel failed.
  EGRESS_UNKNOWN,      // A mark of ours that has no recipe.
  EGRESS_OUTCOMES,
};
