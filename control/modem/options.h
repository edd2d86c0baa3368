// How drivers read their options: text in, values or a sentence out.
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "control/modem/driver.h"

namespace airlane {

// The option's text, or `otherwise` when it is not given.
std::string text_option(const DriverOptions& options, const std::string& name,
                        const std::string& otherwise = "");

// "500ms", "2s" or "1m": from zero to `most`.
Outcome<std::chrono::milliseconds> duration_option(const DriverOptions& options,
                                                   const std::string& name,
                                                   std::chrono::milliseconds otherwise,
                                                   std::chrono::milliseconds most);

}  // namespace airlane
