// A call of the admin API: besides what every Call is, it knows the row of the table that it came
// to. A handle like any Call; control thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "control/api/admin/table.h"
#include "control/api/call.h"

namespace airlane::api {

class AdminCall : public Call {
 public:
  AdminCall(Call call, const Endpoint& endpoint, std::vector<std::string> values)
      : Call(std::move(call)), endpoint_(&endpoint), values_(std::move(values)) {}

  [[nodiscard]] const Endpoint& endpoint() const { return *endpoint_; }
  // Whether a filter of the query lets this value through: also when it is not given.
  [[nodiscard]] bool lets(std::string_view filter, std::string_view value) const {
    const std::string* const wanted = option(filter);
    return !wanted || *wanted == value;
  }
  // What stands in the path for the first "{...}", or another one.
  [[nodiscard]] const std::string& value(std::size_t index = 0) const { return values_[index]; }
  // The same as a number, if it is one.
  [[nodiscard]] std::optional<std::int64_t> id(std::size_t index = 0) const;

 private:
  const Endpoint* endpoint_;
  std::vector<std::string> values_;
};

}  // namespace airlane::api
