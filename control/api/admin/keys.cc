// Named keys of every user. Making one here is how a script gets its first.
#include "control/api/admin/body.h"
#include "control/api/admin/resources.h"
#include "control/api/key_json.h"
#include "control/checks.h"

namespace airlane::api {
namespace {

using Kind = Field::Kind;

// Nothing when the user has been removed meanwhile.
std::optional<Json> row_of(const Context& context, const ApiKeyRecord& key) {
  const UserRecord* const user = context.backend.by_id(key.user);
  if (!user) return std::nullopt;
  Json row = key_json(key);
  row["user"] = user->name;
  return row;
}

void list_keys(Context& context, const AdminCall& call) {
  Page page(call);
  const std::string* const wanted = call.option("user");
  for (const auto& [id, key] : context.backend.keys()) {
    auto row = row_of(context, key);
    if (!row || (wanted && (*row)["user"] != *wanted)) continue;
    if (page.takes(id)) page.add(*std::move(row));
  }
  page.answer();
}

// False when it makes no sense; then it is remembered by `body`.
bool read_scopes(AdminBody& body, Scopes& scopes) {
  scopes = Scopes();
  bool good = true;
  body.list(
      "scopes", "read, rotate, reboot or admin", [&] { scopes = Scopes(); },
      [&](const std::string& word) {
        const auto one = Scopes::parse(word);
        if (!one || one->to_string() != word) return good = false;
        for (const Scope scope : {Scope::kRead, Scope::kRotate, Scope::kReboot, Scope::kAdmin}) {
          if (one->has(scope)) scopes.add(scope);
        }
        return true;
      });
  if (good && scopes == Scopes())
    body.wrong("scopes", "one or more of read, rotate, reboot and admin");
  return good;
}

void make_key(Context& context, const AdminCall& call) {
  AdminBody body(call);
  std::string name;
  ApiKeys::Wanted wanted;
  body.text("user", name);
  body.text("name", wanted.name);
  const bool good_scopes = read_scopes(body, wanted.scopes);
  body.time_or_null("expires_at", wanted.expires);
  if (const auto good = check_name("key", wanted.name); !good && !wanted.name.empty()) {
    body.refuse("name", good.error().text);
  }
  if (wanted.expires && *wanted.expires <= context.settings.wall()) {
    body.refuse("expires_at", "The key would have expired already.");
  }
  const UserRecord* const user = context.backend.by_name(name);
  if (!user) body.is_missing("user", name);
  if (user && good_scopes && wanted.scopes.has(Scope::kAdmin) && !user->admin) {
    body.refuse("scopes", "The scope admin is for keys of admin users only.");
  }
  if (!body.is_good_or_answered()) return;
  wanted.user = user->id;
  context.backend.make_key(wanted, [&context, call](const Outcome<ApiKeys::Made>& made) {
    if (!made) return admin_failure(call, made.error());
    auto row = row_of(context, made->record);
    if (!row) return admin_not_found(call, "The user has been removed.");
    (*row)["key"] = made->key;
    answer_one(call, *row);
  });
}

void revoke_key(Context& context, const AdminCall& call) {
  const auto id = call.id();
  if (!id || !context.backend.keys().contains(*id)) {
    return admin_not_found(call, "There is no key " + call.value() + ".");
  }
  context.backend.revoke_key(*id, [call](const Outcome<Done>& revoked) {
    if (!revoked) return admin_failure(call, revoked.error());
    answer_success(call);
  });
}

constexpr Field kKeyFields[] = {
    {.name = "id", .kind = Kind::kWhole, .use = Field::kTold, .meaning = "Given by the server."},
    {.name = "name",
     .use = Field::kOnce,
     .required = true,
     .meaning = "1 to 64 of the characters `A-Z a-z 0-9 _ . @ -`; once for each user."},
    {.name = "scopes",
     .kind = Kind::kTexts,
     .use = Field::kOnce,
     .required = true,
     .meaning =
         "What it may do: some of `read`, `rotate`, `reboot` and, for keys of an admin user, "
         "`admin`."},
    {.name = "created_at",
     .kind = Kind::kTime,
     .use = Field::kTold,
     .meaning = "When it was made."},
    {.name = "expires_at",
     .kind = Kind::kTime,
     .use = Field::kOnce,
     .nullable = true,
     .fallback = "null",
     .meaning = "From when on it is refused; null is never."},
    {.name = "last_used_at",
     .kind = Kind::kTime,
     .use = Field::kTold,
     .nullable = true,
     .meaning = "When it was used last, or null."},
    {.name = "user", .use = Field::kOnce, .required = true, .meaning = "Whose it is."},
    {.name = "key",
     .use = Field::kTold,
     .optional = true,
     .meaning = "The key itself: told when it is made, and never again."},
};
constexpr Shape kKey{"Key", kKeyFields};
constexpr Field kKeyQuery[] = {{.name = "user", .meaning = "Only those of this user."}};

constexpr Endpoint kEndpoints[] = {
    {.method = "GET",
     .path = "/keys",
     .handle = list_keys,
     .name = "List the keys",
     .summary = "Named keys, of all users or of one. The key that `get_key` tells is not among "
                "them; it is in the row of its user.",
     .query = kKeyQuery,
     .answer = &kKey,
     .rows = "keys"},
    {.method = "POST",
     .path = "/keys",
     .handle = make_key,
     .name = "Make a key",
     .summary = "It is told this once; only a hash of it is kept.",
     .body = &kKey,
     .status = 201,
     .answer = &kKey},
    {.method = "DELETE",
     .path = "/keys/{id}",
     .handle = revoke_key,
     .name = "Revoke a key",
     .summary = "It is refused from now on.",
     .untagged = true},
};

}  // namespace

std::span<const Endpoint> key_endpoints() { return kEndpoints; }

}  // namespace airlane::api
