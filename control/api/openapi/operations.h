// The rows of both tables as the operations of an OpenAPI document. Pure functions.
#pragma once

#include "control/api/admin/table.h"
#include "control/api/openapi/schemas.h"
#include "control/api/routes.h"

namespace airlane::api {

Json operation_of(const Endpoint& endpoint, Schemas& schemas);
// A route that answers to GET and POST is two operations.
Json operation_of(const Route& route, std::string_view method, Schemas& schemas);

// What operations refer to by name, besides schemas.
Json common_responses();
Json security_schemes();
Json error_schemas();

// "list_the_users" for "List the users".
std::string operation_id(std::string_view method, std::string_view name);

}  // namespace airlane::api
