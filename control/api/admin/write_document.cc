#include <map>
#include <utility>

#include "control/api/admin/account_fields.h"
#include "control/api/admin/document.h"
#include "control/api/key_json.h"
#include "control/api/limits_json.h"

namespace airlane::api {
namespace {

template <class Record>
using ById = std::map<std::int64_t, std::vector<const Record*>>;

template <class Record>
ById<Record> grouped(const std::vector<Record>& all, std::int64_t Record::*owner) {
  ById<Record> groups;
  for (const auto& one : all) groups[one.*owner].push_back(&one);
  return groups;
}

template <class Record>
const Record* first_of(const ById<Record>& groups, std::int64_t id) {
  const auto found = groups.find(id);
  return found == groups.end() ? nullptr : found->second.front();
}

Json quota_of(const std::optional<QuotaRecord>& quota) {
  if (!quota) return nullptr;
  return {{"bytes", quota->bytes},
          {"period", quota->period},
          {"time_zone", quota->zone},
          {"action", quota->action},
          {"rate", quota->rate}};
}

Json key_of(const ApiKeyRecord& key) {
  return {{"name", key.name},
          {"key_hash", key.key_hash},
          {"scopes", scopes_json(key)},
          {"created", to_iso(key.created)},
          {"expires", iso_or_null(key.expires)},
          {"last_used", iso_or_null(key.last_used)}};
}

class Writer {
 public:
  Writer(const Contents& all, bool with_traffic)
      : all_(all),
        with_traffic_(with_traffic),
        keys_(grouped(all.keys, &ApiKeyRecord::user)),
        rotations_(grouped(all.rotations, &RotationRecord::dongle)),
        credentials_(grouped(all.credentials, &CredentialRecord::proxy)),
        links_(grouped(all.links, &RotationLinkRecord::proxy)),
        schedules_(grouped(all.schedules, &ScheduleRecord::proxy)),
        days_(grouped(all.days, &TrafficRecord::owner)),
        hours_(grouped(all.hours, &TrafficRecord::owner)),
        minutes_(grouped(all.minutes, &TrafficRecord::owner)) {
    for (const auto& user : all.users) user_names_[user.id] = &user.name;
    for (const auto& dongle : all.dongles) dongle_names_[dongle.id] = &dongle.name;
  }

  Json users() {
    Json rows = Json::array();
    for (const auto& user : all_.users) rows.push_back(user_of(user));
    return rows;
  }
  Json dongles() {
    Json rows = Json::array();
    for (const auto& dongle : all_.dongles) rows.push_back(dongle_of(dongle));
    return rows;
  }
  Json proxies() {
    Json rows = Json::array();
    for (const auto& proxy : all_.proxies) rows.push_back(proxy_of(proxy));
    return rows;
  }

 private:
  Json user_of(const UserRecord& user) {
    Json keys = Json::array();
    for (const auto* key : keys_[user.id]) keys.push_back(key_of(*key));
    return {{"name", user.name},       {"password_hash", user.password_hash},
            {"api_key", user.api_key}, {"admin", user.admin},
            {"api", user.api},         {"created", to_iso(user.created)},
            {"keys", std::move(keys)}};
  }

  Json dongle_of(const DongleRecord& dongle) {
    Json dns = Json::array();
    for (const Address& server : dongle.dns) dns.push_back(server.to_string());
    Json options = Json::object();
    for (const auto& [name, value] : dongle.options) options[name] = value;
    const auto* rotation = first_of(rotations_, dongle.id);
    return {{"name", dongle.name},
            {"interface", dongle.interface},
            {"driver", dongle.driver},
            {"gateway", dongle.gateway ? Json(dongle.gateway->ip()) : Json(nullptr)},
            {"dns", std::move(dns)},
            {"isp", dongle.isp},
            {"options", std::move(options)},
            {"created", to_iso(dongle.created)},
            {"rotated_at", rotation ? Json(to_iso(rotation->last)) : Json(nullptr)}};
  }

