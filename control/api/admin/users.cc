#include <algorithm>

#include "control/api/admin/body.h"
#include "control/api/admin/resources.h"

namespace airlane::api {
namespace {

using Kind = Field::Kind;

Json user_json(const UserRecord& user) {
  return {{"name", user.name}, {"admin", user.admin}, {"api_key", user.api_key}, {"api", user.api}};
}

// Null when there is none; then it is answered.
const UserRecord* named_user(const Context& context, const AdminCall& call) {
  const UserRecord* const user = context.backend.by_name(call.value());
  if (!user) admin_not_found(call, "There is no user " + call.value() + ".");
  return user;
}

void list_users(Context& context, const AdminCall& call) {
  Page page(call);
  for (const auto& [id, user] : context.backend.users()) {
    if (page.takes(id)) page.add(user_json(user));
  }
  page.answer();
}

void get_user(Context& context, const AdminCall& call) {
  const UserRecord* const user = named_user(context, call);
  if (user) answer_one(call, user_json(*user));
}

void add_user(Context& context, const AdminCall& call) {
  std::string name;
  std::string password;
  bool is_admin = false;
  AdminBody body(call);
  body.text("name", name);
  body.text("password", password);
  body.yes_or_no("admin", is_admin);
  if (!body.is_good_or_answered()) return;
  context.backend.add_user(std::move(name), std::move(password), is_admin,
                           [call](const Outcome<UserRecord>& added) {
                             if (!added) return admin_failure(call, added.error());
                             answer_one(call, user_json(*added));
                           });
}

void change_user(Context& context, const AdminCall& call) {
  const UserRecord* const user = named_user(context, call);
  if (!user) return;
  bool api = user->api;
  AdminBody body(call);
  body.yes_or_no("api", api);
  if (!body.is_good_or_answered()) return;
  context.backend.switch_api(user->name, api, [call](const Outcome<UserRecord>& changed) {
    if (!changed) return admin_failure(call, changed.error());
    answer_one(call, user_json(*changed));
  });
}

void remove_user(Context& context, const AdminCall& call) {
  const UserRecord* const user = named_user(context, call);
  if (!user) return;
  const auto proxies = context.backend.proxies();
  const bool owns_proxies =
      std::any_of(proxies.begin(), proxies.end(),
                  [&](const ProxyRecord* proxy) { return proxy->user == user->id; });
  context.backend.remove_user(user->name, owns_proxies, [call](const Outcome<Done>& removed) {
    if (!removed) return admin_failure(call, removed.error());
    answer_success(call);
  });
}

constexpr Field kUserFields[] = {
    {.name = "name",
     .use = Field::kOnce,
     .required = true,
     .meaning = "1 to 64 of the characters `A-Z a-z 0-9 _ . @ -`."},
    {.name = "password",
     .use = Field::kPosted,
     .required = true,
     .meaning = "What the user logs in with; 8 characters at least."},
    {.name = "admin",
     .kind = Kind::kFlag,
     .use = Field::kOnce,
     .fallback = "false",
     .meaning = "Whether the user manages everything, by this API."},
    {.name = "api_key", .use = Field::kTold, .meaning = "The key that `get_key` answers with."},
    {.name = "api",
     .kind = Kind::kFlag,
     .use = Field::kTold | Field::kPatched,
     .meaning = "Whether the user may use the REST API."},
};
constexpr Shape kUser{"User", kUserFields};

constexpr Endpoint kEndpoints[] = {
    {.method = "GET",
     .path = "/users",
     .handle = list_users,
     .name = "List the users",
     .summary = "Everybody who may log in.",
     .answer = &kUser,
     .rows = "users"},
    {.method = "POST",
     .path = "/users",
     .handle = add_user,
     .name = "Add a user",
     .summary = "Its name must be new; another one's is a 409.",
     .body = &kUser,
     .status = 201,
     .answer = &kUser},
    {.method = "GET",
     .path = "/users/{name}",
     .handle = get_user,
     .name = "Show a user",
     .summary = "One of them.",
     .answer = &kUser},
    {.method = "PATCH",
     .path = "/users/{name}",
     .handle = change_user,
     .name = "Change a user",
     .summary = "What is given is changed, the rest stays.",
     .body = &kUser,
     .answer = &kUser},
    {.method = "DELETE",
     .path = "/users/{name}",
     .handle = remove_user,
     .name = "Remove a user",
     .summary = "409 while the user owns proxies."},
};

}  // namespace

std::span<const Endpoint> user_endpoints() { return kEndpoints; }

}  // namespace airlane::api
