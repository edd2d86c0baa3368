#include "cli/table.h"

#include <algorithm>
#include <ostream>
#include <utility>
#include <vector>

namespace airlane::cli {
namespace {

std::string text_of(const Json& value) {
  if (value.is_null()) return {};
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_string()) return printable(value.get<std::string>());
  if (!value.is_structured()) return value.dump();
  std::string text;
  for (const auto& [key, element] : value.items()) {
    text += (text.empty() ? "" : ",") + (value.is_object() ? printable(key) + "=" : "");
    text += text_of(element);
  }
  return text;
}

// In characters, not bytes: every byte of UTF-8 but the continuations.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string written(const Json& object, const Column& column) {
  const auto value = object.find(std::string(column.key));
  const bool is_there = value != object.end() && !value->is_null();
  return column.write != nullptr && is_there ? column.write(*value) : cell(object, column.key);
}

}  // namespace

void print_table(std::ostream& out, const Json& objects, std::span<const Column> columns) {
  std::vector<std::vector<std::string>> rows(1);
  for (const auto& column : columns) rows[0].emplace_back(column.title);
  for (const auto& object : objects) {
    auto& row = rows.emplace_back();
    for (const auto& column : columns) row.push_back(written(object, column));
  }
  std::vector<std::size_t> widths(columns.size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  for (const auto& row : rows) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      out << row[i] << std::string(widths[i] - width(row[i]) + 2, ' ');
    }
    out << row.back() << '\n';
  }
}

Show listing(std::string_view list, std::span<const Column> columns) {
  return [list = std::string(list), columns](std::ostream& out, const Json& answer) {
    const auto objects = answer.find(list);
    print_table(out, objects == answer.end() ? Json::array() : *objects, columns);
  };
}

Show single(std::span<const Column> columns) {
  return [columns](std::ostream& out, const Json& answer) {
    print_table(out, Json::array({answer}), columns);
  };
}

Show record() {
  return [](std::ostream& out, Json answer) {
    if (answer.is_object()) answer.erase("password");
    out << answer.dump() << '\n';
  };
}

Show sentence(std::string text) {
  return [text = std::move(text)](std::ostream& out, const Json&) { out << text << '\n'; };
}

std::string cell(const Json& object, std::string_view key) {
  const auto found = object.find(std::string(key));
  auto text = found == object.end() ? std::string() : text_of(*found);
  return text.empty() ? "-" : text;
}

std::string printable(std::string_view text) {
  std::string clean;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0xff;
    if (byte == 0xc2 && next < 0xa0) {  // U+0080 to U+009F are control characters too.
      clean += '?';
      ++i;
    } else {
      clean += byte < 0x20 || byte == 0x7f ? '?' : text[i];
    }
  }
  return clean;
}

}  // namespace airlane::cli
