#include "control/modem/hilink.h"

#include <algorithm>
#include <charconv>

#include "base/http/client.h"
#include "control/modem/hilink_session.h"
#include "control/modem/options.h"

namespace airlane {
namespace {

using namespace std::chrono_literals;

constexpr auto kHold = 2s;
constexpr auto kHoldMost = 60s;
constexpr int kLonger = 3;         // Times, for each attempt after the first.
constexpr auto kOperation = 60s;   // One operation, however many calls and whatever the hold.
constexpr auto kGlance = 10s;      // A look whether it is back.
constexpr auto kWayBack = 30s;     // For undoing the first half of a rotation.
constexpr auto kLastWayBack = 4s;  // The same, when we are stopping.
constexpr auto kLastCall = 2s;
constexpr int kReadBackTries = 6;

const char* const kDataSwitch = "dialup/mobile-dataswitch";
const char* const kStatus = "monitoring/status";
const char* const kNetMode = "net/net-mode";
const char* const k3g = "02";
const char* const k4g = "03";

Failure unavailable(std::string text) { return {Failure::Kind::kUnavailable, std::move(text)}; }

// A rotation is a setting changed, held and changed back. The modem replaces the whole setting, so
// all of its fields are written, in the modem's order; `key` is the one that differs.
struct Change {
  const char* path;
  const char* key;
  Fields there;
  Fields back;
};

class Hilink : public Driver {
 public:
  Hilink(HilinkAccess access, bool by_net_mode, std::chrono::milliseconds hold)
      : access_(std::move(access)), by_net_mode_(by_net_mode), hold_(hold) {}

  Outcome<Done> rotate(const Stop& stop) override { return rotate_again(1, stop); }
  Outcome<Done> rotate_again(int attempt, const Stop& stop) override;
  [[nodiscard]] std::chrono::milliseconds hold(int attempt) const override;
  Outcome<Done> reboot(const Stop& stop) override;
  bool is_back(const Stop& stop) override;
  Outcome<ModemStatus> status(const Stop& stop) override;
  Outcome<bool> recover(const Stop& stop) override;

 private:
  Outcome<HilinkSession> session(const Stop& stop, Monotonic::duration time);
  HilinkResult<Change> plan(HilinkSession& session);
  HilinkResult<Done> write(HilinkSession& session, const Change& change, const Fields& fields,
                           const Stop& stop);
  Outcome<Done> write_back(const Change& change, const Stop& stop);
  Failure failed(const HilinkRefusal& refusal);

