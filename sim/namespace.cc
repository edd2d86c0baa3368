#include "sim/namespace.h"

#include <fcntl.h>
#include <sched.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "base/log.h"
#include "sim/command.h"

namespace airlane::sim {
namespace {

UniqueFd open_current() {
  return UniqueFd(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
}

void enter(int fd) {
  if (setns(fd, CLONE_NEWNET) == 0) return;
  log::error(std::string("setns: ") + std::strerror(errno));
  std::abort();
}

Failure failed(const char* what) {
  return {Failure::Kind::kInternal, std::string(what) + ": " + std::strerror(errno)};
}

}  // namespace

Outcome<Namespace> Namespace::create() {
  const auto back = open_current();
  if (!back) return failed("open /proc/thread-self/ns/net");
  if (unshare(CLONE_NEWNET) != 0) return failed("make a network namespace");
  Namespace made(open_current());
  enter(back.get());
  if (!made.fd_) return failed("open the new network namespace");
  made.switch_ipv6("1");
  return made;
}

Outcome<Namespace> Namespace::current() {
  auto fd = open_current();
  if (!fd) return failed("open /proc/thread-self/ns/net");
  return Namespace(std::move(fd));
}

std::string Namespace::path() const {
  return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(fd_.get());
}

Outcome<Done> Namespace::ip(std::string_view batch) const {
  const Inside inside(*this);
  const auto ran = run({"ip", "-batch", "-"}, batch);
  if (!ran) return ran.error();
  return Done();
}

Outcome<Done> Namespace::nft(std::string_view script) const {
  const Inside inside(*this);
  const auto ran = run({"nft", "-f", "-"}, script);
  if (!ran) return ran.error();
  return Done();
}

void Namespace::sysctl(const std::string& name, std::string_view value) const {
  const Inside inside(*this);
  std::ofstream("/proc/sys/net/" + name) << value;
}

void Namespace::switch_ipv6(std::string_view disabled) const {
  sysctl("ipv6/conf/all/disable_ipv6", disabled);
  sysctl("ipv6/conf/default/disable_ipv6", disabled);
}

Inside::Inside(const Namespace& where) : back_(open_current()) {
  if (!back_) std::abort();
  enter(where.fd());
}

Inside::~Inside() { enter(back_.get()); }

}  // namespace airlane::sim
