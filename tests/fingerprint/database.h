// p0f's own database, as Debian installs it: the requests (SYNs), with their labels.
#pragma once

#include <fstream>
#include <string>
#include <vector>

namespace airlane::test {

inline constexpr auto kDatabase = "/etc/p0f/p0f.fp";

struct DatabaseEntry {
  bool specified = false;  // Its label begins with s, not g: it stands for one thing, not a family.
  std::string system;      // "Linux", "Windows"
  std::string flavour;     // "3.11 and newer"
  std::string signature;

  [[nodiscard]] std::string name() const {
    return flavour.empty() ? system : system + " " + flavour;
  }
};

// Empty when p0f is not installed; script/setup does that.
inline std::vector<DatabaseEntry> read_database() {
  std::vector<DatabaseEntry> entries;
  DatabaseEntry labelled;
  bool requests = false;
  std::ifstream file(kDatabase);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('[')) requests = line == "[tcp:request]";
    const auto equals = line.find('=');
    if (equals == std::string::npos) continue;
    const auto start = line.find_first_not_of(" =", equals);
    const auto value = start == std::string::npos ? "" : line.substr(start);
    if (!requests || line.starts_with(';') || value.empty()) continue;
    if (line.starts_with("label")) {  // s:unix:Linux:3.11 and newer
      const auto second = value.find(':', 2);
      const auto third = value.find(':', second + 1);
      labelled.specified = value.front() == 's';
      labelled.system = value.substr(second + 1, third - second - 1);
      labelled.flavour = value.substr(third + 1);
    } else if (line.starts_with("sig")) {
      labelled.signature = value;
      entries.push_back(labelled);
    }
  }
  return entries;
}

}  // namespace airlane::test
