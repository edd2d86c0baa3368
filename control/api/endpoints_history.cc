// Which addresses a proxy had. What its dongle had before the rental is none of the customer's
// business.
#include <algorithm>

#include "control/api/endpoints.h"
#include "control/api/history_json.h"

namespace airlane::api {
namespace {

// A clock that was set back in between makes nothing shorter than nothing.
Json address_json(const IpRecord& record, WallSeconds now) {
  const auto lasted = record.till.value_or(now) - record.from;
  return {{"ip", record.ip.ip()},
          {"from", to_iso(record.from)},
          {"till", iso_or_null(record.till)},
          {"seconds", std::max<std::int64_t>(lasted.count(), 0)},
          {"cause", record.cause}};
}

Json unique_json(const IpCount& count) {
  Json row{{"days", kUniqueDays.count()},
           {"periods", count.periods},
           {"addresses", count.addresses},
           {"share", nullptr}};
  if (count.periods > 0) {
    row["share"] = static_cast<double>(count.addresses) / static_cast<double>(count.periods);
  }
  return row;
}

}  // namespace

Json history_json(const AddressHistory& history, std::int64_t limit, WallSeconds now) {
  const auto all = static_cast<std::int64_t>(history.addresses.size());
  Json rows = Json::array();
  Json next = nullptr;
  for (const auto& record : history.addresses) {
    if (static_cast<std::int64_t>(rows.size()) == limit) break;
    rows.push_back(address_json(record, now));
    if (all > limit) next = record.id;
  }
  const auto count = rows.size();
  return {{"addresses", std::move(rows)},
          {"count", count},
          {"next", std::move(next)},
          {"unique", unique_json(history.count)}};
}

void history(Context& context, const Call& call) {
  const ProxyRecord* const proxy = named_proxy(context, call);
  if (!proxy) return;
  const auto slice = read_slice(call);
  if (!slice) return;
  const auto now = context.settings.wall();
  const auto since = std::max(now - kUniqueDays, proxy->in_use_from.value_or(WallSeconds{}));
  const auto found = [call, id = proxy->id, limit = slice->limit,
                      now](const Outcome<AddressHistory>& history) {
    if (!history) return cannot_tell(call, history.error());
    Json body = history_json(*history, limit, now);
    body["id"] = id;
    body["success"] = true;
    call.json(200, body);
  };
  context.backend.addresses({.dongle = proxy->dongle,
                             .since = proxy->in_use_from,
                             .before = slice->before,
                             .limit = slice->limit + 1},
                            since, found);
}

}  // namespace airlane::api
