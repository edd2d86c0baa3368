// A named key as its owner and the admin see it. The key itself is in neither: it is told once.
#pragma once

#include "control/api/json.h"
#include "control/api_keys.h"

namespace airlane::api {

// {"id", "name", "scopes", "created_at", "expires_at", "last_used_at"}
Json key_json(const ApiKeyRecord& key);
Json scopes_json(const ApiKeyRecord& key);  // ["read", "rotate"]

}  // namespace airlane::api
