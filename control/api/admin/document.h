// The document of an export: everything as one JSON object, and back.
//
//   {"format": "airlane", "version": 1, "program", "exported",
//    "users": [{..., "keys": [...]}], "dongles": [...],
//    "proxies": [{..., "credentials": [...], "traffic": {"days", "hours", "minutes"}}]}
//
// What belongs to somebody lies in it; proxies name their user and their dongle. Secrets are in the
// clear where they are sealed in the database, because another server has another key. Traffic is a
// text for each day, hour and minute: "2026-11-28T21:00:00Z 12345 678", incoming and outgoing.
// Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "control/api/admin/table.h"
#include "control/transfers.h"

namespace airlane::api {

inline constexpr std::int64_t kDocumentVersion = 1;
extern const Shape kDocumentShape;

std::string write_document(const Contents& contents, std::string_view program, bool with_traffic,
                           WallSeconds now);
// What is wrong with it is told at once: first what is no such document, by its fields, and when
// nothing is, what makes no sense in it.
Transfers::Draft read_document(const std::string& text);

}  // namespace airlane::api
