// What every modem can be asked, in whatever protocol it speaks.
//
// Owned by its Dongle and used on that dongle's thread only. A call may block up to a deadline of
// its own, and ends early when `stop` is requested; making a driver does no I/O. Every failure is a
// sentence for the operator.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/result.h"

namespace airlane {

using Stop = std::stop_token;  // Requested when the dongle or the program is to end.

// False when the pause was cut short because `stop` was requested.
bool pause(const Stop& stop, std::chrono::milliseconds time);

using DriverOptions = std::map<std::string, std::string>;

struct DriverConfig {
  std::string dongle;
  std::string interface;
  Address gateway;  // The modem's own address; 0.0.0.0 when it is not known.
  DriverOptions options;
};

struct OptionKind {
  std::string_view name;
  std::string_view meaning;  // For `dongle add --help` and the manual.
  bool is_secret = false;    // Never shown again, never logged.
};

struct ModemStatus {
  bool connected = false;
  std::string carrier;        // As the modem spells it; empty when it does not say.
  std::string network;        // "LTE", "3G", "2G", or the modem's own word.
  std::optional<int> signal;  // Bars, 0 to 5.
  std::string address;        // The carrier's, often behind its NAT; not the external IP.
};

class Driver {
 public:
  virtual ~Driver() = default;

  // False when rotate() could only ever refuse; then nobody needs to close a tunnel for it.
  [[nodiscard]] virtual bool can_rotate() const { return true; }
  // Makes the carrier hand out another address. Returns when the modem has done its part, which is
  // before the new address can be used.
  virtual Outcome<Done> rotate(const Stop& stop) = 0;
  // The same for the `attempt`th time in a row (from 1), because those before did not bring an
  // address that was wanted: the longer a modem is away, the rather it gets another one.
  virtual Outcome<Done> rotate_again(int /*attempt*/, const Stop& stop) { return rotate(stop); }
  // How long that keeps the modem off the network, as far as the driver decides it.
  [[nodiscard]] virtual std::chrono::milliseconds hold(int /*attempt*/) const { return {}; }
  // Returns when the modem has accepted; it goes away soon after, and comes back.
  virtual Outcome<Done> reboot(const Stop& stop) = 0;
  // After either, once the link is up: false while the modem itself says that it has no connection.
  // True also when it cannot be asked, so that nobody is kept waiting for that. Takes 10 s at most.
  virtual bool is_back(const Stop&) { return true; }
  // Ends what a rotation began that was cut short, by kill -9 or a power failure: whether there was
  // anything to do. Asked once, before anything else.
  virtual Outcome<bool> recover(const Stop&) { return false; }
  virtual Outcome<ModemStatus> status(const Stop& stop) = 0;
};

using MadeDriver = Outcome<std::unique_ptr<Driver>>;

}  // namespace airlane
