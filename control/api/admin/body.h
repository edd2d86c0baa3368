// The JSON body of an admin request, field by field. The first field that is wrong, or unknown, is
// remembered; `answer_if_wrong` then says so to the caller. A field that is absent changes nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "control/api/call.h"

namespace airlane::api {

class AdminBody {
 public:
  explicit AdminBody(const Call& call);

  void require(std::string_view name);  // Present and not null.
  void text(std::string_view name, std::string& to);
  void text_or_null(std::string_view name, std::optional<std::string>& to);
  void yes_or_no(std::string_view name, bool& to);
  void port(std::string_view name, std::uint16_t& to);
  void time_or_null(std::string_view name, std::optional<WallSeconds>& to);
  // Each text is given to `take`, which says whether it understood it.
  void list(std::string_view name, const std::function<void()>& clear,
            const std::function<bool(const std::string&)>& take);
  void map(std::string_view name, std::map<std::string, std::string>& to);
  // Anything else: `take` answers what it must be, or nothing when it understood it.
  void value(std::string_view name, const std::function<std::string(const Json&)>& take);

  void wrong(std::string_view name, std::string_view must);
  void refuse(std::string_view name, std::string_view sentence);
  void is_missing(std::string_view name, std::string_view text);  // Nothing is called `text`.
  // True when all is well; else the caller has its answer. Asks last, for what nobody read.
  [[nodiscard]] bool is_good_or_answered();

 private:
  // Null when it is absent.
  const Json* take(std::string_view name);

  const Call& call_;
  std::optional<Json> body_;
  std::set<std::string, std::less<>> taken_;
  std::string wrong_field_;
  std::string message_;
};

}  // namespace airlane::api
