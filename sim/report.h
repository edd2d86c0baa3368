// What the simulator tells about itself: once at the start, and whenever the control socket asks.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "sim/farm.h"

namespace airlane::sim {

// The line of --json: what was made and how to reach it.
nlohmann::json describe(const Farm& farm, const std::string& control);
// The same for people.
std::string describe_to_person(const Farm& farm, const std::string& control);
// What is so at the moment; what a control socket answers.
nlohmann::json state_of(const Farm& farm);
nlohmann::json state_of(const Farm& farm, Modem& modem);

// One line; bytes that are no UTF-8, as a client may send them, are replaced. Never throws.
std::string to_text(const nlohmann::json& json);

nlohmann::json to_json(const Settings& settings);
// Changes the fields that `changes` names; fails, and changes nothing, at a wrong one.
Outcome<Settings> changed(Settings settings, const nlohmann::json& changes);

}  // namespace airlane::sim
