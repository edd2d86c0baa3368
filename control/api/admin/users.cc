#include <algorithm>

#include "control/api/admin/body.h"
#include "control/api/admin/resources.h"
#include "control/api/request_options.h"

namespace airlane::api {
namespace {

using Kind = Field::Kind;

constexpr Field kUserFields[] = {
    {.name = "name",
     .use = Field::kOnce,
     .required = true,
     .meaning = "1 to 64 of the characters `A-Z a-z 0-9 _ . @ -`."},
    {.name = "password",
     .use = Field::kSecret,
     .required = true,
     .meaning = "What the user logs in with; 8 characters at least. A new one ends his sessions."},
    {.name = "admin",
     .kind = Kind::kFlag,
     .fallback = "false",
     .meaning = "Whether the user manages everything, by this API."},
    {.name = "api_key", .use = Field::kTold, .meaning = "The key that `get_key` answers with."},
    {.name = "api",
     .kind = Kind::kFlag,
     .use = Field::kTold | Field::kPatched,
     .meaning = "Whether the user may use the REST API."},
};
constexpr Shape kUserShape{"User", kUserFields};

constexpr Field kFilters[] = {
    {.name = "admin", .kind = Kind::kFlag, .meaning = "Only those who are, or are not."},
};

Json user_json(const UserRecord& user) {
  return {{"name", user.name}, {"admin", user.admin}, {"api_key", user.api_key}, {"api", user.api}};
}

// Null when there is none; then it is answered.
const UserRecord* named_user(const Context& context, const AdminCall& call) {
  const UserRecord* const user = context.backend.by_name(call.value());
  if (!user) admin_not_found(call, "There is no user " + call.value() + ".");
  return user;
}

void read_password(AdminBody& body, std::optional<std::string>& password) {
  body.text_or_null("password", password);
  if (password) body.expect("password", check_password(*password));
}

void list_users(Context& context, const AdminCall& call) {
  Page page(call);
  const std::string* const admin = call.option("admin");
  for (const auto& [id, user] : context.backend.users()) {
    if (admin && parse_bool(*admin) != user.admin) continue;
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
  std::optional<std::string> password;
  bool is_admin = false;
  AdminBody body(call);
  body.text("name", name);
  if (body.has("name")) body.expect("name", check_name("user", name));
  read_password(body, password);
  body.yes_or_no("admin", is_admin);
  if (!body.is_good_or_answered()) return;
  context.backend.add_user(std::move(name), *std::move(password), is_admin,
                           [call](const Outcome<UserRecord>& added) {
                             if (!added) return admin_failure(call, added.error());
                             answer_one(call, user_json(*added));
                           });
}

void change_user(Context& context, const AdminCall& call) {
  if (!named_user(context, call)) return;
  std::optional<std::string> password;
  AdminBody body(call);
  read_password(body, password);
  if (!body.is_good_or_answered()) return;
  const auto edit = [call, body](UserRecord& user) mutable {
    if (!is_expected_or_answered(call, kUserShape, user_json(user))) return false;
    body.yes_or_no("admin", user.admin);
    body.yes_or_no("api", user.api);
    return true;
  };
  context.backend.change_user(call.value(), std::move(password), edit,
                              [call](const Outcome<UserRecord>& changed) {
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
  const auto may = [call](const UserRecord& now) {
    return is_expected_or_answered(call, kUserShape, user_json(now));
  };
  context.backend.remove_user(user->name, owns_proxies, may, [call](const Outcome<Done>& removed) {
    if (!removed) return admin_failure(call, removed.error());
    answer_success(call);
  });
}

constexpr Endpoint kEndpoints[] = {
    {.method = "GET",
     .path = "/users",
     .handle = list_users,
     .name = "List the users",
     .summary = "Everybody who may log in.",
     .query = kFilters,
     .answer = &kUserShape,
     .rows = "users"},
    {.method = "POST",
     .path = "/users",
     .handle = add_user,
     .name = "Add a user",
     .summary = "Its name must be new; another one's is a 409.",
     .body = &kUserShape,
     .status = 201,
     .answer = &kUserShape},
    {.method = "GET",
     .path = "/users/{name}",
     .handle = get_user,
     .name = "Show a user",
     .summary = "One of them.",
     .answer = &kUserShape},
    {.method = "PATCH",
     .path = "/users/{name}",
     .handle = change_user,
     .name = "Change a user",
     .summary = "What is given is changed, the rest stays.",
     .body = &kUserShape,
     .answer = &kUserShape},
    {.method = "DELETE",
     .path = "/users/{name}",
     .handle = remove_user,
     .name = "Remove a user",
     .summary = "With his sessions. 409 while he owns proxies."},
};

}  // namespace

std::span<const Endpoint> user_endpoints() { return kEndpoints; }

}  // namespace airlane::api
