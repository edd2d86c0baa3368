#include "sim/reply_writer.h"

#include <algorithm>
#include <charconv>

#include "sim/pattern.h"

namespace airlane::sim {
namespace {

bool has_no_body(int status) { return status < 200 || status == 204 || status == 304; }

std::string hex(std::uint64_t number) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, number, 16).ptr;
  return {digits, end};
}

}  // namespace

ReplyWriter::ReplyWriter(const HttpRequest& request, Reply reply) : reply_(std::move(reply)) {
  stays_ = reply_.ending == Reply::Ending::kKeep && request.wants_to_stay() &&
           reply_.framing != Reply::Framing::kUntilClose;
  write_head(request);
  if (request.method != "HEAD" && !has_no_body(reply_.status)) {
    body_left_ = reply_.size();
    chunked_ = last_chunk_due_ = reply_.framing == Reply::Framing::kChunked;
  }
}

void ReplyWriter::write_head(const HttpRequest& request) {
  if (reply_.interim) text_ += "HTTP/1.1 100 Continue\r\n\r\n";
  text_ += "HTTP/1.1 " + std::to_string(reply_.status) + " ";
  text_ += std::string(reason(reply_.status)) + "\r\n";
  for (const auto& [name, value] : reply_.fields)
    text_.append(name).append(": ").append(value).append("\r\n");
  if (reply_.framing == Reply::Framing::kChunked) {
    text_ += "Transfer-Encoding: chunked\r\n";
  } else if (reply_.framing == Reply::Framing::kLength && !has_no_body(reply_.status)) {
    const auto length = reply_.promised.value_or(reply_.size());
    text_ += "Content-Length: " + std::to_string(length) + "\r\n";
  }
  if (!stays_ && reply_.ending <= Reply::Ending::kClose) text_ += "Connection: close\r\n";
  if (stays_ && request.version != "HTTP/1.1") text_ += "Connection: keep-alive\r\n";
  text_ += "\r\n";
}

std::string_view ReplyWriter::peek() const {
  if (!text_.empty()) return std::string_view(text_).substr(text_sent_);
  if (body_left_ == 0) return {};
  auto most = chunked_ ? std::min(chunk_left_, body_left_) : body_left_;
  if (reply_.drip.count() > 0) most = 1;
  if (reply_.pattern_bytes > 0) return pattern(body_sent_, most);
  return std::string_view(reply_.body)
      .substr(static_cast<std::size_t>(body_sent_), static_cast<std::size_t>(most));
}

void ReplyWriter::consume(std::size_t bytes) {
  if (!text_.empty()) {
    text_sent_ += bytes;
    if (text_sent_ < text_.size()) return;
    text_.clear();
    text_sent_ = 0;
    if (chunked_ && chunk_left_ == 0) refill();
    return;
  }
  body_sent_ += bytes;
  body_left_ -= bytes;
  if (!chunked_) return;
  chunk_left_ -= bytes;
  if (chunk_left_ == 0) {
    text_ = "\r\n";
    refill();
  }
}

// Between two chunks: the size of the next one, or the end of them all.
void ReplyWriter::refill() {
  if (body_left_ > 0) {
    chunk_left_ = std::min(kChunk, body_left_);
    text_ += hex(chunk_left_) + "\r\n";
  } else if (last_chunk_due_) {
    text_ += "0\r\n\r\n";
    last_chunk_due_ = false;
  }
}

}  // namespace airlane::sim
