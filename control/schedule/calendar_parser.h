// The grammar of calendar expressions, from left to right:
//
//   [WEEKDAYS] [[YEAR-]MONTH-DAY] [HOUR:MINUTE[:SECOND]] [ZONE]    or  daily, weekly...  or
//   @UNIXTIME
//
// "~" instead of the last "-" counts days from the end of the month. Spaces and commas are allowed
// where systemd allows them, and nowhere else. For calendar.cc only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "control/schedule/calendar.h"

namespace airlane {

class CalendarParser {
 public:
  explicit CalendarParser(std::string_view text) : text_(text) {}
  Outcome<Calendar> parse();

 private:
  // What was read where, before it is known which component it is.
  struct Piece {
    Steps steps;
    std::size_t position = 0;
  };
  struct Chain {
    bool any = false;
    std::vector<Piece> pieces;
  };
  enum class Unit { kWhole, kMicroseconds };
  struct Domain {
    const char* sentence;  // "an hour is 0 to 23"
    std::int64_t least = 0;
    std::int64_t most = 0;
    bool from_end = false;
  };

  // Each is false after a complaint, and then the rest is of no interest.
  bool take_zone();
  void expand_shorthand();
  bool take_weekdays();
  bool take_date();
  bool take_month_and_day(const Chain& first);
  bool take_dash_or_tilde();
  bool set_date(const Chain& year, const Chain& month, const Chain& day);
  bool take_unix_time();
  bool take_time();

  std::optional<unsigned> take_weekday();
  bool take_chain(Unit unit, Chain& chain);
  bool take_piece(Unit unit, Piece& piece);
  bool take_number(Unit unit, std::int64_t& number);
  std::int64_t take_fraction();  // Of a second, in microseconds.

  bool fit(const Chain& chain, Domain domain, Component& component);
  bool is_within(const Steps& steps, const Domain& domain, std::size_t position);

  [[nodiscard]] bool at_end() const { return position_ == text_.size(); }
  [[nodiscard]] bool next_is(std::string_view what) const {
    return text_.substr(position_).starts_with(what);
  }
  bool take(std::string_view what);
  void skip_spaces();
  // Is false, so that it can be returned; the first complaint is the one that counts.
  bool complain(std::size_t position, const std::string& why);

  std::string_view text_;
  std::size_t position_ = 0;
  CalendarFields fields_;
  std::optional<Zone> zone_;
  std::string complaint_;
};

}  // namespace airlane
