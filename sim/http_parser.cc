#include "sim/http_parser.h"

#include <algorithm>
#include <charconv>

namespace airlane::sim {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

// Digits and nothing else.
bool parse_number(std::string_view text, int base, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc() && end == text.data() + text.size();
}

// Where the empty line ends, or npos.
std::size_t end_of_head(std::string_view text) {
  const auto crlf = text.find("\n\r\n");
  const auto lf = text.find("\n\n");
  if (crlf == text.npos && lf == text.npos) return text.npos;
  return crlf < lf ? crlf + 3 : lf + 2;
}

constexpr Error malformed(const char* during) { return Error{Errc::kMalformed, during}; }

}  // namespace

Result<HttpParser::Step> HttpParser::feed(std::string_view& input) {
  for (;;) {
    if (state_ == State::kHead) return read_head(input);
    if (state_ == State::kComplete) return Step::kComplete;
    if (state_ == State::kLength || state_ == State::kData) {
      if (left_ > 0) return read_data(input);
      state_ = state_ == State::kLength ? State::kComplete : State::kDataEnd;
      continue;
    }
    const auto whole = read_line(input);
    if (!whole) return whole.error();
    if (!*whole) return Step::kNeedMore;
    const auto step = read_size();
    if (!step) return step.error();
  }
}

// After a whole line of the chunked framing: its meaning depends on the state.
Result<HttpParser::Step> HttpParser::read_size() {
  const auto line = trimmed(line_);
  if (state_ == State::kDataEnd) {
    if (!line.empty()) return malformed("read end of chunk");
    state_ = State::kSize;
  } else if (state_ == State::kTrailer) {
    if (line.empty()) state_ = State::kComplete;
  } else {
    if (!parse_number(trimmed(line.substr(0, line.find(';'))), 16, left_)) {
      return malformed("read chunk size");
    }
    state_ = left_ > 0 ? State::kData : State::kTrailer;
  }
  line_.clear();
  return Step::kNeedMore;
}

Result<HttpParser::Step> HttpParser::read_head(std::string_view& input) {
  auto& head = request_.head;
  if (head.empty()) {
    while (input.starts_with('\r') || input.starts_with('\n')) input.remove_prefix(1);
  }
  const auto before = head.size();
  head.append(input);
  const auto end = end_of_head(head);
  if (end == head.npos) {
    input.remove_prefix(input.size());
    if (head.size() > kHeadMax) return Error{Errc::kTooLarge, "read head"};
    return Step::kNeedMore;
  }
  input.remove_prefix(end - before);
  head.resize(end);
  if (const auto parsed = parse_head(); !parsed) return parsed.error();
  if (const auto framed = parse_framing(); !framed) return framed.error();
  return Step::kHead;
}

Result<HttpParser::Step> HttpParser::read_data(std::string_view& input) {
  if (input.empty()) return Step::kNeedMore;
  body_ = input.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size())));
  input.remove_prefix(body_.size());
  left_ -= body_.size();
  return Step::kBody;
}

Status HttpParser::parse_head() {
  std::string_view rest = request_.head;
  const auto next_line = [&rest] {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    return trimmed(line);
  };
  const auto first = next_line();
  const auto method_end = first.find(' ');
  const auto version_at = first.rfind(' ');
  if (method_end == first.npos || version_at == method_end) return malformed("read request line");
  request_.method = first.substr(0, method_end);
  request_.target = trimmed(first.substr(method_end, version_at - method_end));
  request_.version = first.substr(version_at + 1);
  if (!request_.version.starts_with("HTTP/1.")) return malformed("read version");
  while (!rest.empty()) {
    const auto line = next_line();
    if (line.empty()) break;
    const auto colon = line.find(':');
    if (colon == line.npos) return malformed("read field");
    request_.fields.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  }
  return Done();
}

Status HttpParser::parse_framing() {
  const auto coding = request_.field("Transfer-Encoding");
  const auto length = request_.field("Content-Length");
  state_ = State::kLength;
  if (!coding.empty()) {
    if (!same_word(coding, "chunked")) return Error{Errc::kUnsupported, "read transfer coding"};
    state_ = State::kSize;
  } else if (!length.empty() && !parse_number(length, 10, left_)) {
    return malformed("read content length");
  }
  return Done();
}

Result<bool> HttpParser::read_line(std::string_view& input) {
  const auto end = input.find('\n');
  line_.append(input.substr(0, end));
  if (line_.size() > kLineMax) return Error{Errc::kTooLarge, "read chunk"};
  input.remove_prefix(end == input.npos ? input.size() : end + 1);
  return end != input.npos;
}

}  // namespace airlane::sim
