#include "sim/control.h"

#include <unistd.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "sim/report.h"

namespace airlane::sim {
namespace {

using nlohmann::json;

Reply refused(int status, const std::string& why) {
  return Reply::json(to_text({{"error", why}}), status);
}

struct Verb {
  std::string_view name;
  void (*act)(Modem&);
};

constexpr Verb kVerbs[] = {
    {"plug", [](Modem& modem) { modem.plug(); }},
    {"unplug", [](Modem& modem) { modem.unplug(); }},
    {"rotate", [](Modem& modem) { modem.rotate(); }},
    {"reboot", [](Modem& modem) { modem.reboot_now(); }},
    {"offline", [](Modem& modem) { modem.set_coverage(false); }},
    {"online", [](Modem& modem) { modem.set_coverage(true); }},
    {"hang", [](Modem& modem) { modem.settings().hang = true; }},
    {"unhang", [](Modem& modem) { modem.settings().hang = false; }},
};

}  // namespace

Control::Control(Loop& loop, Farm& farm, UniqueFd listener, std::string path)
    : farm_(farm),
      path_(std::move(path)),
      server_(loop, std::move(listener), HttpServer::Handler::to<&Control::answer>(*this)) {}

Control::~Control() { unlink(path_.c_str()); }

Reply Control::answer(const HttpRequest& request) {
  auto path = request.path();
  if (path == "/state") return Reply::json(to_text(state_of(farm_)));
  constexpr std::string_view kDongles = "/dongles/";
  if (!path.starts_with(kDongles)) return refused(404, "No such path.");
  path.remove_prefix(kDongles.size());
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(path.data(), path.data() + path.size(), index);
  if (error != std::errc() || index >= farm_.modems().size())
    return refused(404, "No such dongle.");
  path.remove_prefix(static_cast<std::size_t>(end - path.data()));
  auto& modem = *farm_.modems()[index];
  if (path.empty()) return Reply::json(to_text(state_of(farm_, modem)));
  path.remove_prefix(1);
  return command(modem, path, request);
}

Reply Control::command(Modem& modem, std::string_view verb, const HttpRequest& request) {
  if (verb == "settings") {
    if (request.method == "POST") {
      const auto settings = changed(modem.settings(), json::parse(request.body, nullptr, false));
      if (!settings) return refused(400, settings.error().text);
      modem.settings() = *settings;
      modem.settings_changed();
    }
    return Reply::json(to_text(to_json(modem.settings())));
  }
  for (const auto& known : kVerbs) {
    if (known.name != verb) continue;
    if (request.method != "POST") return refused(405, "Use POST.");
    known.act(modem);
    return Reply::json(to_text(state_of(farm_, modem)));
  }
  return refused(404, "No such command.");
}

}  // namespace airlane::sim
