// JSON written straight into a string, for answers that are long: the same bytes as json.h makes of
// the same values, without a tree of them in between.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace airlane::api {

class JsonText {
 public:
  // Names are ours and need no escaping.
  void open(char bracket);   // '{' or '['
  void close(char bracket);  // '}' or ']'
  void name(std::string_view name);

  void value(std::string_view text);
  void value(const char* text) { value(std::string_view(text)); }
  void value(std::int64_t number);
  void value(bool yes);
  void value(std::nullptr_t);

  [[nodiscard]] std::size_t size() const { return text_.size(); }
  std::string take() { return std::move(text_); }

 private:
  void separate();

  std::string text_;
};

}  // namespace airlane::api
