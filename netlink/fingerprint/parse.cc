// The grammar of signatures. Stricter than p0f's own parser, which takes an empty number for 0 and
// lets a list end in a comma: what was left out by mistake should not be guessed.
#include <algorithm>
#include <array>
#include <charconv>

#include "netlink/fingerprint/signature.h"

namespace airlane {
namespace {

constexpr std::size_t kLongest = 512;
constexpr std::array<std::string_view, 8> kFields{"ver",         "ittl",    "olen",   "mss",
                                                  "wsize,scale", "olayout", "quirks", "pclass"};

// A part of the text, and where in it that is.
struct Piece {
  std::string_view text;
  std::size_t at = 0;

  [[nodiscard]] Piece from(std::size_t start) const { return {text.substr(start), at + start}; }
  [[nodiscard]] Piece first(std::size_t size) const { return {text.substr(0, size), at}; }
  [[nodiscard]] bool starts_with(std::string_view start) const { return text.starts_with(start); }
};

std::vector<Piece> split(Piece whole, char separator) {
  std::vector<Piece> pieces;
  for (;;) {
    const auto end = whole.text.find(separator);
    pieces.push_back(whole.first(end));
    if (end == std::string_view::npos) return pieces;
    whole = whole.from(end + 1);
  }
}

Failure wrong(std::size_t at, std::string_view field, const std::string& why) {
  return {Failure::Kind::kInvalid, "The fingerprint is wrong in the field " + std::string(field) +
                                       ", at character " + std::to_string(at + 1) + ": " + why +
                                       "."};
}

// "X", shortened and without what a terminal or a page would act upon.
std::string quoted(std::string_view text) {
  constexpr std::size_t kShown = 24;
  std::string shown;
  for (const char c : text.substr(0, kShown)) shown += c > ' ' && c < '\x7f' ? c : '.';
  return "\"" + shown + (text.size() > kShown ? "...\"" : "\"");
}

Failure wrong(const Piece& piece, std::string_view field, const std::string& must) {
  const auto what = piece.text.empty() ? "it is empty" : quoted(piece.text) + " is not valid";
  return wrong(piece.at, field, what + "; it must be " + must);
}

std::optional<unsigned> number(std::string_view text, unsigned least, unsigned most) {
  unsigned value = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  const bool whole = error == std::errc() && stop == end && !text.empty() && text.size() <= 5;
  if (!whole || value < least || value > most) return std::nullopt;
  return value;
}

// Each reads one field into the signature, and answers what is wrong with it, if anything.
using Problem = std::optional<Failure>;

Problem read_version(const Piece& piece, Signature& signature) {
  if (piece.text == "*") {
    signature.version = Signature::Version::kAny;
  } else if (piece.text == "4") {
    signature.version = Signature::Version::kV4;
  } else if (piece.text == "6") {
    signature.version = Signature::Version::kV6;
  } else {
    return wrong(piece, "ver", "4, 6 or *");
  }
  return std::nullopt;
}

Problem read_ttl(const Piece& piece, Signature& signature) {
  static constexpr auto kMust = "1 to 255, as N, N+M (seen after M hops), N+? or N- (at most N)";
  auto digits = piece.text;
  unsigned distance = 0;
  if (digits.ends_with("+?")) {
    digits.remove_suffix(2);
    signature.ttl_form = Signature::TtlForm::kUnknown;
  } else if (digits.ends_with('-')) {
    digits.remove_suffix(1);
    signature.ttl_form = Signature::TtlForm::kAtMost;
  } else if (const auto plus = digits.find('+'); plus != std::string_view::npos) {
    const auto hops = number(digits.substr(plus + 1), 0, 254);
    if (!hops) return wrong(piece.from(plus + 1), "ittl", "the distance, 0 to 254 hops, or ?");
    distance = *hops;
    digits = digits.substr(0, plus);
  }
  const auto ttl = number(digits, 1, 255);
  if (!ttl || *ttl + distance > 255) return wrong(piece, "ittl", kMust);
  signature.ttl = static_cast<std::uint8_t>(*ttl + distance);
  return std::nullopt;
}

Problem read_ip_options(const Piece& piece, Signature& signature) {
  const auto length = number(piece.text, 0, 255);
  if (!length) return wrong(piece, "olen", "the bytes of IP options, 0 to 255");
  signature.ip_options = static_cast<std::uint8_t>(*length);
  return std::nullopt;
}

Problem read_mss(const Piece& piece, Signature& signature) {
  if (piece.text == "*") return std::nullopt;
  const auto mss = number(piece.text, 0, 65535);
  if (!mss) return wrong(piece, "mss", "0 to 65535 or *");
  signature.mss = static_cast<std::uint16_t>(*mss);
  return std::nullopt;
}

Problem read_window(const Piece& piece, Signature& signature) {
  using Form = Signature::WindowForm;
  struct Row {
    std::string_view start;
    Form form;
    unsigned least, most;
    const char* must;
  };
  static constexpr std::array<Row, 4> kRows{
      {{"%", Form::kMultiple, 2, 65535, "2 to 65535 after %"},
       {"mss*", Form::kTimesMss, 1, 1000, "1 to 1000 after mss*"},
       {"mtu*", Form::kTimesMtu, 1, 1000, "1 to 1000 after mtu*"},
       {"", Form::kFixed, 0, 65535, "0 to 65535, *, %N, mss*N or mtu*N"}}};
  if (piece.text == "*") return std::nullopt;
  const auto& row = *std::find_if(kRows.begin(), kRows.end(),
                                  [&](const Row& r) { return piece.starts_with(r.start); });
  const auto digits = piece.from(row.start.size());
  const auto value = number(digits.text, row.least, row.most);
  if (!value) return wrong(digits, "wsize", row.must);
  signature.window_form = row.form;
  signature.window = static_cast<std::uint16_t>(*value);
  return std::nullopt;
}

Problem read_window_and_scale(const Piece& piece, Signature& signature) {
  const auto parts = split(piece, ',');
  if (parts.size() != 2) {
    const auto at = parts.size() == 1 ? piece.at + piece.text.size() : parts[2].at - 1;
    return wrong(at, "wsize,scale", "it must be the window and its scale, with one comma between");
  }
  if (auto problem = read_window(parts[0], signature)) return problem;
  if (parts[1].text == "*") return std::nullopt;
  const auto scale = number(parts[1].text, 0, 255);
  if (!scale) return wrong(parts[1], "scale", "0 to 255 or *");
  signature.scale = static_cast<std::uint8_t>(*scale);
  return std::nullopt;
}

std::optional<TcpOption> read_option(std::string_view text) {
  for (const auto kind :
       {kOptionNop, kOptionMss, kOptionScale, kOptionSackAllowed, kOptionSack, kOptionTime}) {
    if (text == to_string(TcpOption{kind})) return TcpOption{kind};
  }
  if (text.starts_with("eol+")) {
    const auto padding = number(text.substr(4), 0, 255);
    if (padding) return TcpOption{kOptionEnd, static_cast<std::int16_t>(*padding)};
  } else if (text.starts_with('?')) {
    const auto kind = number(text.substr(1), 0, 255);
    if (kind) return TcpOption{static_cast<std::uint8_t>(*kind)};
  }
  return std::nullopt;
}

Problem read_options(const Piece& piece, Signature& signature) {
  if (piece.text.empty()) return std::nullopt;
  for (const auto& part : split(piece, ',')) {
    if (!signature.options.empty() && signature.options.back().padding >= 0) {
      return wrong(part.at, "olayout", "nothing may follow eol+N");
    }
    if (signature.options.size() == Signature::kMostOptions) {
      return wrong(part.at, "olayout", "there are more than 24 options");
    }
    const auto option = read_option(part.text);
    if (!option) {
      return wrong(part, "olayout", "eol+N, nop, mss, ws, sok, sack, ts or ?N, N from 0 to 255");
    }
    signature.options.push_back(*option);
  }
  return std::nullopt;
}

Problem read_quirks(const Piece& piece, Signature& signature) {
  if (piece.text.empty()) return std::nullopt;
  for (const auto& part : split(piece, ',')) {
    const auto quirk = quirk_of(part.text);
    if (!quirk) {
      std::string names;
      for (int i = 0; i <= static_cast<int>(kLastQuirk); ++i) {
        names += (i == 0 ? "" : i == static_cast<int>(kLastQuirk) ? " or " : ", ");
        names += name_of(static_cast<Quirk>(i));
      }
      return wrong(part, "quirks", names);
    }
    const bool v4_only = *quirk == Quirk::kDf || *quirk == Quirk::kIdNonZero ||
                         *quirk == Quirk::kIdZero || *quirk == Quirk::kReserved;
    if (v4_only && signature.version == Signature::Version::kV6) {
      return wrong(part.at, "quirks", "IPv6, which ver asks for, has no " + std::string(part.text));
    }
    if (*quirk == Quirk::kFlow && signature.version == Signature::Version::kV4) {
      return wrong(part.at, "quirks", "IPv4, which ver asks for, has no flow");
    }
    signature.quirks.set(*quirk);
  }
  return std::nullopt;
}

Problem read_payload(const Piece& piece, Signature& signature) {
  if (piece.text == "0") {
    signature.payload = Signature::Payload::kNone;
  } else if (piece.text == "+") {
    signature.payload = Signature::Payload::kSome;
  } else if (piece.text == "*") {
    signature.payload = Signature::Payload::kAny;
  } else {
    return wrong(piece, "pclass", "0, + or *");
  }
  return std::nullopt;
}

constexpr std::array kReaders{read_version,          read_ttl,     read_ip_options, read_mss,
                              read_window_and_scale, read_options, read_quirks,     read_payload};
static_assert(kReaders.size() == kFields.size());

}  // namespace

Outcome<Signature> parse_signature(std::string_view text) {
  if (text.size() > kLongest) {
    return Failure{Failure::Kind::kInvalid, "The fingerprint is longer than 512 characters."};
  }
  std::string mended(text);
  std::replace(mended.begin(), mended.end(), ' ', '+');
  const auto fields = split({mended, 0}, ':');
  Signature signature;
  for (std::size_t i = 0; i < std::min(fields.size(), kFields.size()); ++i) {
    if (auto problem = kReaders[i](fields[i], signature)) return *std::move(problem);
  }
  if (fields.size() < kFields.size()) {
    return wrong(mended.size(), kFields[fields.size()],
                 "it is missing; there must be 8 fields, "
                 "ver:ittl:olen:mss:wsize,scale:olayout:quirks:pclass");
  }
  if (fields.size() > kFields.size()) {
    return wrong(fields[kFields.size()].at - 1, "pclass", "nothing may follow it");
  }
  return signature;
}

}  // namespace airlane
