#include "control/api/admin/account_fields.h"
#include "control/api/admin/resources.h"
#include "control/api/limits_json.h"
#include "control/api/quota_json.h"
#include "control/api/request_options.h"

namespace airlane::api {
namespace {

using Kind = Field::Kind;

Json credential_json(const Context& context, const CredentialRecord& credential) {
  return {
      {"id", credential.id},
      {"proxy", credential.proxy},
      {"name", credential.name},
      {"password", credential.password},
      {"enabled", credential.enabled},
      {"src_whitelist", whitelist_json(credential.whitelist)},
      {"src_whitelist_mode", credential.whitelist_mode},
      {"in_use_from", iso_or_null(credential.in_use_from)},
      {"in_use_till", iso_or_null(credential.in_use_till)},
      {"limits", limits_json(credential.limits)},
      {"quota", quota_json(credential.quota, context.backend.quota_use(credential.owner()))},
  };
}

// Null when there is none; then it is answered.
const CredentialRecord* named_credential(const Context& context, const AdminCall& call) {
  const auto& all = context.backend.credentials();
  const auto found = call.id() ? all.find(*call.id()) : all.end();
  if (found != all.end()) return &found->second;
  admin_not_found(call, "There is no credential " + call.value() + ".");
  return nullptr;
}

// Those of ?proxy=ID, or all of them.
void list_credentials(Context& context, const AdminCall& call) {
  const std::string* const wanted = call.option("proxy");
  const auto proxy = wanted && !wanted->empty() ? parse_proxy_name(*wanted) : std::nullopt;
  Page page(call);
  for (const auto& [id, credential] : context.backend.credentials()) {
    if (proxy && credential.proxy != proxy->id) continue;
    if (page.takes(id)) page.add(credential_json(context, credential));
  }
  page.answer();
}

void get_credential(Context& context, const AdminCall& call) {
  const CredentialRecord* const credential = named_credential(context, call);
  if (credential) answer_one(call, credential_json(context, *credential));
}

void read_credential(AdminBody& body, CredentialRecord& credential) {
  body.text("name", credential.name);
  body.text("password", credential.password);
  body.yes_or_no("enabled", credential.enabled);
  read_whitelist_field(body, credential.whitelist);
  body.text("src_whitelist_mode", credential.whitelist_mode);
  body.time_or_null("in_use_from", credential.in_use_from);
  body.time_or_null("in_use_till", credential.in_use_till);
  read_quota_field(body, credential.quota);
  read_limits_field(body, credential.limits);
  body.refuse(faults(credential));
}

auto answering(Context& context, const AdminCall& call) {
  return [&context, call](const Outcome<CredentialRecord>& done) {
    if (!done) return admin_failure(call, done.error());
    answer_one(call, credential_json(context, *done));
  };
}

void add_credential(Context& context, const AdminCall& call) {
  CredentialRecord credential;
  AdminBody body(call);
  body.number("proxy", credential.proxy);
  read_credential(body, credential);
  if (!body.is_good_or_answered()) return;
  context.backend.add_credential(std::move(credential), answering(context, call));
}

constexpr Field kFields[] = {
    {.name = "id",
     .kind = Kind::kWhole,
     .use = Field::kTold,
     .meaning = "Given out by the server."},
    {.name = "proxy",
     .kind = Kind::kWhole,
     .use = Field::kOnce,
     .required = true,
     .meaning = "The number of the proxy that it lets in by."},
    {.name = "name",
     .required = true,
     .meaning = "What its clients log in with: 1 to 64 of the characters `A-Z a-z 0-9 _ . @ -`."},
    {.name = "password", .required = true, .meaning = "And the password for it."},
    {.name = "enabled",
     .kind = Kind::kFlag,
     .fallback = "true",
     .meaning = "Otherwise it is as if it were not there; its connections end."},
    {.name = "src_whitelist",
     .kind = Kind::kTexts,
     .fallback = "[]",
     .meaning = "At most 1024 networks, of this credential alone."},
    {.name = "src_whitelist_mode",
     .fallback = "\"bypass\"",
     .meaning = "As that of a proxy.",
     .choices = kWhitelistModeNames},
    {.name = "in_use_from",
     .kind = Kind::kTime,
     .nullable = true,
     .fallback = "null",
     .meaning = "From when on it is good, within the rental of the proxy."},
    {.name = "in_use_till",
     .kind = Kind::kTime,
     .nullable = true,
     .fallback = "null",
     .meaning = "Till when; its connections end then."},
    {.name = "limits",
     .kind = Kind::kObject,
     .nullable = true,
     .fallback = "null",
     .meaning = "What it may use, within what its proxy may.",
     .shape = &kLimitsShape},
    {.name = "quota",
     .kind = Kind::kObject,
     .nullable = true,
     .fallback = "null",
     .meaning = "How much it may move, likewise.",
     .shape = &kQuotaShape},
};
constexpr Shape kCredential{"Credential", kFields};

void change_credential(Context& context, const AdminCall& call) {
  const CredentialRecord* const named = named_credential(context, call);
  if (!named) return;
  const auto edit = [&context, call, body = AdminBody(call)](CredentialRecord& now) mutable {
    if (!is_expected_or_answered(call, kCredential, credential_json(context, now))) return false;
    read_credential(body, now);
    return body.is_good_or_answered();
  };
  context.backend.change_credential(named->id, edit, answering(context, call));
}

void remove_credential(Context& context, const AdminCall& call) {
  const CredentialRecord* const credential = named_credential(context, call);
  if (!credential) return;
  const auto may = [&context, call](const CredentialRecord& now) {
    return is_expected_or_answered(call, kCredential, credential_json(context, now));
  };
  context.backend.remove_credential(credential->id, may, [call](const Outcome<Done>& removed) {
    if (!removed) return admin_failure(call, removed.error());
    answer_success(call);
  });
}

constexpr Field kQuery[] = {
    {.name = "proxy", .kind = Kind::kWhole, .meaning = "Those of this proxy only."},
};

constexpr Endpoint kEndpoints[] = {
    {.method = "GET",
     .path = "/credentials",
     .handle = list_credentials,
     .name = "List the credentials",
     .summary = "Extra log-ins of proxies, counted apart.",
     .query = kQuery,
     .answer = &kCredential,
     .rows = "credentials"},
    {.method = "POST",
     .path = "/credentials",
     .handle = add_credential,
     .name = "Add a credential",
     .summary = "409 when the name logs in at the proxy already, or it has as many as it may.",
     .body = &kCredential,
     .status = 201,
     .answer = &kCredential},
    {.method = "GET",
     .path = "/credentials/{id}",
     .handle = get_credential,
     .name = "Show a credential",
     .summary = "One of them.",
     .answer = &kCredential},
    {.method = "PATCH",
     .path = "/credentials/{id}",
     .handle = change_credential,
     .name = "Change a credential",
     .summary = "What is given is changed, the rest stays.",
     .body = &kCredential,
     .answer = &kCredential},
    {.method = "DELETE",
     .path = "/credentials/{id}",
     .handle = remove_credential,
     .name = "Remove a credential",
     .summary = "Its connections end; its traffic stays in the sum of the proxy."},
};

}  // namespace

std::span<const Endpoint> credential_endpoints() { return kEndpoints; }

}  // namespace airlane::api
