// HTTP/2 messages (RFC 9113, section 8) as HTTP/1.1 ones and back, as functions of bytes: fields
// here, text there. Frames, streams and HPACK are the front's and its library's.
//
// Nothing is let through that could be read as a line end or as another field: a field with a name
// or a value that HTTP/1.1 cannot carry makes the message malformed, as section 8.2.1 asks. What a
// proxy must know of a head (target, framing, credentials) is checked by http_head.h, on the text.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "proxy/protocol/http_head.h"

namespace airlane {

// In order; names in lower case.
using Http2Fields = std::vector<std::pair<std::string, std::string>>;

// Collects the fields of a request, then says it in HTTP/1.1.
class Http2Request {
 public:
  // kMalformed; kTooLarge when all of them need more than twice what a head may have. (Between once
  // and twice it is the head's reader who refuses, with an answer that says so.)
  Status add(std::string_view name, std::string_view value);

  // The whole head. `ended`: no body follows. A body of unknown length is to be sent in chunks.
  [[nodiscard]] Result<std::string> head(bool ended);

  [[nodiscard]] const std::string& method() const noexcept { return method_; }
  [[nodiscard]] bool is_connect() const noexcept { return method_ == "CONNECT"; }
  // After head().
  [[nodiscard]] bool chunked() const noexcept { return chunked_; }

 private:
  Status add_pseudo(std::string_view name, std::string_view value);
  Status set_once(std::string& place, std::string_view value);

  std::string method_;
  std::string scheme_;
  std::string authority_;
  std::string path_;
  std::string host_;
  std::string cookies_;
  std::string lines_;
  std::size_t size_ = 0;
  bool has_length_ = false;
  bool expects_trailers_ = false;
  bool chunked_ = false;
};

// Trailers, one line each. Those that no trailer may be are left out.
class Http2Trailers {
 public:
  Status add(std::string_view name, std::string_view value);
  // What follows the last chunk: "0", the trailers and an empty line.
  [[nodiscard]] std::string end_of_body() const { return "0\r\n" + lines_ + "\r\n"; }

 private:
  std::string lines_;
};

// The fields of a response, ":status" first. `of_tunnel`: the answer to a CONNECT that succeeded,
// which has no length.
Http2Fields http2_response(const ResponseHead& response, bool of_tunnel);

// The trailers of a chunked body, from their lines.
Result<Http2Fields> http2_trailers(std::string_view lines);

}  // namespace airlane
