#include "control/checks.h"

#include <net/if.h>

#include <algorithm>
#include <array>
#include <string>

#include "control/limits.h"
#include "control/modem/drivers.h"
#include "control/quota_period.h"
#include "control/schedule/calendar.h"
#include "control/schedule/interval.h"

namespace airlane {
namespace {

constexpr std::size_t kNameMost = 64;
constexpr std::size_t kPasswordLeast = 8;     // Characters.
constexpr std::size_t kCredentialMost = 255;  // RFC 1929, section 2: a length is one byte.
constexpr std::size_t kCommentMost = 1000;
constexpr std::size_t kCalendarMost = 1000;
constexpr std::size_t kWhitelistMost = 1024;
constexpr std::size_t kDnsMost = 8;
constexpr std::size_t kRulesMost = 256;
constexpr std::int64_t kRateMost = 100LL << 30;
constexpr std::string_view kNameCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.@-";

Failure invalid(std::string text) { return {Failure::Kind::kInvalid, std::move(text)}; }

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_control);
}

Outcome<Done> check_credential(const std::string& what, std::string_view text) {
  if (text.empty()) return invalid("There must be a " + what + ".");
  if (text.size() > kCredentialMost) {
    return invalid("The " + what + " is longer than 255 bytes, which SOCKS5 cannot carry.");
  }
  if (has_control(text)) return invalid("The " + what + " has a control character in it.");
  return Done{};
}

// What the kernel accepts as a name, dev_valid_name(), and no more than the eye can read.
Outcome<Done> check_interface(std::string_view name) {
  const auto fine = [](char c) { return c > ' ' && c < 0x7f && c != '/' && c != ':'; };
  if (name.empty() || name.size() >= IFNAMSIZ || name == "." || name == ".." ||
      !std::all_of(name.begin(), name.end(), fine)) {
    return invalid(
        "The interface must be a name of 1 to 15 characters without spaces, '/' or ':'.");
  }
  if (name == "lo") return invalid("The loopback interface cannot be a dongle.");
  return Done{};
}

// Of each field the first thing that is wrong is kept.
class Faults {
 public:
  void expect(const char* field, const Outcome<Done>& good) {
    if (!good) refuse(field, good.error().text);
  }
  void expect(const char* field, bool good, const char* sentence) {
    if (!good) refuse(field, sentence);
  }
  std::vector<Fault> take() { return std::move(all_); }

 private:
  void refuse(const char* field, std::string sentence) {
    if (all_.empty() || all_.back().field != field) all_.push_back({field, std::move(sentence)});
  }

  std::vector<Fault> all_;
};

void look_at(const QuotaRecord& quota, Faults& faults) {
  faults.expect("quota.bytes", quota.bytes >= 1, "A quota is at least one byte.");
  faults.expect("quota.period", quota.period == "day" || quota.period == "month",
                "The period of a quota must be day or month.");
  faults.expect(
      "quota.time_zone", is_zone(quota.zone),
      "The time zone of a quota must be UTC, a name such as Europe/Rome, or how far ahead of UTC "
      "the clock is: \"+01:00\".");
  const bool throttles = quota.action == "throttle";
  faults.expect("quota.action", throttles || quota.action == "refuse",
                "The action of a quota must be refuse or throttle.");
  faults.expect("quota.rate", quota.action != "refuse" || quota.rate == 0,
                "A quota that refuses has no rate; its action must be throttle for that.");
  faults.expect("quota.rate", !throttles || (quota.rate >= 1 && quota.rate <= kRateMost),
                "A quota that throttles needs a rate, of 1 byte to 100 GiB per second.");
}

struct Bound {
  const char* field;
  LimitsRecord::Number LimitsRecord::*number;
  std::int64_t most;  // As in conf/schema.cc.
};
constexpr std::array kBounds{
    Bound{"limits.connections", &LimitsRecord::connections, 10'000'000},
    Bound{"limits.connections_per_source", &LimitsRecord::connections_per_source, 50'000},
    Bound{"limits.new_per_second", &LimitsRecord::new_per_second, 1'000'000},
    Bound{"limits.upload", &LimitsRecord::upload, kRateMost},
    Bound{"limits.download", &LimitsRecord::download, kRateMost},
};

void look_at(const LimitsRecord& limits, Faults& faults) {
  for (const auto& [field, number, most] : kBounds) {
    const auto value = (limits.*number).value_or(0);
    if (value >= 0 && value <= most) continue;
    const auto name = std::string(field).substr(std::string_view("limits.").size());
    faults.expect(field, invalid("The limit " + name + " must be a number from 0 (none) to " +
                                 std::to_string(most) + "."));
  }
  constexpr auto kRules = "limits.destinations";
  faults.expect(kRules, limits.destinations.size() <= kRulesMost,
                "There are more than 256 destination rules.");
  for (const auto& text : limits.destinations) {
    const auto rule = parse_destination_rule(text);
    if (!rule) faults.expect(kRules, rule.error());
  }
}

// What a proxy and a credential have in common.
template <class Record>
void look_at_account(const Record& record, Faults& faults) {
  faults.expect("src_whitelist_mode", whitelist_mode_of(record.whitelist_mode).has_value(),
                "The whitelist mode must be bypass, restrict or only.");
  if (record.quota) look_at(*record.quota, faults);
  look_at(record.limits, faults);
  faults.expect("src_whitelist", record.whitelist.size() <= kWhitelistMost,
                "The whitelist has more than 1024 networks.");
  faults.expect(
      "in_use_till",
      !record.in_use_from || !record.in_use_till || *record.in_use_from < *record.in_use_till,
      "The rental must begin before it ends.");
}

Outcome<Done> first_of(const std::vector<Fault>& faults) {
  if (faults.empty()) return Done{};
  return invalid(faults.front().sentence);
}

bool is_driver(std::string_view name) {
  const auto kinds = driver_kinds();
  return std::any_of(kinds.begin(), kinds.end(),
                     [&](const auto& kind) { return kind.name == name; });
}

}  // namespace

