// JSON Schemas (2020-12, as OpenAPI 3.1 wants them) of the shapes of the table. Pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "control/api/admin/table.h"
#include "control/api/json.h"

namespace airlane::api {

// Of a value alone, as an option of a URL.
Json schema_of(const Field& field);

// The schemas that a document refers to by name; each is made when it is first asked for.
class Schemas {
 public:
  // {"$ref": ...} to the shape as it is told, posted or patched: "Proxy", "ProxyNew",
  // "ProxyChange".
  Json ref(const Shape& shape, std::uint8_t use);
  // To a page of them: {NAME: [...], "count", "next"}.
  Json page_ref(const Shape& shape, std::string_view rows);
  Json take() { return std::move(all_); }

 private:
  Json object(const Shape& shape, std::uint8_t use);
  Json property(const Field& field, std::uint8_t use);

  Json all_ = Json::object();
};

}  // namespace airlane::api
