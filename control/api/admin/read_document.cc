#include <map>
#include <set>
#include <utility>

#include "base/tls/crypto.h"
#include "control/api/admin/document.h"
#include "control/api/admin/fields.h"
#include "control/api/limits_json.h"
#include "control/api/request_options.h"
#include "control/fingerprint.h"

namespace airlane::api {
namespace {

// One object of the document. Its fields were held against its shape.
class Part {
 public:
  Part(const Json& json, std::string path, std::vector<Fault>& faults)
      : json_(json), path_(std::move(path)), faults_(faults) {}

  [[nodiscard]] std::string text(const char* name) const { return json_[name].get<std::string>(); }
  [[nodiscard]] bool flag(const char* name) const { return json_[name].get<bool>(); }
  [[nodiscard]] std::int64_t number(const char* name) const {
    return json_[name].get<std::int64_t>();
  }
  [[nodiscard]] WallSeconds time(const char* name) const { return *parse_time(text(name)); }
  // Null when it is absent or null.
  [[nodiscard]] const Json* found(const char* name) const {
    const auto value = json_.find(name);
    return value == json_.end() || value->is_null() ? nullptr : &*value;
  }
  [[nodiscard]] std::optional<std::string> maybe_text(const char* name) const {
    return found(name) ? std::optional(text(name)) : std::nullopt;
  }
  [[nodiscard]] std::optional<WallSeconds> maybe_time(const char* name) const {
    return found(name) ? std::optional(time(name)) : std::nullopt;
  }
  [[nodiscard]] const Json& list(const char* name) const { return json_[name]; }
  [[nodiscard]] Part part(const char* name) const {
    return {json_[name], path_ + name + ".", faults_};
  }
  [[nodiscard]] Part part(const char* name, std::size_t index) const {
    return {json_[name][index], path_ + name + "." + std::to_string(index) + ".", faults_};
  }

  void refuse(const std::string& name, const std::string& sentence) const {
    faults_.push_back({path_ + name, sentence});
  }
  void expect(const char* name, const Outcome<Done>& good) const {
    if (!good) refuse(name, good.error().text);
  }
  void refuse(const std::vector<Fault>& faults) const {
    for (const auto& fault : faults) refuse(fault.field, fault.sentence);
  }
  // Each may be there once in the document.
  template <class T>
  void expect_new(const char* name, std::set<T>& seen, const T& value) const {
    if (!seen.insert(value).second) refuse(name, "It is in the document twice.");
  }
  void expect_hash(const char* name, const std::string& text) const {
    const bool is_hash =
        text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!is_hash) refuse(name, "It must be a SHA-256 in 64 hex digits.");
  }

 private:
  const Json& json_;
  const std::string path_;
  std::vector<Fault>& faults_;
};

class Reader {
 public:
  explicit Reader(Transfers::Draft& draft) : draft_(draft), all_(draft.contents) {}

  void read(const Json& document) {
    const Part whole(document, "", draft_.faults);
    for (std::size_t i = 0; i < document["users"].size(); ++i) read_user(whole.part("users", i));
    for (std::size_t i = 0; i < document["dongles"].size(); ++i) {
      read_dongle(whole.part("dongles", i));
    }
    for (std::size_t i = 0; i < document["proxies"].size(); ++i) {
      read_proxy(whole.part("proxies", i));
    }
  }

 private:
  void read_user(const Part& part);
  void read_key(const Part& part, std::int64_t user, std::set<std::string>& names);
  void read_dongle(const Part& part);
  void read_proxy(const Part& part);
  void read_what_it_has(const Part& part, std::int64_t proxy);
  void read_credential(const Part& part, const ProxyRecord& proxy, std::set<std::string>& names);
  void read_traffic(const Part& part, std::int64_t owner);
  static void read_lines(const Part& part, const char* name, std::int64_t owner,
                         std::int64_t length, std::vector<TrafficRecord>& to);
  template <class Account>
  static void read_account(const Part& part, Account& account);
  static void read_whitelist(const Part& part, std::vector<Cidr>& to);
  static std::optional<QuotaRecord> quota_of(const Part& part);