std::optional<WhitelistMode> whitelist_mode_of(std::string_view name) {
  if (name == "bypass") return WhitelistMode::kBypass;
  if (name == "restrict") return WhitelistMode::kRestrict;
  if (name == "only") return WhitelistMode::kOnly;
  return std::nullopt;
}

Outcome<Done> check_name(std::string_view what, std::string_view name) {
  if (!name.empty() && name.size() <= kNameMost && name != "." && name != ".." &&
      name.find_first_not_of(kNameCharacters) == std::string_view::npos) {
    return Done{};
  }
  return invalid("The name of a " + std::string(what) +
                 " is 1 to 64 of the characters A-Z a-z 0-9 _ . @ -");
}

Outcome<Done> check_password(std::string_view password) {
  if (password.size() > kPasswordMost) {
    return Failure{Failure::Kind::kInvalid, "The password is longer than 1024 bytes."};
  }
  if (password.find('\0') != std::string_view::npos) {
    return Failure{Failure::Kind::kInvalid, "The password has a NUL byte in it."};
  }
  // In UTF-8 every character has one byte that is no continuation.
  const auto characters = std::count_if(password.begin(), password.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
  });
  if (static_cast<std::size_t>(characters) >= kPasswordLeast) return Done{};
  return Failure{Failure::Kind::kInvalid,
                 "The password is too short: it must have at least 8 characters."};
}

std::vector<Fault> faults(const ProxyRecord& proxy) {
  Faults faults;
  faults.expect("port", proxy.port != 0, "The port must be between 1 and 65535.");
  faults.expect("username", check_credential("username", proxy.username));
  faults.expect("username", proxy.username.find(':') == std::string::npos,
                "The username has a ':' in it, which HTTP cannot carry.");
  faults.expect("password", check_credential("password", proxy.password));
  look_at_account(proxy, faults);
  faults.expect("top_destinations", proxy.targets_kept.value_or(0) <= kTargetsKeptMost,
                "At most 1000 destinations of a proxy are told apart.");
  faults.expect("comment", proxy.comment.size() <= kCommentMost && !has_control(proxy.comment),
                "The comment must be one line of at most 1000 bytes.");
  return faults.take();
}

std::vector<Fault> faults(const CredentialRecord& credential) {
  Faults faults;
  faults.expect("name", check_name("credential", credential.name));
  faults.expect("password", check_credential("password", credential.password));
  look_at_account(credential, faults);
  return faults.take();
}

std::vector<Fault> faults(const LimitsRecord& limits) {
  Faults faults;
  look_at(limits, faults);
  return faults.take();
}

Outcome<Done> check(const ProxyRecord& proxy) { return first_of(faults(proxy)); }

Outcome<Done> check(const CredentialRecord& credential) { return first_of(faults(credential)); }

Outcome<Done> check_interval(const std::string& text) {
  if (text.empty()) return Done{};
  const auto interval = Interval::parse(text);
  if (interval) return Done{};
  return invalid("The field ext_ip_upd_interval must be like 15, 60-90 (minutes) or 1h-2h: " +
                 interval.error().text + ".");
}

Outcome<Done> check_calendar(const std::string& text, WallSeconds now) {
  if (text.empty()) return Done{};
  const std::string field = "The field ext_ip_upd_calendar ";
  if (text.size() > kCalendarMost) return invalid(field + "is longer than 1000 bytes.");
  const auto calendar = Calendar::parse(text);
  if (!calendar) {
    return invalid(field + "is no expression of systemd.time(7): " + calendar.error().text + ".");
  }
  if (calendar->next(now)) return Done{};
  return invalid(field + "is " + calendar->to_string() + ", which never comes again.");
}

std::vector<Fault> faults(const DongleRecord& dongle) {
  Faults faults;
  faults.expect("name", check_name("dongle", dongle.name));
  faults.expect("interface", check_interface(dongle.interface));
  faults.expect("isp", dongle.isp.size() <= kCommentMost && !has_control(dongle.isp),
                "The ISP must be one line of at most 1000 bytes.");
  faults.expect("dns", dongle.dns.size() <= kDnsMost, "A dongle has at most 8 DNS servers.");
  const DriverConfig config{.dongle = dongle.name,
                            .interface = dongle.interface,
                            .gateway = dongle.gateway.value_or(Address()),
                            .options = dongle.options};
  const auto driver = make_driver(dongle.driver, config);
  const char* const to_blame = is_driver(dongle.driver) ? "options" : "driver";
  if (!driver) faults.expect(to_blame, driver.error());
  return faults.take();
}

Outcome<Done> check(const DongleRecord& dongle) { return first_of(faults(dongle)); }

}  // namespace airlane
