// The caller's named keys: which there are, making one, revoking one. For sessions only: who finds
// a key shall not be able to make himself another one.
#include "control/api/endpoints.h"
#include "control/api/key_json.h"
#include "control/api/request_options.h"

namespace airlane::api {
namespace {

bool is_missing(const Call& call, std::string_view name) {
  if (call.option(name)) return false;
  call.detail(400, "The option \"" + std::string(name) + "\" is required.");
  return true;
}

void refuse(const Call& call, const Failure& failure) {
  call.detail(http_status(failure.kind), failure.text);
}

// Absent when it makes no sense; then it is answered.
std::optional<Scopes> wanted_scopes(const Context& context, const Call& call) {
  const std::string* const text = call.option("scopes");
  const auto scopes = Scopes::parse(text ? std::string_view(*text) : "read");
  if (!scopes) {
    call.detail(400, "The option \"scopes\" must be some of read, rotate, reboot and admin.");
    return std::nullopt;
  }
  const UserRecord* const user = context.backend.by_id(call.user);
  if (!scopes->has(Scope::kAdmin) || (user && user->admin)) return scopes;
  call.detail(400, "The scope \"admin\" is for keys of admin users only.");
  return std::nullopt;
}

// False when it makes no sense; then it is answered.
bool read_expiry(const Context& context, const Call& call, std::optional<WallSeconds>& to) {
  const std::string* const text = call.option("expires");
  if (!text) return true;
  to = parse_time(*text);
  // A number of seconds alone is Unix time.
  const bool has_unit = text->find_first_not_of("0123456789") == text->size() - 1;
  if (const auto span = has_unit ? parse_delta(*text) : std::nullopt) {
    to = context.settings.wall() + *span;
  }
  if (to) return true;
  call.detail(400,
              "The option \"expires\" must be Unix time, ISO 8601, or a span such as \"90d\".");
  return false;
}

}  // namespace

void list_keys(Context& context, const Call& call) {
  Json rows = Json::array();
  for (const auto& [id, key] : context.backend.keys()) {
    if (key.user == call.user) rows.push_back(key_json(key));
  }
  const auto count = rows.size();
  call.json(200, {{"keys", std::move(rows)}, {"count", count}, {"success", true}});
}

void make_key(Context& context, const Call& call) {
  if (is_missing(call, "name")) return;
  ApiKeys::Wanted wanted{.user = call.user, .name = *call.option("name")};
  const auto scopes = wanted_scopes(context, call);
  if (!scopes) return;
  wanted.scopes = *scopes;
  if (!read_expiry(context, call, wanted.expires)) return;
  context.backend.make_key(std::move(wanted), [call](const Outcome<ApiKeys::Made>& made) {
    if (!made) return refuse(call, made.error());
    Json body{{"success", true}, {"key", made->key}};
    body.update(key_json(made->record));
    call.json(200, body);
  });
}

void revoke_key(Context& context, const Call& call) {
  if (is_missing(call, "id")) return;
  const auto named = parse_proxy_name(*call.option("id"));
  const auto key = context.backend.keys().find(named && named->id ? *named->id : 0);
  // Nobody is told of the keys of others.
  if (key == context.backend.keys().end() || key->second.user != call.user) {
    return call.detail(404, "You have no key with this id.");
  }
  context.backend.revoke_key(key->first, [call, id = key->first](const Outcome<Done>& revoked) {
    if (!revoked) return refuse(call, revoked.error());
    call.json(200, {{"success", true}, {"id", id}});
  });
}

}  // namespace airlane::api
