// A calendar expression of systemd.time(7), such as "Mon..Fri *-*-* 8..20/2:30 Europe/Rome": what
// an OnCalendar= of a timer may say means the same here, and comes at the same moments.
//
// Where a change of the clock leaves an hour out, nothing comes in it; where it brings an hour
// twice, the first of the two counts, and the second only for who asks in it. What differs from
// systemd 252, which there does not do what its manual says, is in docs/schedules.md.
//
// A pure value; any thread. Times are microseconds of the wall clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "control/schedule/component.h"
#include "control/schedule/zone.h"

namespace airlane {

struct CalendarFields {
  static constexpr unsigned kEveryDay = 0x7f;
  unsigned weekdays = kEveryDay;  // Bit 0 is Monday.
  Component year, month, day;
  bool day_from_end = false;       // Day 1 is the last of its month.
  Component hour, minute, second;  // Seconds in microseconds.
};

class Calendar {
 public:
  using Time = Zone::Time;

  // kInvalid, with a sentence that begins "at character 7: ".
  static Outcome<Calendar> parse(std::string_view text);

  // The first moment after `after`; nothing when there is none until the end of 2199.
  [[nodiscard]] std::optional<Time> next(Time after) const;
  // The normalized form.
  [[nodiscard]] std::string to_string() const;

 private:
  friend class CalendarParser;
  Calendar(CalendarFields fields, Zone zone) : fields_(std::move(fields)), zone_(std::move(zone)) {}

  [[nodiscard]] std::optional<Zone::Local> next_local(Zone::Local from) const;

  CalendarFields fields_;
  Zone zone_;
};

}  // namespace airlane
