// Everything that one airlane-sim holds: the internet and the dongles, wired in the namespace that
// it was started in. Destruction takes it all away; so does the death of the process.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/internet.h"
#include "sim/modem.h"

namespace airlane::sim {

struct FarmOptions {
  int dongles = 3;
  std::string prefix = "dg";
  bool hilink = true;
  std::uint32_t seed = 0;
  bool ipv6 = false;
  Settings settings;
};

class Farm {
 public:
  static Outcome<std::unique_ptr<Farm>> create(Loop& loop, const FarmOptions& options);
  ~Farm();

  [[nodiscard]] const Internet& internet() const noexcept { return *internet_; }
  [[nodiscard]] const std::vector<std::unique_ptr<Modem>>& modems() const noexcept {
    return modems_;
  }
  // Of the host end, or 0 while it is away.
  [[nodiscard]] unsigned ifindex(const Modem& modem) const;

  static constexpr int kDonglesMax = 2000;

 private:
  Farm(Loop& loop, Namespace host, std::unique_ptr<Internet> internet, const FarmOptions& options);

  Outcome<Done> make_dongles(const FarmOptions& options);

  Namespace host_;
  std::unique_ptr<Internet> internet_;
  AddressPool pool_;
  World world_;
  std::vector<std::unique_ptr<Modem>> modems_;
  bool wired_ = false;
};

}  // namespace airlane::sim
