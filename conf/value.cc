#include "conf/value.h"

#include <algorithm>
#include <array>

#include "conf/amount.h"

namespace airlane::conf {
namespace {

constexpr std::size_t kPathMost = 4095;  // PATH_MAX without its zero
constexpr std::array<std::string_view, 4> kLevels{"debug", "info", "warning", "error"};

template <class... Cases>
struct Match : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Match(Cases...) -> Match<Cases...>;

std::string outside(std::string_view given, const std::string& least, const std::string& most) {
  return std::string(given) + " is out of range: it must be from " + least + " to " + most;
}

Objection read(const Duration& field, std::string_view text) {
  const auto amount = read_amount(text, kTime);
  if (!amount) return amount.error();
  if (*amount < field.least.count() || *amount > field.most.count()) {
    return outside(quoted(text), written_amount(field.least.count(), kTime),
                   written_amount(field.most.count(), kTime));
  }
  *field.value = std::chrono::milliseconds(*amount);
  return std::nullopt;
}

Objection read(const Size& field, std::string_view text) {
  const auto amount = read_amount(text, kBytes);
  if (!amount) return amount.error();
  const auto size = static_cast<std::size_t>(*amount);
  if (size < field.least || size > field.most) {
    return outside(quoted(text), written_amount(static_cast<std::int64_t>(field.least), kBytes),
                   written_amount(static_cast<std::int64_t>(field.most), kBytes));
  }
  *field.value = size;
  return std::nullopt;
}

Objection read(const Path& field, std::string_view text) {
  const bool left_out = text.empty() && field.may_be_empty;
  if (!left_out && !text.starts_with('/')) return quoted(text) + " is not an absolute path";
  if (text.find('\0') != std::string_view::npos) return quoted(text) + " is not a path";
  if (text.size() > field.longest) {
    return quoted(text) + " is longer than " + std::to_string(field.longest) + " bytes";
  }
  *field.value = text;
  return std::nullopt;
}

bool is_host(std::string_view text) {
  const bool dotted =
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") ==
      std::string_view::npos;
  return text.size() <= 253 && (dotted || Address::parse(text));
}

Objection read(const Host& field, std::string_view text) {
  if (!is_host(text)) return quoted(text) + " is neither a host name nor an address";
  *field.value = text;
  return std::nullopt;
}

Objection read(const LogLevel& field, std::string_view text) {
  const auto* level = std::find(kLevels.begin(), kLevels.end(), text);
  if (level == kLevels.end()) {
    return quoted(text) + " is not a level: it must be debug, info, warning or error";
  }
  *field.value = static_cast<log::Level>(level - kLevels.begin());
  return std::nullopt;
}

Objection read(const Ip& field, std::string_view text) {
  const auto address = Address::parse(text);
  if (!address) return quoted(text) + R"( is not an IP address like "0.0.0.0" or "2001:db8::1")";
  *field.value = *address;
  return std::nullopt;
}

Objection read(const Listeners& field, std::string_view text) {
  const auto address = Address::parse_with_port(text);
  if (!address || address->port() == 0) {
    return quoted(text) + R"( is not an address and a port like "127.0.0.1:8080" or "[::1]:8080")";
  }
  if (std::find(field.value->begin(), field.value->end(), *address) != field.value->end()) {
    return quoted(text) + " is listed twice";
  }
  field.value->push_back(*address);
  return std::nullopt;
}

Objection read(const Networks& field, std::string_view text) {
  const auto network = Cidr::parse(text);
  if (!network) {
    return quoted(text) + R"( is not a network like "192.168.50.0/24"; host bits must be 0)";
  }
  field.value->push_back(*network);
  return std::nullopt;
}

Objection read(const Ports& field, std::string_view text) {
  const auto range = PortRange::parse(text);
  if (!range) return quoted(text) + R"( is neither a port like "25" nor ports like "6660-6669")";
  field.value->push_back(*range);
  return std::nullopt;
}

Objection read(const Urls& field, std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    const auto rest = text.starts_with(scheme) ? text.substr(scheme.size()) : std::string_view();
    const bool clean = std::all_of(rest.begin(), rest.end(), [](char c) { return c > ' '; });
    if (clean && rest.find_first_of("/?#:@") != 0 && !rest.empty()) {
      field.value->emplace_back(text);
      return std::nullopt;
    }
  }
  return quoted(text) + " is not an http:// or https:// URL";
}

Objection read(const Certificates& field, std::string_view text) {
  CertificateFiles files;
  if (auto wrong = read(Path{&files.certificate, kPathMost}, text)) return wrong;
  files.key = files.certificate;
  field.value->push_back(std::move(files));
  return std::nullopt;
}

Objection read(const Count& field, std::string_view text) {
  return quoted(text) + " is not " + std::string(expectation(field));
}

template <class List, class Write>
std::string written_list(const List& list, Write write) {
  std::string text;
  for (const auto& element : list) {
    text += (text.empty() ? "" : ", ") + quoted(write(element));
  }
  return "[" + text + "]";
}

}  // namespace

