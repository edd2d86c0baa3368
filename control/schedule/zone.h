// A time zone: what the clock on the wall says at a moment, and when it says so. The only door to
// abseil, whose rules reach past 2037 and whose answers for hours that a change of the clock leaves
// out, or brings twice, say which of the two it is.
//
// A value, cheap to copy; any thread. The rules are those of the system's tzdata when the zone was
// first asked for: an update of it counts from the next start.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace airlane {

class Zone {
 public:
  using Time = std::chrono::sys_time<std::chrono::microseconds>;
  using Local = std::chrono::local_time<std::chrono::microseconds>;

  static Zone utc();
  static Zone local();  // That of this machine: $TZ or /etc/localtime.
  // An IANA name such as "Europe/Rome", in their letters; nothing when tzdata does not have it.
  static std::optional<Zone> find(std::string_view name);

  // "UTC", "Europe/Rome"; empty for this machine's.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  [[nodiscard]] Local at(Time time) const;

  struct Moments {
    enum class Kind { kOne, kTwo, kNone } kind;
    Time first;     // kOne and kTwo.
    Time second;    // kTwo: when the clock shows it again.
    Local resumes;  // kNone: where the clock goes on after what it leaves out.
  };
  [[nodiscard]] Moments moments(Local local) const;

 private:
  struct Rules;
  Zone(std::string name, std::shared_ptr<const Rules> rules);

  std::string name_;
  std::shared_ptr<const Rules> rules_;
};

}  // namespace airlane
