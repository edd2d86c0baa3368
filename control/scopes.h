// What a caller of the API may do: read, rotate, reboot, admin. Each stands for itself; none of
// them brings another one along. Pure values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace airlane {

enum class Scope : std::uint8_t {
  kRead,    // List, report, look.
  kRotate,  // Change addresses, and make the links that do.
  kReboot,
  kAdmin,  // The admin API, if the user is an admin.
};

std::string_view name_of(Scope scope);

class Scopes {
 public:
  // "read rotate", with spaces or commas between them, in any order. Absent when it has a word that
  // is none of them, or no word.
  static std::optional<Scopes> parse(std::string_view text);
  static Scopes all() { return Scopes(0b1111); }

  Scopes() = default;
  [[nodiscard]] bool has(Scope scope) const { return (bits_ & bit(scope)) != 0; }
  void add(Scope scope) { bits_ = static_cast<std::uint8_t>(bits_ | bit(scope)); }
  void remove(Scope scope) { bits_ = static_cast<std::uint8_t>(bits_ & ~bit(scope)); }
  [[nodiscard]] std::string to_string() const;  // "read rotate", in the order of Scope.
  bool operator==(const Scopes&) const = default;

 private:
  explicit Scopes(std::uint8_t bits) : bits_(bits) {}
  static std::uint8_t bit(Scope scope) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(scope));
  }

  std::uint8_t bits_ = 0;
};

}  // namespace airlane