  Transfers::Draft& draft_;
  Contents& all_;
  std::map<std::string, std::int64_t> users_;  // By name: ids that hold in the contents only.
  std::map<std::string, std::int64_t> dongles_;
  std::set<std::string> api_keys_;
  std::set<std::string> key_hashes_;
  std::set<std::string> interfaces_;
  std::set<std::string> tokens_;
  std::set<std::int64_t> proxies_;
  std::set<std::int64_t> ports_;
  std::set<std::int64_t> credentials_;
};

void Reader::read_user(const Part& part) {
  UserRecord user{.id = static_cast<std::int64_t>(all_.users.size()) + 1,
                  .name = part.text("name"),
                  .password_hash = part.text("password_hash"),
                  .api_key = part.text("api_key"),
                  .admin = part.flag("admin"),
                  .created = part.time("created"),
                  .api = part.flag("api")};
  part.expect("name", check_name("user", user.name));
  if (!users_.emplace(user.name, user.id).second) {
    part.refuse("name", "It is in the document twice.");
  }
  part.expect_new("api_key", api_keys_, user.api_key);
  if (user.api_key.size() < 16) part.refuse("api_key", "It must have 16 characters at least.");
  if (!is_password_hash(user.password_hash)) {
    part.refuse("password_hash", "It must be a hash by scrypt, as an export has it.");
  }
  std::set<std::string> names;
  for (std::size_t i = 0; i < part.list("keys").size(); ++i) {
    read_key(part.part("keys", i), user.id, names);
  }
  all_.users.push_back(std::move(user));
}

void Reader::read_key(const Part& part, std::int64_t user, std::set<std::string>& names) {
  std::string scopes;
  for (const Json& scope : part.list("scopes")) scopes += scope.get<std::string>() + " ";
  const auto parsed = Scopes::parse(scopes);
  if (!parsed) part.refuse("scopes", "They must be some of read, rotate, reboot and admin.");
  ApiKeyRecord key{.id = 0,
                   .user = user,
                   .name = part.text("name"),
                   .key_hash = part.text("key_hash"),
                   .scopes = parsed.value_or(Scopes()).to_string(),
                   .created = part.time("created"),
                   .expires = part.maybe_time("expires"),
                   .last_used = part.maybe_time("last_used")};
  part.expect("name", check_name("key", key.name));
  part.expect_new("name", names, key.name);
  part.expect_hash("key_hash", key.key_hash);
  part.expect_new("key_hash", key_hashes_, key.key_hash);
  all_.keys.push_back(std::move(key));
}

void Reader::read_dongle(const Part& part) {
  DongleRecord dongle;
  dongle.id = static_cast<std::int64_t>(all_.dongles.size()) + 1;
  dongle.name = part.text("name");
  dongle.interface = part.text("interface");
  dongle.driver = part.text("driver");
  dongle.isp = part.text("isp");
  dongle.created = part.time("created");
  if (part.found("gateway")) {
    dongle.gateway = Address::parse(part.text("gateway"));
    if (!dongle.gateway) part.refuse("gateway", "It must be an IP address, or null.");
  }
  for (const Json& item : part.list("dns")) {
    const auto server = Address::parse_with_port(item.get<std::string>());
    if (server) dongle.dns.push_back(*server);
    if (!server) part.refuse("dns", "Each must be an IP address with its port.");
  }
  for (const auto& [name, value] : part.list("options").items()) {
    dongle.options[name] = value.get<std::string>();
  }
  part.refuse(faults(dongle));
  part.expect_new("interface", interfaces_, dongle.interface);
  if (!dongles_.emplace(dongle.name, dongle.id).second) {
    part.refuse("name", "It is in the document twice.");
  }
  if (const auto last = part.maybe_time("rotated_at")) all_.rotations.push_back({dongle.id, *last});
  all_.dongles.push_back(std::move(dongle));
}

void Reader::read_whitelist(const Part& part, std::vector<Cidr>& to) {
  for (const Json& item : part.list("src_whitelist")) {
    const auto text = item.get<std::string>();
    const auto network = Cidr::parse(text);
    if (network) to.push_back(*network);
    if (!network) part.refuse("src_whitelist", "\"" + text + "\" is no address or network.");
  }
}

std::optional<QuotaRecord> Reader::quota_of(const Part& part) {
  if (!part.found("quota")) return std::nullopt;
  const Part quota = part.part("quota");
  return QuotaRecord{.bytes = quota.number("bytes"),
                     .period = quota.text("period"),
                     .zone = quota.text("time_zone"),
                     .action = quota.text("action"),
                     .rate = quota.number("rate")};
}

// What a proxy and a credential have in common.
template <class Account>
void Reader::read_account(const Part& part, Account& account) {
  account.password = part.text("password");
  account.in_use_from = part.maybe_time("in_use_from");
  account.in_use_till = part.maybe_time("in_use_till");
  account.whitelist_mode = part.text("src_whitelist_mode");
  read_whitelist(part, account.whitelist);
  account.quota = quota_of(part);
  part.expect("limits.destinations", read_limits(part.list("limits"), account.limits));
}

// One that was good when it was given is so here, though its last moment may be over.
void check_looks_and_schedule(const Part& part, ProxyRecord& proxy) {
  part.expect("ext_ip_upd_interval", check_interval(proxy.ext_ip_upd_interval.value_or("")));
  part.expect("ext_ip_upd_calendar", check_calendar(proxy.ext_ip_upd_calendar, WallSeconds()));
  if (proxy.fp.empty()) return;
  const auto signature = judge_fingerprint(proxy.fp);
  if (signature) proxy.fp = *signature;
  if (!signature) part.refuse("fp", signature.error().text);
}

void Reader::read_proxy(const Part& part) {
  ProxyRecord proxy;
  proxy.id = part.number("id");
  proxy.port = static_cast<std::uint16_t>(part.number("port"));
  const auto user = users_.find(part.text("user"));
  const auto dongle = dongles_.find(part.text("dongle"));
  if (user == users_.end()) part.refuse("user", "There is no such user in the document.");
  if (dongle == dongles_.end()) part.refuse("dongle", "There is no such dongle in the document.");
  proxy.user = user == users_.end() ? 0 : user->second;
  proxy.dongle = dongle == dongles_.end() ? 0 : dongle->second;
  proxy.username = part.text("username");
  proxy.comment = part.text("comment");
  proxy.ext_ip_upd_interval = part.maybe_text("ext_ip_upd_interval");
  proxy.ext_ip_upd_calendar = part.text("ext_ip_upd_calendar");
  proxy.fp = part.text("fp");
  if (const Json* kept = part.found("top_destinations")) {
    proxy.targets_kept = kept->get<unsigned>();
  }
  read_account(part, proxy);
  check_looks_and_schedule(part, proxy);
  part.refuse(faults(proxy));
  part.expect_new("id", proxies_, proxy.id);
  part.expect_new("port", ports_, static_cast<std::int64_t>(proxy.port));
  std::set<std::string> names{proxy.username};
  for (std::size_t i = 0; i < part.list("credentials").size(); ++i) {
    read_credential(part.part("credentials", i), proxy, names);
  }
  read_what_it_has(part, proxy.id);
  all_.proxies.push_back(std::move(proxy));
}

void Reader::read_what_it_has(const Part& part, std::int64_t proxy) {
  const ScheduleRecord schedule{.proxy = proxy,
                                .by_interval = part.maybe_time("next_by_interval"),
                                .by_calendar = part.maybe_time("next_by_calendar")};
  if (schedule.by_interval || schedule.by_calendar) all_.schedules.push_back(schedule);
  if (part.found("link")) {
    const Part link = part.part("link");
    const auto token = link.text("token_hash");
    link.expect_hash("token_hash", token);
    link.expect_new("token_hash", tokens_, token);
    all_.links.push_back({.proxy = proxy, .token_hash = token, .created = link.time("created")});
  }
  read_traffic(part, proxy);
}

void Reader::read_credential(const Part& part, const ProxyRecord& proxy,
                             std::set<std::string>& names) {
  CredentialRecord one;
  one.id = part.number("id");
  one.proxy = proxy.id;
  one.name = part.text("name");
  one.enabled = part.flag("enabled");
  read_account(part, one);
  part.refuse(faults(one));
  part.expect_new("id", credentials_, one.id);
  if (!names.insert(one.name).second) {
    part.refuse("name", "It logs in at proxy " + std::to_string(proxy.id) + " already.");
  }
  read_traffic(part, one.owner());
  all_.credentials.push_back(std::move(one));
}

void Reader::read_traffic(const Part& part, std::int64_t owner) {
  if (!part.found("traffic")) return;
  const Part traffic = part.part("traffic");
  read_lines(traffic, "days", owner, 86'400, all_.days);
  read_lines(traffic, "hours", owner, 3600, all_.hours);
  read_lines(traffic, "minutes", owner, 60, all_.minutes);
}

// "2026-11-28T21:00:00Z 12345 678"
std::optional<TrafficRecord> traffic_of(const std::string& line, std::int64_t length) {
  const auto first = line.find(' ');
  const auto second = line.find(' ', first + 1);
  if (first == std::string::npos || second == std::string::npos) return std::nullopt;
  const auto from = parse_time(std::string_view(line).substr(0, first));
  const auto incoming = parse_whole(std::string_view(line).substr(first + 1, second - first - 1));
  const auto outgoing = parse_whole(std::string_view(line).substr(second + 1));
  if (!from || !incoming || !outgoing || *incoming < 0 || *outgoing < 0) return std::nullopt;
  if (unix_seconds(*from) % length != 0) return std::nullopt;
  return TrafficRecord{
      .owner = 0,
      .from = *from,
      .moved = {static_cast<std::uint64_t>(*incoming), static_cast<std::uint64_t>(*outgoing)}};
}

void Reader::read_lines(const Part& part, const char* name, std::int64_t owner, std::int64_t length,
                        std::vector<TrafficRecord>& to) {
  std::optional<WallSeconds> before;
  for (const Json& item : part.list(name)) {
    const auto line = item.get<std::string>();
    auto row = traffic_of(line, length);
    if (!row || (before && row->from <= *before)) {
      return part.refuse(name, "\"" + line +
                                   "\" is not the beginning of such a time, later than the one "
                                   "before it, and two numbers of bytes.");
    }
    before = row->from;
    row->owner = owner;
    to.push_back(*row);
  }
}

}  // namespace

Transfers::Draft read_document(const std::string& text) {
  Transfers::Draft draft;
  const auto document = parse_json(text);
  draft.is_readable = document && document->is_object();
  if (!draft.is_readable) return draft;
  std::vector<WrongField> wrong;
  check_object(*document, kDocumentShape.fields, Field::kPosted, wrong);
  for (auto& [field, message] : wrong) draft.faults.push_back({field, message});
  if (draft.faults.empty()) Reader(draft).read(*document);
  return draft;
}

}  // namespace airlane::api
