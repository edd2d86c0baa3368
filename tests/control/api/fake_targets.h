// The part of the FakeBackend that tells where bytes went.
#pragma once

#include <cstdint>
#include <string>

#include "tests/control/api/fake_transfers.h"

namespace airlane::test {

class FakeTargets : public FakeTransfers {
 public:
  [[nodiscard]] unsigned targets_kept(const ProxyRecord& row) const override {
    return row.targets_kept.value_or(0);
  }
  void report_targets(std::int64_t id, std::int64_t first_day, std::int64_t last_day,
                      Then<TargetSummary> then) override {
    log.push_back("targets " + std::to_string(id) + " " + std::to_string(first_day) + " " +
                  std::to_string(last_day));
    later(then, targets);
  }
  void forget_targets(std::int64_t id, Then<Done> then) override {
    log.push_back("forget targets " + std::to_string(id));
    later(then, Outcome<Done>(Done{}));
  }

  Outcome<TargetSummary> targets{TargetSummary{}};

 protected:
  using FakeTransfers::FakeTransfers;
};

}  // namespace airlane::test
