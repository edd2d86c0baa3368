#include "control/api/top_call.h"

#include <algorithm>

#include "base/log.h"
#include "control/api/endpoints.h"
#include "control/api/request_options.h"

namespace airlane::api {
namespace {

constexpr std::string_view kNoTargets =
    "The destinations of this proxy are not counted. Whoever runs this server can switch that on.";

template <class T>
using Read = Result<T, WrongTopOption>;

WrongTopOption wrong(std::string_view option, std::string_view must) {
  return {option, "The option \"" + std::string(option) + "\" must " + std::string(must) + "."};
}

WallSeconds begin_of(std::int64_t day) {
  return WallSeconds(std::chrono::sys_days(std::chrono::days(day)));
}

std::string date_of(std::int64_t day) { return to_iso(begin_of(day)).substr(0, 10); }

Read<std::size_t> limit_of(const Call& call) {
  const std::string* const text = call.option("limit");
  const auto limit = text ? parse_whole(*text) : kTopLimit;
  if (limit && *limit >= 1 && *limit <= kTopLimitMost) return static_cast<std::size_t>(*limit);
  return wrong("limit", "be a number from 1 to 1000");
}

Read<WallSeconds> time_of(const Call& call, std::string_view name, WallSeconds fallback) {
  const std::string* const text = call.option(name);
  if (!text || (name == "till" && *text == "now")) return fallback;
  if (const auto time = parse_time(*text)) return *time;
  return wrong(name, "be Unix time or ISO 8601");
}

// Every day of which a part is meant.
Read<Done> read_span(const Context& context, const Call& call, TopQuestion& question) {
  const auto now = context.settings.wall();
  const auto till = time_of(call, "till", now);
  if (!till) return till.error();
  const auto from = time_of(call, "from", *till);
  if (!from) return from.error();
  if (*from > *till) return wrong("from", "not be later than \"till\"");
  question.first = day_of(*from);
  question.last = std::max(question.first, day_of(*till - std::chrono::seconds(1)));
  return Done{};
}

Json sum_json(const TargetSum& sum) {
  return {{"incoming", sum.incoming}, {"outgoing", sum.outgoing}, {"connections", sum.connections}};
}

}  // namespace

Result<TopQuestion, WrongTopOption> top_question(const Context& context, const Call& call) {
  TopQuestion question;
  const auto limit = limit_of(call);
  if (!limit) return limit.error();
  question.limit = *limit;
  if (const std::string* const day = call.option("day")) {
    if (call.option("from") || call.option("till")) {
      return wrong("day", "come without \"from\" and \"till\"");
    }
    const auto time = parse_time(*day);
    if (!time || begin_of(day_of(*time)) != *time) return wrong("day", "be a date, 2026-03-01");
    question.first = question.last = day_of(*time);
    return question;
  }
  if (auto read = read_span(context, call, question); !read) return read.error();
  return question;
}

Json top_json(const TopQuestion& question, const TargetSummary& summary, bool is_on,
              std::int64_t proxy) {
  Json rows = Json::array();
  auto other = summary.other();
  const auto all = summary.top(summary.size());
  for (const auto& [name, sum] : all) {
    if (rows.size() == question.limit) {
      other += sum;
      continue;
    }
    Json row{{"host", name.host}, {"port", name.port}};
    row.update(sum_json(sum));
    rows.push_back(std::move(row));
  }
  Json answer{{"success", true}};
  if (question.first == question.last) answer["day"] = date_of(question.first);
  answer["from"] = to_iso(begin_of(question.first));
  answer["till"] = to_iso(begin_of(question.last + 1));
  answer["destinations"] = std::move(rows);
  answer["other"] = sum_json(other);
  answer["missing_at_most"] = summary.floor();
  if (!is_on) answer["info"] = kNoTargets;
  answer["id"] = proxy;
  return answer;
}

void top(Context& context, const Call& call) {
  const ProxyRecord* const proxy = named_proxy(context, call);
  if (!proxy) return;
  const auto question = top_question(context, call);
  if (!question) return call.detail(400, question.error().sentence);
  const bool is_on = context.backend.targets_kept(*proxy) > 0;
  context.backend.report_targets(
      proxy->id, question->first, question->last,
      [call, id = proxy->id, question = *question, is_on](const Outcome<TargetSummary>& summary) {
        if (!summary) {
          log::warning("proxy " + std::to_string(id) +
                       ": no destinations: " + summary.error().text);
          return call.json(
              503, {{"success", false}, {"error", "Failed to get destinations"}, {"id", id}});
        }
        call.json(200, top_json(question, *summary, is_on, id));
      });
}

}  // namespace airlane::api
