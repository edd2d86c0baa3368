#include "control/checks.h"

#include <net/if.h>

#include <algorithm>
#include <array>
#include <string>

#include "control/modem/drivers.h"
#include "control/quota_period.h"
#include "control/schedule/calendar.h"
#include "control/schedule/interval.h"

namespace airlane {
namespace {

constexpr std::size_t kNameMost = 64;
constexpr std::size_t kCredentialMost = 255;  // RFC 1929, section 2: a length is one byte.
constexpr std::size_t kCommentMost = 1000;
constexpr std::size_t kCalendarMost = 1000;
constexpr std::size_t kWhitelistMost = 1024;
constexpr std::size_t kDnsMost = 8;
constexpr std::int64_t kRateMost = 100LL << 30;
constexpr std::string_view kNameCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.@-";

Failure invalid(std::string text) { return {Failure::Kind::kInvalid, std::move(text)}; }

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_control);
}

Outcome<Done> check_credential(const std::string& what, std::string_view text) {
  if (text.empty()) return invalid("A proxy needs a " + what + ".");
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

Outcome<Done> check(const QuotaRecord& quota) {
  if (quota.bytes < 1) return invalid("A quota is at least one byte.");
  if (quota.period != "day" && quota.period != "month") {
    return invalid("The period of a quota must be day or month.");
  }
  if (!zone_offset(quota.zone)) {
    return invalid(
        "The time zone of a quota must be UTC, or how far ahead of it the clock is: \"+01:00\".");
  }
  if (quota.action != "refuse" && quota.action != "throttle") {
    return invalid("The action of a quota must be refuse or throttle.");
  }
  if (quota.action == "refuse" && quota.rate != 0) {
    return invalid("A quota that refuses has no rate; its action must be throttle for that.");
  }
  if (quota.action == "throttle" && (quota.rate < 1 || quota.rate > kRateMost)) {
    return invalid("A quota that throttles needs a rate, of 1 byte to 100 GiB per second.");
  }
  return Done{};
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

Outcome<Done> check(const ProxyRecord& proxy) {
  if (proxy.port == 0) return invalid("The port must be between 1 and 65535.");
  if (auto good = check_credential("username", proxy.username); !good) return good;
  if (proxy.username.find(':') != std::string::npos) {
    return invalid("The username has a ':' in it, which HTTP cannot carry.");
  }
  if (auto good = check_credential("password", proxy.password); !good) return good;
  if (!whitelist_mode_of(proxy.whitelist_mode)) {
    return invalid("The whitelist mode must be bypass, restrict or only.");
  }
  if (proxy.quota) {
    if (auto good = check(*proxy.quota); !good) return good;
  }
  if (proxy.whitelist.size() > kWhitelistMost) {
    return invalid("The whitelist has more than 1024 networks.");
  }
  if (proxy.in_use_from && proxy.in_use_till && *proxy.in_use_from >= *proxy.in_use_till) {
    return invalid("The rental must begin before it ends.");
  }
  if (proxy.comment.size() > kCommentMost || has_control(proxy.comment)) {
    return invalid("The comment must be one line of at most 1000 bytes.");
  }
  return Done{};
}

Outcome<Done> check_interval(const std::string& text) {
  if (text.empty()) return Done{};
  const auto interval = Interval::parse(text);
  if (interval) return Done{};
  return invalid("The field ext_ip_upd_interval is not of the form 15, 60-90 (minutes) or 1h-2h: " +
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

Outcome<Done> check(const DongleRecord& dongle) {
  if (auto good = check_name("dongle", dongle.name); !good) return good;
  if (auto good = check_interface(dongle.interface); !good) return good;
  if (dongle.isp.size() > kCommentMost || has_control(dongle.isp)) {
    return invalid("The ISP must be one line of at most 1000 bytes.");
  }
  if (dongle.dns.size() > kDnsMost) return invalid("A dongle has at most 8 DNS servers.");
  const DriverConfig config{.dongle = dongle.name,
                            .interface = dongle.interface,
                            .gateway = dongle.gateway.value_or(Address()),
                            .options = dongle.options};
  if (const auto driver = make_driver(dongle.driver, config); !driver) return driver.error();
  return Done{};
}

}  // namespace airlane
