// The document of the whole API, OpenAPI 3.1, made from the two tables that route its requests, and
// a page to read it. Both are for everybody: they tell nothing about anybody. Control thread only.
#pragma once

#include <string_view>

#include "control/api/call.h"

namespace airlane::api {

inline constexpr std::string_view kDocumentPath = "/api/openapi.json";
inline constexpr std::string_view kReferencePath = "/api/docs/";

Json openapi_document(std::string_view version);
std::string reference_page(const Json& document);

void openapi(Context& context, Call call);
void reference(Context& context, Call call);

}  // namespace airlane::api
