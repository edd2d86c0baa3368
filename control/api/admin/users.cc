#include <algorithm>

#include "control/api/admin/admin.h"
#include "control/api/admin/body.h"

namespace airlane::api {
namespace {

Json user_json(const UserRecord& user) {
  return {{"name", user.name}, {"admin", user.admin}, {"api_key", user.api_key}, {"api", user.api}};
}

void list_users(const Context& context, const Call& call) {
  Json rows = Json::array();
  for (const auto& [id, user] : context.backend.users()) rows.push_back(user_json(user));
  const auto count = rows.size();
  call.json(200, {{"users", std::move(rows)}, {"count", count}});
}

void add_user(Context& context, const Call& call) {
  std::string name;
  std::string password;
  bool is_admin = false;
  AdminBody body(call);
  body.require("name");
  body.require("password");
  body.text("name", name);
  body.text("password", password);
  body.yes_or_no("admin", is_admin);
  if (name.empty()) body.wrong("name", "given");
  if (password.empty()) body.wrong("password", "given");
  if (!body.is_good_or_answered()) return;
  context.backend.add_user(std::move(name), std::move(password), is_admin,
                           [call](const Outcome<UserRecord>& added) {
                             if (!added) return admin_failure(call, added.error());
                             call.json(201, user_json(*added));
                           });
}

void change_user(Context& context, const Call& call, const std::string& name) {
  const UserRecord* const user = context.backend.by_name(name);
  if (!user) return admin_error(call, 404, "not_found", "There is no user " + name + ".");
  bool api = user->api;
  AdminBody body(call);
  body.yes_or_no("api", api);
  if (!body.is_good_or_answered()) return;
  context.backend.switch_api(name, api, [call](const Outcome<UserRecord>& changed) {
    if (!changed) return admin_failure(call, changed.error());
    call.json(200, user_json(*changed));
  });
}

void remove_user(Context& context, const Call& call, const std::string& name) {
  const UserRecord* const user = context.backend.by_name(name);
  if (!user) return admin_error(call, 404, "not_found", "There is no user " + name + ".");
  const auto proxies = context.backend.proxies();
  const bool owns_proxies =
      std::any_of(proxies.begin(), proxies.end(),
                  [&](const ProxyRecord* proxy) { return proxy->user == user->id; });
  context.backend.remove_user(name, owns_proxies, [call](const Outcome<Done>& removed) {
    if (!removed) return admin_failure(call, removed.error());
    call.json(200, {{"success", true}});
  });
}

}  // namespace

void admin_users(Context& context, const Call& call, std::string_view rest) {
  const std::string& method = call.request().method;
  if (rest.empty()) {
    if (method == "GET" || method == "HEAD") return list_users(context, call);
    if (method == "POST") return add_user(context, call);
    return admin_wrong_method(call, "GET, HEAD, POST");
  }
  rest.remove_prefix(1);
  if (rest.find('/') != rest.npos) return admin_not_found(call);
  if (method == "PATCH") return change_user(context, call, percent_decode(rest));
  if (method != "DELETE") return admin_wrong_method(call, "PATCH, DELETE");
  remove_user(context, call, percent_decode(rest));
}

}  // namespace airlane::api