  Json proxy_of(const ProxyRecord& proxy) {
    Json credentials = Json::array();
    for (const auto* one : credentials_[proxy.id]) credentials.push_back(credential_of(*one));
    const auto* schedule = first_of(schedules_, proxy.id);
    const auto* link = first_of(links_, proxy.id);
    Json row{{"id", proxy.id},
             {"port", proxy.port},
             {"user", *user_names_.at(proxy.user)},
             {"dongle", *dongle_names_.at(proxy.dongle)},
             {"username", proxy.username},
             {"password", proxy.password},
             {"comment", proxy.comment},
             {"in_use_from", iso_or_null(proxy.in_use_from)},
             {"in_use_till", iso_or_null(proxy.in_use_till)},
             {"ext_ip_upd_interval", text_or_null(proxy.ext_ip_upd_interval)},
             {"ext_ip_upd_calendar", proxy.ext_ip_upd_calendar},
             {"next_by_interval", iso_or_null(schedule ? schedule->by_interval : std::nullopt)},
             {"next_by_calendar", iso_or_null(schedule ? schedule->by_calendar : std::nullopt)},
             {"fp", proxy.fp},
             {"src_whitelist", whitelist_json(proxy.whitelist)},
             {"src_whitelist_mode", proxy.whitelist_mode},
             {"top_destinations", proxy.targets_kept ? Json(*proxy.targets_kept) : Json()},
             {"quota", quota_of(proxy.quota)},
             {"limits", limits_json(proxy.limits)},
             {"link", nullptr},
             {"credentials", std::move(credentials)}};
    if (link) {
      row["link"] = {{"token_hash", link->token_hash}, {"created", to_iso(link->created)}};
    }
    if (with_traffic_) row["traffic"] = traffic_of(proxy.id);
    return row;
  }

  Json credential_of(const CredentialRecord& one) {
    Json row{{"id", one.id},
             {"name", one.name},
             {"password", one.password},
             {"enabled", one.enabled},
             {"in_use_from", iso_or_null(one.in_use_from)},
             {"in_use_till", iso_or_null(one.in_use_till)},
             {"src_whitelist", whitelist_json(one.whitelist)},
             {"src_whitelist_mode", one.whitelist_mode},
             {"quota", quota_of(one.quota)},
             {"limits", limits_json(one.limits)}};
    if (with_traffic_) row["traffic"] = traffic_of(one.owner());
    return row;
  }

  Json traffic_of(std::int64_t owner) {
    return {{"days", lines_of(days_[owner])},
            {"hours", lines_of(hours_[owner])},
            {"minutes", lines_of(minutes_[owner])}};
  }
  static Json lines_of(const std::vector<const TrafficRecord*>& rows) {
    Json lines = Json::array();
    for (const auto* row : rows) {
      lines.push_back(to_iso(row->from) + " " + std::to_string(row->moved.incoming) + " " +
                      std::to_string(row->moved.outgoing));
    }
    return lines;
  }

  const Contents& all_;
  const bool with_traffic_;
  ById<ApiKeyRecord> keys_;
  ById<RotationRecord> rotations_;
  ById<CredentialRecord> credentials_;
  ById<RotationLinkRecord> links_;
  ById<ScheduleRecord> schedules_;
  ById<TrafficRecord> days_;
  ById<TrafficRecord> hours_;
  ById<TrafficRecord> minutes_;
  std::map<std::int64_t, const std::string*> user_names_;
  std::map<std::int64_t, const std::string*> dongle_names_;
};

}  // namespace

std::string write_document(const Contents& contents, std::string_view program, bool with_traffic,
                           WallSeconds now) {
  Writer writer(contents, with_traffic);
  return compact(Json{{"format", "airlane"},
                      {"version", kDocumentVersion},
                      {"program", program},
                      {"exported", to_iso(now)},
                      {"users", writer.users()},
                      {"dongles", writer.dongles()},
                      {"proxies", writer.proxies()}});
}

}  // namespace airlane::api
