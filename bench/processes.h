// What a proxy costs: processor time and memory of a process and its descendants, and the kernel's
// memory of the whole machine. Read from /proc; owns nothing.
#pragma once

#include <sys/types.h>

#include <vector>

namespace airlane::bench {

class Processes {
 public:
  explicit Processes(pid_t root) : root_(root) {}  // 0: of nobody, and everything is 0.

  // User and system time since ever, also of threads and waited-for children that have ended.
  // To the nanosecond where they live; children that have ended count in ticks.
  [[nodiscard]] double cpu_seconds() const;

  // Private memory is what ending them would give back; pss shares out what several map.
  struct Memory {
    double rss_kib = 0, pss_kib = 0, private_kib = 0;
    long descriptors = 0;
  };
  [[nodiscard]] Memory memory() const;

 private:
  [[nodiscard]] std::vector<pid_t> tree() const;
  pid_t root_;
};

struct KernelMemory {
  double tcp_kib = 0;        // What sockets hold in buffers: /proc/net/sockstat.
  double slab_kib = 0;       // Sockets, descriptors and epoll items themselves.
  double available_kib = 0;  // What the machine could still give.
};
KernelMemory kernel_memory();

}  // namespace airlane::bench
