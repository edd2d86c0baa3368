// The JSON body of an admin request, field by field. It was held against the row of the table when
// it came, so its fields have the right types where they are read; what else is wrong with them is
// said here. Everything that is wrong is remembered, and told at once. A field that is absent
// changes nothing. Control thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "control/api/admin/answers.h"
#include "control/checks.h"

namespace airlane::api {

class AdminBody {
 public:
  explicit AdminBody(const AdminCall& call);

  // Each leaves `to` alone when the field is absent or wrong, and asserts that the table has it.
  void text(std::string_view name, std::string& to);
  void text_or_null(std::string_view name, std::optional<std::string>& to);
  void yes_or_no(std::string_view name, bool& to);
  void port(std::string_view name, std::uint16_t& to);
  void number(std::string_view name, std::int64_t& to);
  void time_or_null(std::string_view name, std::optional<WallSeconds>& to);
  void map(std::string_view name, std::map<std::string, std::string>& to);
  // Each text is given to `take`, which says whether it understood it; it must be `what`: "an
  // address".
  void list(std::string_view name, std::string_view what, const std::function<void()>& clear,
            const std::function<bool(const std::string&)>& take);
  // Anything else. Null when it is absent or wrong; a value of null is told as such.
  const Json* value(std::string_view name);

  // The first that is said of a field counts.
  void wrong(std::string_view name, std::string_view must);  // "be this and that"
  void refuse(std::string_view name, std::string_view sentence);
  void is_missing(std::string_view name, std::string_view text);  // Nothing is called `text`.
  void expect(std::string_view name, const Outcome<Done>& good);
  void refuse(const std::vector<Fault>& faults);

  // Whether the field was given at all; its value may be wrong.
  [[nodiscard]] bool has(std::string_view name) const;
  // True when all is well; else the caller has its answer.
  [[nodiscard]] bool is_good_or_answered() const;

 private:
  [[nodiscard]] bool is_wrong(std::string_view name) const;

  AdminCall call_;
  std::optional<Json> body_;
  std::vector<WrongField> wrong_;
};

}  // namespace airlane::api
