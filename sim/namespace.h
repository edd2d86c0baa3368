// A network namespace that has no name: it lives as long as this descriptor, the sockets made in it
// and the process that holds both. So nothing of it can be left behind, not even by kill -9.
//
// Single-threaded by design: an Inside guard moves the calling thread, and every socket, `ip` and
// `nft` made while it stands belongs to that namespace for good.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace airlane::sim {

class Namespace {
 public:
  // A fresh one, without IPv6, with its loopback down.
  static Outcome<Namespace> create();
  // The one that the caller is in.
  static Outcome<Namespace> current();

  // Where another process finds it: "/proc/1234/fd/7".
  [[nodiscard]] std::string path() const;
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

  // One batch of `ip` commands, or one nft script, run inside.
  [[nodiscard]] Outcome<Done> ip(std::string_view batch) const;
  [[nodiscard]] Outcome<Done> nft(std::string_view script) const;
  // Writes /proc/sys/net/NAME; a kernel without that name is no failure.
  void sysctl(const std::string& name, std::string_view value) const;
  void enable_ipv6() const { switch_ipv6("0"); }

 private:
  explicit Namespace(UniqueFd fd) : fd_(std::move(fd)) {}
  void switch_ipv6(std::string_view disabled) const;

  UniqueFd fd_;
};

// While it lives, the calling thread is inside. Aborts rather than go on in the wrong namespace.
class Inside {
 public:
  explicit Inside(const Namespace& where);
  Inside(Inside&&) = delete;
  ~Inside();

 private:
  UniqueFd back_;
};

}  // namespace airlane::sim
