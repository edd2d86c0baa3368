// Which proxy looks how: the marks of its sockets, and what the kernel knows of them.
//
// Each proxy has two marks of its own, by its counter row, and uses one of them. Another
// fingerprint takes the other one, so that connections which are there keep the looks that they
// began with, and one that is being opened is not told two things. What a mark looks like is not
// taken back, for the same reason; a process that is started forgets it.
//
// Never native: a proxy whose fingerprint cannot be given to its packets (it is not understood, the
// kernel does not load the program, the interface does not take it) has no looks at all, and nobody
// leaves by it until that is mended.
//
// A dongle is dressed from its first proxy with a fingerprint on, until it or the process ends.
// What has no mark, because no socket of a proxy with a fingerprint has sent it, gets the TTL that
// most proxies of the dongle have, if all of them have one; otherwise it stays as it is, because it
// may be a packet of a proxy without a fingerprint.
//
// Owned by the farm, control thread only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "control/kernel.h"
#include "db/proxies.h"
#include "proxy/looks.h"

namespace airlane {

class Dresser {
 public:
  // Marks are `first_mark` and what follows, two for each counter row.
  Dresser(Kernel& kernel, std::uint32_t first_mark) : kernel_(kernel), first_mark_(first_mark) {}
  Dresser(Dresser&&) = delete;

  // All proxies, as they were stored; before any dongle is dressed. Those that cannot be given
  // their fingerprint are said in the log.
  void start(const std::map<std::int64_t, ProxyRecord>& proxies);

  // Whether a proxy could have its fingerprint, its dongle apart. Changes nothing.
  Outcome<Done> check(const ProxyRecord& proxy);
  // Before a proxy is stored, and after all else that may fail: its fingerprint, which was checked,
  // for the kernel. What had its fingerprint before the last one looks like it from now on.
  Outcome<Done> prepare(const ProxyRecord& proxy);
  void follow(const ProxyRecord& proxy);  // It was stored.
  void forget(const ProxyRecord& proxy);  // It was removed.

  // Absent: it has a fingerprint, and nobody may leave without that.
  [[nodiscard]] std::optional<Looks> looks_of(const ProxyRecord& proxy) const;
  // Why they are absent, in a sentence; empty when they are not.
  [[nodiscard]] std::string trouble_of(const ProxyRecord& proxy) const;

  // Has the interface's packets looked at from now on, whether it was before or not. The index of
  // the interface; 0 when it is away.
  Outcome<int> dress(std::int64_t dongle, const std::string& interface);
  // The same of a dongle that is to be dressed; of another, nothing and 0.
  Outcome<int> keep_dressed(std::int64_t dongle, const std::string& interface);
  // Also what a process before this one has left there.
  void undress(std::int64_t dongle, const std::string& interface);
  // The dongle has another interface from now on. It stays to be dressed, there.
  void take_off(const std::string& interface);
  [[nodiscard]] bool is_dressed(std::int64_t dongle) const { return dressed_.contains(dongle); }

 private:
  struct Worn {
    std::int64_t dongle = 0;
    std::optional<Recipe> recipe{};  // Absent: no fingerprint, or trouble.
    std::string trouble{};
    // How often it has got another fingerprint; whether that is odd is which of its marks it has.
    std::uint32_t change = 0;
  };

  [[nodiscard]] std::uint32_t mark_of(std::uint32_t row, std::uint32_t change) const {
    return first_mark_ + 2 * row + change % 2;
  }
  [[nodiscard]] std::uint32_t change_for(std::uint32_t row, const Recipe& recipe) const;
  Outcome<Done> give(std::uint32_t mark, const Recipe& recipe);
  Outcome<Recipe> find_at_start(const ProxyRecord& proxy);
  [[nodiscard]] std::uint8_t ttl_of(std::int64_t dongle) const;

  Kernel& kernel_;
  const std::uint32_t first_mark_;
  std::map<std::uint32_t, Worn> worn_;        // By counter row: every proxy.
  std::set<std::uint32_t> given_;             // Marks that the kernel knows by us.
  std::set<std::int64_t> dressed_;            // Dongles.
  std::map<std::int64_t, std::string> bare_;  // Those that could not be, and why.
};

}  // namespace airlane
