// A network of its own for every test: an empty namespace, in which `ip` commands make dongles.
//
// A dongle is one end of a veth pair; the other end, named after it with an "m" for modem, stays in
// the same namespace without an address. Nothing here leaves the namespace, and the kernel takes it
// all away when the next test, or the end of the process, leaves it.
#pragma once

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>

#include "base/unique_fd.h"
#include "netlink/egress_table.h"
#include "netlink/rtnl_socket.h"

namespace airlane::test {

// What a command prints, both streams; `status` is 0 when it was content.
struct Output {
  int status = 0;
  std::string text;
};

inline Output run(const std::string& command) {
  Output output;
  auto* pipe = popen(("{ " + command + "\n} 2>&1").c_str(), "r");
  std::array<char, 512> line{};
  while (fgets(line.data(), line.size(), pipe) != nullptr) output.text += line.data();
  output.status = pclose(pipe);
  return output;
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class NetworkTest : public ::testing::Test {
 protected:
  static constexpr auto kMac = "0c:5b:8f:27:9a:64";

  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "making a network namespace needs root";
    if (unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "no network namespace can be made here";
    ip("link set lo up");
    auto opened = RtnlSocket::open();
    ASSERT_TRUE(opened) << opened.error().text;
    socket_.emplace(*std::move(opened));
  }

  static void ip(const std::string& arguments) {
    const auto output = run("ip " + arguments);
    ASSERT_EQ(output.status, 0) << "ip " << arguments << ": " << output.text;
  }
  static std::string ask(const std::string& arguments) { return run("ip " + arguments).text; }

  // All dongles have the same MAC; twins have the same address, too.
  static void plug_in(const std::string& name, const std::string& address = "192.168.8.100/24") {
    ip("link add " + name + " address " + kMac + " type veth peer name m" + name);
    // Duplicate detection takes seconds, and there is nobody to ask.
    std::ofstream("/proc/sys/net/ipv6/conf/" + name + "/accept_dad") << 0;
    ip("link set m" + name + " up");
    ip("link set " + name + " up");
    await_state("m" + name, "UP");
    await_state(name, "UP");
    if (!address.empty()) ip("addr add " + address + " dev " + name + " noprefixroute");
  }
  // The kernel notices a carrier in its own time; a second at most.
  static void await_state(const std::string& name, const std::string& state) {
    for (int tries = 0; tries < 200; ++tries) {
      if (contains(ask("link show dev " + name), " state " + state + " ")) return;
      usleep(10'000);
    }
    FAIL() << ask("link show dev " + name);
  }
  static void unplug(const std::string& name) { ip("link del " + name); }

  static EgressPlan plan(std::int64_t dongle, const std::string& interface,
                         const char* gateway = nullptr) {
    const auto address = gateway != nullptr ? Address::parse(gateway) : std::nullopt;
    return *make_egress_plan(dongle, interface, address);
  }

  EgressState installed(const EgressPlan& plan) {
    const auto state = install(*socket_, plan);
    EXPECT_TRUE(state) << state.error().text;
    return state ? *state : EgressState();
  }

  static std::string table(std::uint32_t number, const std::string& family = "-4") {
    return ask(family + " route show table " + std::to_string(number));
  }
  static std::string rules(const std::string& family = "-4") { return ask(family + " rule show"); }

  static void give_the_host_a_way_out() {
    ip("link add wan type veth peer name mwan");
    ip("link set mwan up");
    ip("link set wan up");
    ip("addr add 203.0.113.2/24 dev wan");
    ip("route add default via 203.0.113.1");
  }

  // What connect(2) says to a socket that was bound to `interface`; 0 for "on its way".
  static int connect_by(const std::string& interface, const char* target) {
    const auto address = *Address::parse(target, 80);
    const UniqueFd fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK, 0));
    const auto length = static_cast<socklen_t>(interface.size());
    if (setsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(), length) != 0) {
      return errno;
    }
    sockaddr_storage storage{};
    const auto size = address.to_sockaddr(storage);
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&storage), size) == 0) return 0;
    return errno == EINPROGRESS ? 0 : errno;
  }

  std::optional<RtnlSocket> socket_;
};

}  // namespace airlane::test
