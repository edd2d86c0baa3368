#include "control/modem/none.h"

namespace airlane {
namespace {

Failure no_control() {
  return {Failure::Kind::kUnavailable, "This dongle has no modem control: its driver is \"none\"."};
}

class None : public Driver {
 public:
  [[nodiscard]] bool can_rotate() const override { return false; }
  Outcome<Done> rotate(const Stop&) override { return no_control(); }
  Outcome<Done> reboot(const Stop&) override { return no_control(); }
  Outcome<ModemStatus> status(const Stop&) override { return no_control(); }
};

}  // namespace

MadeDriver make_none(const DriverConfig&) { return std::unique_ptr<Driver>(new None); }

}  // namespace airlane
