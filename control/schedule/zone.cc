#include "control/schedule/zone.h"

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <utility>

namespace airlane {
namespace {

constexpr absl::CivilSecond kEpoch(1970, 1, 1, 0, 0, 0);

Zone::Time to_time(absl::Time time) {
  return Zone::Time(std::chrono::microseconds(absl::ToUnixMicros(time)));
}

// No way out of the folder, and nothing that abseil would take for a rule of its own.
bool is_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || !std::isalpha(static_cast<unsigned char>(name[0]))) {
    return false;
  }
  for (const char c : name) {
    const bool fine = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' ||
                      c == '+' || c == '/';
    if (!fine) return false;
  }
  return name.back() != '/' && name.find("//") == name.npos;
}

// abseil remembers every name that it was asked for, also those that do not exist.
bool has_rules(std::string_view name) {
  const char* const folder = std::getenv("TZDIR");
  const auto path = std::filesystem::path(folder ? folder : "/usr/share/zoneinfo") / name;
  std::error_code error;
  return std::filesystem::is_regular_file(path, error);
}

}  // namespace

struct Zone::Rules {
  absl::TimeZone zone;
};

Zone::Zone(std::string name, std::shared_ptr<const Rules> rules)
    : name_(std::move(name)), rules_(std::move(rules)) {}

Zone Zone::utc() { return {"UTC", std::make_shared<Rules>(Rules{absl::UTCTimeZone()})}; }

Zone Zone::local() { return {"", std::make_shared<Rules>(Rules{absl::LocalTimeZone()})}; }

std::optional<Zone> Zone::find(std::string_view name) {
  absl::TimeZone zone;
  std::string text(name);
  if (!is_name(name) || !has_rules(name) || !absl::LoadTimeZone(text, &zone)) return std::nullopt;
  return Zone(std::move(text), std::make_shared<Rules>(Rules{zone}));
}

Zone::Local Zone::at(Time time) const {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto shown = rules_->zone.At(absl::FromUnixSeconds(seconds.time_since_epoch().count())).cs;
  return Local(std::chrono::seconds(shown - kEpoch) + (time - seconds));
}

Zone::Moments Zone::moments(Local local) const {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(local);
  const auto fraction = local - seconds;
  const auto info = rules_->zone.At(kEpoch + seconds.time_since_epoch().count());
  switch (info.kind) {
    case absl::TimeZone::TimeInfo::SKIPPED:
      return {Moments::Kind::kNone, {}, {}, at(to_time(info.trans))};
    case absl::TimeZone::TimeInfo::REPEATED:
      return {Moments::Kind::kTwo, to_time(info.pre) + fraction, to_time(info.post) + fraction,
              local};
    case absl::TimeZone::TimeInfo::UNIQUE:
      break;
  }
  return {Moments::Kind::kOne, to_time(info.pre) + fraction, {}, local};
}

}  // namespace airlane
