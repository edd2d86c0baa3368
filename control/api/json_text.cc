#include "control/api/json_text.h"

#include <algorithm>
#include <charconv>

#include "control/api/json.h"

namespace airlane::api {
namespace {

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

}  // namespace

// A comma, unless nothing stands before: what a bracket opens, or a name.
void JsonText::separate() {
  if (text_.empty()) return;
  const char last = text_.back();
  if (last != '{' && last != '[' && last != ':') text_ += ',';
}

void JsonText::open(char bracket) {
  separate();
  text_ += bracket;
}

void JsonText::close(char bracket) { text_ += bracket; }

void JsonText::name(std::string_view name) {
  separate();
  text_.append("\"").append(name).append("\":");
}

// A text ends in a quote, so that what it contains is never taken for a bracket.
void JsonText::value(std::string_view text) {
  separate();
  if (!is_plain(text)) {
    text_ += compact(Json(text));
    return;
  }
  text_.append("\"").append(text).append("\"");
}

void JsonText::value(std::int64_t number) {
  separate();
  char digits[24];
  const auto [end, error] = std::to_chars(std::begin(digits), std::end(digits), number);
  text_.append(digits, end);
}

void JsonText::value(bool yes) {
  separate();
  text_ += yes ? "true" : "false";
}

void JsonText::value(std::nullptr_t) {
  separate();
  text_ += "null";
}

}  // namespace airlane::api