Shape shape(const Field& field) {
  if (std::holds_alternative<Count>(field)) return Shape::kNumber;
  const bool list = std::holds_alternative<Listeners>(field) ||
                    std::holds_alternative<Networks>(field) ||
                    std::holds_alternative<Ports>(field) || std::holds_alternative<Urls>(field) ||
                    std::holds_alternative<Certificates>(field);
  return list ? Shape::kList : Shape::kText;
}

std::string_view expectation(const Field& field) {
  return std::visit(Match{[](const Count&) { return "a whole number"; },
                          [](const Duration&) { return R"(a duration like "30s")"; },
                          [](const Size&) { return R"(a size like "64KiB")"; },
                          [](const Path&) { return "a path in quotes"; },
                          [](const Host&) { return "a host in quotes"; },
                          [](const LogLevel&) { return "a level in quotes"; },
                          [](const Ip&) { return "an address in quotes"; },
                          [](const Listeners&) { return R"(a list like ["127.0.0.1:8080"])"; },
                          [](const Networks&) { return R"(a list like ["192.168.50.0/24"])"; },
                          [](const Ports&) { return R"(a list like ["25", "6660-6669"])"; },
                          [](const Urls&) { return R"(a list like ["https://api.ipify.org"])"; },
                          [](const Certificates&) {
                            return R"(a list like [{ certificate = "/a.crt", key = "/a.key" }])";
                          }},
                    field);
}

Objection read_text(const Field& field, std::string_view text) {
  return std::visit([&](const auto& kind) { return read(kind, text); }, field);
}

Objection read_pair(const Field& field, std::span<const Pair> pairs) {
  const auto* certificates = std::get_if<Certificates>(&field);
  if (certificates == nullptr) return "has an element that is not text in quotes";
  CertificateFiles files;
  for (const auto& [name, value] : pairs) {
    auto* const place = name == "certificate" ? &files.certificate
                        : name == "key"       ? &files.key
                                              : nullptr;
    if (place == nullptr) return quoted(name) + " is neither certificate nor key";
    if (!value) return std::string(name) + " must be a path in quotes";
    if (auto wrong = read(Path{place, kPathMost}, *value)) return wrong;
  }
  if (files.certificate.empty()) return "has an element without certificate";
  if (files.key.empty()) return "has an element without key";
  certificates->value->push_back(std::move(files));
  return std::nullopt;
}

void read_list_start(const Field& field) {
  std::visit(
      [](const auto& kind) {
        if constexpr (requires { kind.value->push_back({}); }) kind.value->clear();
      },
      field);
}

Objection read_number(const Field& field, std::int64_t number) {
  const auto given = std::to_string(number);
  if (std::holds_alternative<Duration>(field)) return without_unit(given, kTime);
  if (std::holds_alternative<Size>(field)) return without_unit(given, kBytes);
  const auto* count = std::get_if<Count>(&field);
  if (count == nullptr) return given + " is not " + std::string(expectation(field));
  if (number < count->least || number > count->most) {
    return outside(given, std::to_string(count->least), std::to_string(count->most));
  }
  *count->value = static_cast<unsigned>(number);
  return std::nullopt;
}

Objection read_list_end(const Field& field, std::size_t elements) {
  const bool needs_one = std::holds_alternative<Urls>(field);
  return needs_one && elements == 0 ? Objection("must have at least one element") : std::nullopt;
}

std::string written(const Field& field) {
  return std::visit(
      Match{
          [](const Count& f) { return std::to_string(*f.value); },
          [](const Duration& f) { return quoted(written_amount(f.value->count(), kTime)); },
          [](const Size& f) {
            return quoted(written_amount(static_cast<std::int64_t>(*f.value), kBytes));
          },
          [](const Path& f) { return quoted(*f.value); },
          [](const Host& f) { return quoted(*f.value); },
          [](const LogLevel& f) { return quoted(kLevels.at(static_cast<std::size_t>(*f.value))); },
          [](const Ip& f) { return quoted(f.value->ip()); },
          [](const Listeners& f) {
            return written_list(*f.value, [](const Address& a) { return a.to_string(); });
          },
          [](const Networks& f) {
            return written_list(*f.value, [](const Cidr& c) { return c.to_string(); });
          },
          [](const Ports& f) {
            return written_list(*f.value, [](const PortRange& p) { return p.to_string(); });
          },
          [](const Urls& f) {
            return written_list(*f.value, [](const std::string& url) { return url; });
          },
          [](const Certificates& f) {
            std::string text;
            for (const auto& files : *f.value) {
              text += text.empty() ? "{ certificate = " : ", { certificate = ";
              text += quoted(files.certificate) + ", key = " + quoted(files.key) + " }";
            }
            return "[" + text + "]";
          }},
      field);
}

}  // namespace airlane::conf
