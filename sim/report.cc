#include "sim/report.h"

#include <nlohmann/json.hpp>

namespace airlane::sim {
namespace {

using nlohmann::json;

const char* name_of(Modem::Power power) {
  switch (power) {
    case Modem::Power::kOn:
      return "on";
    case Modem::Power::kOff:
      return "off";
    case Modem::Power::kRebooting:
      return "rebooting";
  }
  return "";
}

bool is_good(const std::string& key, const json& old, const json& value) {
  constexpr int kMost = 3600000;
  if (old.is_number()) {
    const int least = key == "busy" ? -1 : 0;
    const int most = key == "same_ip" ? 100 : kMost;
    return value.is_number_integer() && value >= least && value <= most;
  }
  if (key == "offline") return value == "reject" || value == "drop";
  if (key == "offline_dns") return value == "servfail" || value == "silent";
  return value.type() == old.type();
}

json describe_dongle(const Farm& farm, const Modem& modem) {
  json made = {{"name", modem.wire().interface}, {"interface", modem.wire().interface},
               {"ifindex", farm.ifindex(modem)}, {"mac", kDongleMac},
               {"address", kDongleAddress},      {"prefix", 24},
               {"gateway", kModemAddress},       {"dns", kModemAddress},
               {"external_ip", modem.last_ip()}, {"modem", modem.has_api() ? "hilink" : "none"},
               {"modem_url", nullptr},           {"netns", modem.space().path()}};
  if (modem.has_api()) made["modem_url"] = "http://" + std::string(kModemAddress) + "/";
  return made;
}

}  // namespace

json describe(const Farm& farm, const std::string& control) {
  json dongles = json::array();
  for (const auto& modem : farm.modems()) dongles.push_back(describe_dongle(farm, *modem));
  json hosts = json::object();
  for (const auto& [name, addresses] : Zone::names()) hosts[name] = addresses;
  const std::string origin(kOriginAddress);
  const json internet = {{"netns", farm.internet().space().path()},
                         {"origin", "http://" + origin + "/"},
                         {"echo", origin + ":7"},
                         {"ip_echo", "http://" + std::string(kIpEchoAddress) + "/"},
                         {"dns", kDnsAddress},
                         {"blackhole", "198.19.0.9"},
                         {"unreachable", "198.19.0.10"},
                         {"hosts", hosts}};
  json made = {{"pid", getpid()}, {"dongles", dongles}, {"internet", internet}};
  made["control"] = control.empty() ? json(nullptr) : json(control);
  return made;
}

std::string describe_to_person(const Farm& farm, const std::string& control) {
  std::string text;
  for (const auto& modem : farm.modems()) {
    text += modem->wire().interface + "  192.168.8.100 by 192.168.8.1, seen outside as " +
            modem->last_ip() + "\n";
  }
  text += "internet  http://198.19.0.1/ (origin.test)  http://198.19.0.2/ (ip.test: your address)";
  text += "  198.19.0.1:7 (echo)  198.19.0.53 (names)\n";
  if (!control.empty()) text += "control   curl --unix-socket " + control + " http://sim/state\n";
  return text;
}

json state_of(const Farm& farm, Modem& modem) {
  json heard = json::array();
  for (const auto& request : modem.heard()) {
    heard.push_back(
        {{"method", request.method}, {"path", request.path}, {"answer", request.answer}});
  }
  auto state = describe_dongle(farm, modem);
  state["power"] = name_of(modem.power());
  state["connection"] = static_cast<int>(modem.connection());
  state["external_ip"] = modem.external_ip().empty() ? json(nullptr) : json(modem.external_ip());
  state["last_ip"] = modem.last_ip();
  state["data_enabled"] = modem.data_enabled();
  state["covered"] = modem.covered();
  state["settings"] = to_json(modem.settings());
  state["requests"] = heard;
  return state;
}

json state_of(const Farm& farm) {
  json dongles = json::array();
  for (const auto& modem : farm.modems()) dongles.push_back(state_of(farm, *modem));
  return {{"pid", getpid()}, {"dongles", dongles}};
}

std::string to_text(const json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

json to_json(const Settings& settings) {
  return {{"rotate_ms", settings.rotate.count()},
          {"reboot_ms", settings.reboot.count()},
          {"same_ip", settings.same_ip},
          {"busy", settings.busy},
          {"ignore_writes", settings.ignore_writes},
          {"hang", settings.hang},
          {"offline", settings.offline_reject ? "reject" : "drop"},
          {"offline_dns", settings.offline_dns_fails ? "servfail" : "silent"},
          {"keep_ms", settings.keep.count()},
          {"lie", settings.lie},
          {"password", settings.password}};
}

Outcome<Settings> changed(Settings settings, const json& changes) {
  const auto all = to_json(settings);
  if (!changes.is_object()) return Failure{Failure::Kind::kInvalid, "Settings are a JSON object."};
  for (const auto& [key, value] : changes.items()) {
    if (!all.contains(key) || !is_good(key, all[key], value)) {
      return Failure{Failure::Kind::kInvalid, "No such setting, or no value for it: " + key};
    }
  }
  auto merged = all;
  merged.update(changes);
  settings.rotate = std::chrono::milliseconds(merged["rotate_ms"].get<int>());
  settings.reboot = std::chrono::milliseconds(merged["reboot_ms"].get<int>());
  settings.same_ip = merged["same_ip"];
  settings.busy = merged["busy"];
  settings.ignore_writes = merged["ignore_writes"];
  settings.hang = merged["hang"];
  settings.offline_reject = merged["offline"] == "reject";
  settings.offline_dns_fails = merged["offline_dns"] == "servfail";
  settings.keep = std::chrono::milliseconds(merged["keep_ms"].get<int>());
  settings.lie = merged["lie"];
  settings.password = merged["password"];
  return settings;
}

}  // namespace airlane::sim