  HilinkAccess access_;
  bool by_net_mode_;
  std::chrono::milliseconds hold_;
  bool password_refused_ = false;
};

// One wrong password per driver: a few more and the modem locks itself.
Outcome<HilinkSession> Hilink::session(const Stop& stop, Monotonic::duration time) {
  if (access_.interface.empty()) return unavailable("The dongle has no interface.");
  if (access_.url.empty()) {
    return unavailable("The modem's address is not known: set the gateway or option \"url\".");
  }
  if (password_refused_) {
    return unavailable(
        "The modem has refused the password: it is not tried again until the "
        "dongle's options change.");
  }
  return HilinkSession(access_, stop, Monotonic::now() + time);
}

Failure Hilink::failed(const HilinkRefusal& refusal) {
  password_refused_ = password_refused_ || refusal.is_about_password();
  return refusal.failure;
}

std::chrono::milliseconds Hilink::hold(int attempt) const {
  auto time = hold_;
  for (int i = 1; i < attempt && time < kHoldMost; ++i) time *= kLonger;
  return std::min<std::chrono::milliseconds>(time, kHoldMost);
}

Outcome<Done> Hilink::rotate_again(int attempt, const Stop& stop) {
  auto session = this->session(stop, kOperation);
  if (!session) return session.error();
  const auto change = plan(*session);
  if (!change) return failed(change.error());
  const auto gone = write(*session, *change, change->there, stop);
  if (!gone && !session->has_written()) return failed(gone.error());
  if (gone) pause(stop, hold(attempt));
  // Whatever happened: a modem that may be off the network is brought back.
  auto returned = write_back(*change, stop);
  if (!gone) return failed(gone.error());
  return returned;
}

HilinkResult<Change> Hilink::plan(HilinkSession& session) {
  if (!by_net_mode_) {
    return Change{kDataSwitch, "dataswitch", {{"dataswitch", "0"}}, {{"dataswitch", "1"}}};
  }
  auto fields = session.get(kNetMode);
  if (!fields) return fields.error();
  Change change{kNetMode, "NetworkMode", *fields, *fields};
  for (auto& [name, value] : change.there) {
    if (name == change.key) value = value == k3g ? k4g : k3g;
  }
  if (change.there == change.back) {
    return HilinkRefusal{0, unavailable("The modem does not tell its network mode.")};
  }
  return change;
}

HilinkResult<Done> Hilink::write(HilinkSession& session, const Change& change, const Fields& fields,
                                 const Stop& stop) {
  if (auto posted = session.post(change.path, fields); !posted) return posted;
  const auto wanted = field_of(fields, change.key);
  for (int attempt = 1;; ++attempt) {
    const auto now = session.get(change.path);
    if (!now) return now.error();
    if (field_of(*now, change.key) == wanted) return Done{};
    if (attempt == kReadBackTries || !pause(stop, access_.pace)) break;
  }
  return HilinkRefusal{0, unavailable("The modem said OK but did not change " +
                                      std::string(change.key) + " to " + wanted + ".")};
}

// Tries again with new sessions, because what it undoes leaves the dongle useless. When we are
// stopping it still tries, for a short while and deaf to `stop`.
Outcome<Done> Hilink::write_back(const Change& change, const Stop& stop) {
  const auto until = Monotonic::now() + kWayBack;
  for (;;) {
    const bool last = stop.stop_requested();
    auto access = access_;
    if (last) access.call = kLastCall;
    const auto end = last ? Monotonic::now() + kLastWayBack : until;
    HilinkSession session(access, last ? Stop() : stop, end);
    const auto written = write(session, change, change.back, last ? Stop() : stop);
    if (written) return Done{};
    const auto failure = failed(written.error());
    const bool over = last || password_refused_ || Monotonic::now() >= until;
    if (over) return failure;
    pause(stop, access_.pace);
  }
}

Outcome<Done> Hilink::reboot(const Stop& stop) {
  auto session = this->session(stop, kOperation);
  if (!session) return session.error();
  const auto posted = session->post("device/control", {{"Control", "1"}});
  if (posted) return Done{};
  const auto& refusal = posted.error();
  // Silence after the order is what a modem sounds like that follows it at once.
  const bool silent = refusal.code == 0 && session->has_written() && !stop.stop_requested();
  if (silent && !http::fetch({.url = access_.url + "/",
                              .interface = access_.interface,
                              .timeout = kLastCall,
                              .stop = stop})) {
    return Done{};
  }
  return failed(refusal);
}

// Data that is off was switched off by a rotation that never came to its end. A network mode says
// nothing like that.
Outcome<bool> Hilink::recover(const Stop& stop) {
  if (by_net_mode_) return false;
  auto session = this->session(stop, kOperation);
  if (!session) return session.error();
  const auto data = session->get(kDataSwitch);
  if (!data) return failed(data.error());
  if (field_of(*data, "dataswitch") != "0") return false;
  const auto back = write_back({kDataSwitch, "dataswitch", {}, {{"dataswitch", "1"}}}, stop);
  if (!back) return back.error();
  return true;
}

std::string network_name(const std::string& type) {
  int number = 0;
  std::from_chars(type.data(), type.data() + type.size(), number);
  if (number == 19 || number == 101) return "LTE";
  if (number == 111) return "5G";
  if ((number >= 4 && number <= 18) || (number >= 41 && number <= 65)) return "3G";
  if (number >= 1 && number <= 3) return "2G";
  return number == 0 ? "" : type;
}

bool is_connected(const Fields& status) { return field_of(status, "ConnectionStatus") == "901"; }

bool Hilink::is_back(const Stop& stop) {
  auto session = this->session(stop, kGlance);
  if (!session) return true;
  const auto fields = session->get(kStatus);
  if (fields) return is_connected(*fields);
  static_cast<void>(failed(fields.error()));  // Which remembers a password that was refused.
  return true;
}

Outcome<ModemStatus> Hilink::status(const Stop& stop) {
  auto session = this->session(stop, kOperation);
  if (!session) return session.error();
  const auto fields = session->get(kStatus);
  if (!fields) return failed(fields.error());
  ModemStatus status;
  status.connected = is_connected(*fields);
  status.network = network_name(field_of(*fields, "CurrentNetworkType"));
  status.address = field_of(*fields, "WanIPAddress");
  const auto bars = field_of(*fields, "SignalIcon");
  if (bars.size() == 1 && bars[0] >= '0' && bars[0] <= '5') status.signal = bars[0] - '0';
  // Not every firmware tells its carrier; the rest is worth having without.
  if (const auto plmn = session->get("net/current-plmn")) {
    status.carrier = field_of(*plmn, "FullName");
  }
  return status;
}

Failure invalid(std::string text) { return {Failure::Kind::kInvalid, std::move(text)}; }

}  // namespace

MadeDriver make_hilink(const DriverConfig& config) {
  HilinkAccess access;
  access.interface = config.interface;
  access.username = text_option(config.options, "username", "admin");
  access.password = text_option(config.options, "password");
  if (!config.gateway.same_ip(Address())) access.url = "http://" + config.gateway.ip();
  access.url = text_option(config.options, "url", access.url);
  while (access.url.ends_with('/')) access.url.pop_back();
  if (config.options.contains("url")) {
    const auto target = http::target_of(access.url);
    if (!target) return invalid("Option \"url\": " + target.error().text);
    if (!target->address) return invalid("Option \"url\" must name the modem by its address.");
  }
  const auto method = text_option(config.options, "method", "dataswitch");
  if (method != "dataswitch" && method != "net-mode") {
    return invalid("Option \"method\" must be \"dataswitch\" or \"net-mode\".");
  }
  const auto hold = duration_option(config.options, "hold", kHold, kHoldMost);
  if (!hold) return hold.error();
  return std::unique_ptr<Driver>(new Hilink(std::move(access), method == "net-mode", *hold));
}

}  // namespace airlane
