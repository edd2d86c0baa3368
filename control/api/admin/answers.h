// How the admin API answers: one row, a page of rows, or an error, always in the same form.
//
//   an error   {"error": {"code", "message", "field", "fields": [{"field", "message"}...]}}
//   a row      with an ETag; 304 to an If-None-Match that has it. The ETag names the whole of it,
//   by
//              two hashes: of what can be changed, and of the rest. An If-Match is held against the
//              first: that a proxy has moved bytes meanwhile is no reason to refuse its change.
//   a page     {NAME: [...], "count", "next"}, with an ETag likewise
//
// Control thread only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "control/api/admin/admin_call.h"

namespace airlane::api {

// `field` may be empty.
void admin_error(const Call& call, int status, std::string_view code, std::string_view message,
                 std::string_view field = {}, HttpFields extra = {});
void admin_failure(const Call& call, const Failure& failure);
void admin_not_found(const Call& call, std::string_view sentence);

struct WrongField {
  std::string field;    // "quota.bytes"
  std::string message;  // A sentence.
};
// 422 with all of them; there is at least one. The other is a 409: they contradict what is there.
void admin_invalid(const Call& call, const std::vector<WrongField>& wrong);
void admin_conflict(const Call& call, const std::vector<WrongField>& wrong);

// False when the call has an If-Match that the row, as it is now, does not fit; then it is
// answered. To be asked when the turn of the change has come.
bool is_expected_or_answered(const AdminCall& call, const Shape& shape, const Json& row);

// An object of the shape that the endpoint answers with, and its status.
void answer_one(const AdminCall& call, const Json& row);
// The same of JSON that is written already.
void answer_text(const AdminCall& call, const std::string& row);
void answer_success(const AdminCall& call);

// One page of a list: the rows behind `after`, at most `limit` of them. They are offered in the
// order of their ids, which do not change: whoever follows `next` sees every row that is there all
// the time once, whatever comes and goes meanwhile.
class Page {
 public:
  static constexpr std::size_t kRowsMost = 1000;  // And what is meant without a limit.

  explicit Page(const AdminCall& call);

  // Of every row that fits the filters. True when it belongs to this page.
  bool takes(std::int64_t id);
  void add(Json row) { rows_.push_back(std::move(row)); }
  void answer() const;

 private:
  const AdminCall& call_;
  std::size_t limit_ = kRowsMost;
  std::int64_t after_ = 0;
  std::size_t count_ = 0;  // On all pages.
  std::size_t taken_ = 0;
  std::int64_t last_ = 0;
  bool has_more_ = false;
  Json rows_ = Json::array();
};

}  // namespace airlane::api
