#include "control/modem/hilink_xml.h"

#include <charconv>
#include <cstdint>

namespace airlane {
namespace {

constexpr std::size_t kDepthMost = 8;
constexpr std::size_t kFieldsMost = 1000;
constexpr std::size_t kNameMost = 64;
constexpr std::string_view kBlanks = " \t\r\n";

struct Entity {
  std::string_view name;
  char character;
};
constexpr Entity kEntities[] = {
    {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};

void append_utf8(std::string& out, std::uint32_t code) {
  const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xc0 | code >> 6);
    byte(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    byte(0xe0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3f));
    byte(0x80 | (code & 0x3f));
  } else {
    byte(0xf0 | code >> 18);
    byte(0x80 | (code >> 12 & 0x3f));
    byte(0x80 | (code >> 6 & 0x3f));
    byte(0x80 | (code & 0x3f));
  }
}

// `name` is what stands between & and ;. False when it means nothing.
bool append_entity(std::string& out, std::string_view name) {
  if (name.starts_with('#')) {
    const bool hex = name.starts_with("#x");
    name.remove_prefix(hex ? 2 : 1);
    std::uint32_t code = 0;
    const auto* const end = name.data() + name.size();
    const auto [stopped, error] = std::from_chars(name.data(), end, code, hex ? 16 : 10);
    if (error != std::errc() || stopped != end || code == 0 || code > 0x10ffff) return false;
    append_utf8(out, code);
    return true;
  }
  for (const auto& entity : kEntities) {
    if (entity.name == name) return out += entity.character, true;
  }
  return false;
}

// What means nothing stays as it is: firmwares forget to escape their &.
std::string decode(std::string_view text) {
  static constexpr std::size_t kLongest = 10;  // "&#x10ffff;"
  std::string out;
  while (!text.empty()) {
    const auto end = text.front() == '&' ? text.substr(0, kLongest).find(';') : text.npos;
    if (end != text.npos && append_entity(out, text.substr(1, end - 1))) {
      text.remove_prefix(end + 1);
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

std::string_view trim(std::string_view text) {
  const auto from = text.find_first_not_of(kBlanks);
  if (from == text.npos) return {};
  return text.substr(from, text.find_last_not_of(kBlanks) + 1 - from);
}

class Parser {
 public:
  explicit Parser(std::string_view xml) : rest_(xml) {}

  std::optional<HilinkDocument> run() {
    if (rest_.starts_with("\xef\xbb\xbf")) rest_.remove_prefix(3);
    while (!done_ || !trim(rest_).empty()) {
      if (!step()) return std::nullopt;
    }
    return std::move(document_);
  }

 private:
  // Text up to the next tag, and that tag.
  bool step() {
    const auto tag = rest_.find('<');
    if (tag == rest_.npos) return false;
    text_ += decode(rest_.substr(0, tag));
    rest_.remove_prefix(tag);
    if (rest_.starts_with("<![CDATA[")) {
      const auto end = rest_.find("]]>");
      if (end == rest_.npos || open_.empty()) return false;
      text_ += rest_.substr(9, end - 9);
      rest_.remove_prefix(end + 3);
      return true;
    }
    if (rest_.starts_with("<!--")) return skip_past("-->");
    if (rest_.starts_with("<?")) return skip_past("?>");
    const auto end = rest_.find('>');
    if (end == rest_.npos || done_) return false;
    auto inside = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    if (inside.starts_with('/')) return close(trim(inside.substr(1)));
    const bool empty = inside.ends_with('/');
    if (empty) inside.remove_suffix(1);
    const auto name = inside.substr(0, inside.find_first_of(kBlanks));
    return open(name) && (!empty || close(name));
  }

  bool skip_past(std::string_view mark) {
    const auto end = rest_.find(mark);
    if (end == rest_.npos) return false;
    rest_.remove_prefix(end + mark.size());
    return true;
  }

  bool open(std::string_view name) {
    const bool odd = name.empty() || name.size() > kNameMost || name.front() == '!';
    if (odd || open_.size() == kDepthMost) return false;
    open_.emplace_back(name);
    text_.clear();
    leaf_ = true;
    return true;
  }

  bool close(std::string_view name) {
    if (open_.empty() || open_.back() != name) return false;
    open_.pop_back();
    if (open_.empty()) {
      document_.root = name;
      if (leaf_) document_.text = trim(text_);
      done_ = true;
    } else if (leaf_) {
      if (document_.fields.size() == kFieldsMost) return false;
      document_.fields.emplace_back(name, trim(text_));
    }
    text_.clear();
    leaf_ = false;
    return true;
  }

  std::string_view rest_;
  std::vector<std::string> open_;  // From the root inwards.
  std::string text_;               // Since the last tag.
  bool leaf_ = false;              // Nothing was closed within the innermost open element.
  bool done_ = false;              // The root was closed.
  HilinkDocument document_;
};

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const Entity* found = nullptr;
    for (const auto& entity : kEntities) {
      if (entity.character == c) found = &entity;
    }
    if (found != nullptr) {
      out.append("&").append(found->name).append(";");
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::optional<HilinkDocument> parse_hilink(std::string_view xml) { return Parser(xml).run(); }

std::string write_hilink_request(const Fields& fields) {
  std::string xml = R"(<?xml version="1.0" encoding="UTF-8"?><request>)";
  for (const auto& [name, value] : fields) {
    xml.append("<").append(name).append(">").append(escape(value));
    xml.append("</").append(name).append(">");
  }
  return xml + "</request>";
}

std::string field_of(const Fields& fields, std::string_view name) {
  for (const auto& [key, value] : fields) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace airlane
