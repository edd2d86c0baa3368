#include "proxy/access_line.h"

#include <cstdio>
#include <cstring>
#include <ctime>

namespace airlane {
namespace {

void append(std::string& out, std::string_view key, std::string_view value) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += key;
  if (value.empty()) out += '-';
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f && c != '\\') {
      out += c;
    } else {
      out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
}

void append(std::string& out, std::string_view key, std::uint64_t value) {
  append(out, key, std::to_string(value));
}

void append(std::string& out, std::string_view key, const std::optional<Address>& address) {
  append(out, key, address ? address->to_string() : std::string());
}

// Milliseconds with three decimals.
void append(std::string& out, std::string_view key, AccessRecord::Time time) {
  char text[32] = "";
  const auto us = static_cast<long long>(time.count());
  if (us >= 0) std::snprintf(text, sizeof text, "%lld.%03lld", us / 1000, us % 1000);
  append(out, key, std::string_view(text));
}

// "2026-03-01T12:00:00.123Z"
void append_time(std::string& out, Wall::time_point when) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(when);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(ms);
  const std::time_t time = Wall::to_time_t(seconds);
  std::tm utc{};
  gmtime_r(&time, &utc);
  char text[48];
  auto size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  size += static_cast<std::size_t>(std::snprintf(text + size, sizeof text - size, ".%03dZ",
                                                 static_cast<int>((ms - seconds).count())));
  append(out, "time=", std::string_view(text, size));
}

// "during" is for people and has blanks: "read first byte".
void append_reason(std::string& out, std::string_view during) {
  std::string text(during);
  std::replace(text.begin(), text.end(), ' ', '_');
  append(out, " reason=", text);
}

// The name that errno(3) lists: "ECONNRESET".
std::string_view name_of(int os_error) {
  if (os_error == 0) return {};
  const char* const name = strerrorname_np(os_error);
  return name ? name : "unknown";
}

}  // namespace

void append_access_line(std::string& out, const AccessRecord& record) {
  append_time(out, record.begun);
  append(out, " proxy=", static_cast<std::uint64_t>(record.proxy));
  append(out, " port=", record.port);
  append(out, " client=", record.client);
  append(out, " front=", record.front);
  append(out, " protocol=", record.protocol);
  append(out, " requests=", record.requests);
  append(out, " target=", record.target.view());
  append(out, " address=", record.address);
  append(out, " interface=", record.interface.view());
  append(out, " stage=", record.stage);
  append(out, " error=", record.error);
  append_reason(out, record.reason);
  append(out, " errno=", name_of(record.os_error));
  append(out, " incoming=", record.incoming);
  append(out, " outgoing=", record.outgoing);
  append(out, " ms=", record.total);
  append(out, " detect_ms=", record.spent[AccessRecord::kDetect]);
  append(out, " authenticate_ms=", record.spent[AccessRecord::kAuthenticate]);
  append(out, " resolve_ms=", record.spent[AccessRecord::kResolve]);
  append(out, " connect_ms=", record.spent[AccessRecord::kConnect]);
  append(out, " relay_ms=", record.spent[AccessRecord::kRelay]);
  append(out, " credential=", record.credential.view());
  out += '\n';
}

}  // namespace airlane
