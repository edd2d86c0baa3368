// The list of settings: one row each, which feeds the loader and `airlane settings`.
//
// To add a setting: one field in config.h, one row in schema.cc, and the commented line in
// airlane.toml that the tests then ask for. Constant data; any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "conf/config.h"

namespace airlane::conf {

// Where a value is kept, and what it may be: the kinds of value that a setting can have. The bounds
// are inclusive.
struct Count {
  unsigned* value;
  unsigned least, most;
};
struct Duration {
  std::chrono::milliseconds* value;
  std::chrono::milliseconds least, most;
};
struct Size {
  std::size_t* value;
  std::size_t least, most;
};
struct Path {  // Absolute.
  std::string* value;
  std::size_t longest;
  bool may_be_empty = false;
};
struct Host {  // A name or an address, or nothing.
  std::string* value;
};
struct LogLevel {
  log::Level* value;
};
struct Ip {
  Address* value;
};
struct Listeners {
  std::vector<Address>* value;
};
struct Networks {
  std::vector<Cidr>* value;
};
struct Ports {  // Each one port or "first-last".
  std::vector<PortRange>* value;
};
struct Urls {  // At least one.
  std::vector<std::string>* value;
};
struct Certificates {  // Each one path, or a table of two.
  std::vector<CertificateFiles>* value;
};
using Field = std::variant<Count, Duration, Size, Path, Host, LogLevel, Ip, Listeners, Networks,
                           Ports, Urls, Certificates>;

struct Setting {
  std::string_view key;  // "table.name"
  Field (*field)(Config& config);
  std::string_view sentence;

  [[nodiscard]] std::string_view table() const { return key.substr(0, key.find('.')); }
  [[nodiscard]] std::string_view name() const { return key.substr(key.find('.') + 1); }
};

// All of them, in the order of the sample file.
std::span<const Setting> settings();

}  // namespace airlane::conf
