#include "base/http/client.h"

#include <curl/curl.h>
#include <net/if.h>
#include <strings.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <system_error>

#include "base/handle.h"

namespace airlane::http {
namespace {

constexpr std::size_t kHeadersMost = 64 << 10;
constexpr int kPollMost = 1000;  // ms; libcurl shortens it to its own next time-out.

using Url = Handle<CURLU, curl_url_cleanup>;
using Easy = Handle<CURL, curl_easy_cleanup>;
using Multi = Handle<CURLM, curl_multi_cleanup>;
using List = Handle<curl_slist, curl_slist_free_all>;

Failure invalid(std::string text) { return {Failure::Kind::kInvalid, std::move(text)}; }
Failure unavailable(std::string text) { return {Failure::Kind::kUnavailable, std::move(text)}; }

bool has_line_break(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

void append(List& list, const std::string& line) {
  auto* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(list.release());  // `longer` begins with it.
  list.reset(longer);
}

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
  const Handle<char, curl_free> owner(text);
  return text;
}

Outcome<Url> parse_url(const std::string& text) {
  Url url(curl_url());
  if (!url) throw std::bad_alloc();
  const auto code = curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0);
  if (code != CURLUE_OK || has_line_break(text)) {
    return invalid("The URL is not well-formed: " + std::string(curl_url_strerror(code)) + ".");
  }
  const auto scheme = part_of(url.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") {
    return invalid("The URL must begin with http:// or https://.");
  }
  return url;
}

Target target_of(CURLU* url) {
  Target target;
  target.host = part_of(url, CURLUPART_HOST);
  if (target.host.starts_with('[')) target.host = target.host.substr(1, target.host.size() - 2);
  const auto port = part_of(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  target.port = static_cast<std::uint16_t>(std::stoul(port));
  target.address = Address::parse(target.host, target.port);
  return target;
}

std::optional<Failure> objection(const Request& request, const Target& target) {
  const bool token = std::all_of(request.method.begin(), request.method.end(),
                                 [](unsigned char c) { return std::isupper(c) != 0; });
  if (request.method.empty() || !token) return invalid("The method must be in capital letters.");
  if (request.timeout <= std::chrono::milliseconds::zero()) {
    return invalid("The time-out of a request must be positive.");
  }
  if (request.interface.size() >= IFNAMSIZ) {
    return invalid("\"" + request.interface + "\" is too long for the name of an interface.");
  }
  if (!request.interface.empty() && !request.unix_socket.empty()) {
    return invalid("A request cannot leave by both an interface and a Unix socket.");
  }
  if (!request.interface.empty() && !target.address && !request.resolved) {
    return invalid("\"" + target.host + "\" must be resolved through " + request.interface +
                   " first: the host's resolver is not asked.");
  }
  const bool broken = std::any_of(request.headers.begin(), request.headers.end(), [](auto& field) {
    return has_line_break(field.first) || has_line_break(field.second);
  });
  if (broken) return invalid("A header holds a line break.");
  return std::nullopt;
}

// One request in flight. libcurl keeps `this`; lives on the stack of fetch().
class Exchange {
 public:
  Exchange(const Request& request, Url url)
      : request_(request),
        url_(std::move(url)),
        target_(target_of(url_.get())),
        easy_(curl_easy_init()) {
    if (!easy_) throw std::bad_alloc();
  }
  Exchange(Exchange&&) = delete;

  Outcome<Response> run() {
    if (auto failure = objection(request_, target_)) return *std::move(failure);
    set_limits();
    set_route();
    set_message();
    return finish(perform());
  }

 private:
  template <class T>
  void set(CURLoption option, T value) {
    // Every option here is known to the library and takes values of ours: only memory can fail it.
    if (curl_easy_setopt(easy_.get(), option, value) == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  }

  void set_limits() {
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L);  // Never wait for a look-up that outlives the deadline.
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(request_.timeout.count()));
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_ERRORBUFFER, reason_.data());
    set(CURLOPT_HEADERFUNCTION, on_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_WRITEFUNCTION, on_body);
    set(CURLOPT_WRITEDATA, this);
  }

  void set_route() {
    set(CURLOPT_CURLU, url_.get());
    if (!request_.authorities.empty()) {
      set(CURLOPT_CAINFO, request_.authorities.c_str());
      set(CURLOPT_CAPATH, nullptr);  // Or the system's would be trusted, too.
    }
    set(CURLOPT_PROXY, "");  // Not even from the environment.
    set(CURLOPT_NOPROXY, "*");
    set(CURLOPT_OPENSOCKETFUNCTION, on_socket);
    set(CURLOPT_OPENSOCKETDATA, this);
    if (!request_.unix_socket.empty()) {
      set(CURLOPT_UNIX_SOCKET_PATH, request_.unix_socket.c_str());
    } else if (request_.resolved && !target_.address) {
      auto address = *request_.resolved;
      address.set_port(target_.port);
      append(connect_to_, "::" + address.to_string());  // Whatever the host and port.
      set(CURLOPT_CONNECT_TO, connect_to_.get());
    }
  }

  void set_message() {
    if (request_.method == "HEAD") set(CURLOPT_NOBODY, 1L);
    if (!request_.body.empty() || request_.method == "POST" || request_.method == "PUT") {
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
      set(CURLOPT_POSTFIELDS, request_.body.c_str());
    }
    set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    append(headers_, "Expect:");        // A name without a value takes libcurl's own field out.
    append(headers_, "Content-Type:");  // What a body is, the caller says or nobody.
    for (const auto& [name, value] : request_.headers) {
      auto line = name;  // Without a value it would take the field out instead.
      line += value.empty() ? ";" : ": ";
      append(headers_, line += value);
    }
    set(CURLOPT_HTTPHEADER, headers_.get());
  }

  // The result, or nothing when `stop` was requested first.
  std::optional<CURLcode> perform() {
    const Multi multi(curl_multi_init());
    if (!multi || curl_multi_add_handle(multi.get(), easy_.get()) != CURLM_OK) {
      throw std::bad_alloc();
    }
    const std::stop_callback wake(request_.stop, [&] { curl_multi_wakeup(multi.get()); });
    std::optional<CURLcode> result;
    int running = 1;
    while (running > 0 && !request_.stop.stop_requested()) {
      if (curl_multi_perform(multi.get(), &running) != CURLM_OK) break;
      if (running > 0) curl_multi_poll(multi.get(), nullptr, 0, kPollMost, nullptr);
    }
    int left = 0;
    if (const auto* message = curl_multi_info_read(multi.get(), &left)) {
      result = message->data.result;
    }
    curl_multi_remove_handle(multi.get(), easy_.get());
    return result;
  }

  Outcome<Response> finish(std::optional<CURLcode> result) {
    const auto where = request_.unix_socket.empty() ? target_.host : request_.unix_socket;
    if (!result) return unavailable("The request to " + where + " was given up: we are stopping.");
    if (*result == CURLE_OK) {
      long status = 0;
      curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
      response_.status = static_cast<int>(status);
      return std::move(response_);
    }
    if (!objection_.empty()) return unavailable(where + ": " + objection_);
    const std::string reason = reason_[0] != '\0' ? reason_.data() : curl_easy_strerror(*result);
    return unavailable(where + ": " + reason);
  }

  // noexcept on purpose, here and below: nothing may unwind through libcurl's C frames.
  static curl_socket_t on_socket(void* self, curlsocktype, curl_sockaddr* address) noexcept {
    auto& exchange = *static_cast<Exchange*>(self);
    const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    const auto& interface = exchange.request_.interface;
    if (fd < 0 || interface.empty()) return fd;
    // Not CURLOPT_INTERFACE: where binding to the device is denied, libcurl binds to the address of
    // the interface instead, and dongles share their addresses.
    if (::setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface.data(),
                     static_cast<socklen_t>(interface.size())) == 0) {
      return fd;
    }
    exchange.objection_ =
        "cannot leave by " + interface + ": " + std::system_category().message(errno);
    ::close(fd);
    return CURL_SOCKET_BAD;
  }

  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self) noexcept {
    auto& exchange = *static_cast<Exchange*>(self);
    std::string_view line(data, size);
    exchange.header_bytes_ += size;
    if (exchange.header_bytes_ > kHeadersMost) {
      exchange.objection_ = "the head of the answer is longer than we are willing to hold";
      return 0;
    }
    auto& headers = exchange.response_.headers;
    if (line.starts_with("HTTP/")) headers.clear();  // What came before was an interim answer.
    const auto trim = [](std::string_view text) {
      const auto from = std::min(text.find_first_not_of(" \t\r\n"), text.size());
      return std::string(text.substr(from, text.find_last_not_of(" \t\r\n") + 1 - from));
    };
    if (const auto colon = line.find(':'); colon != std::string_view::npos && colon > 0) {
      headers.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
    }
    return size;
  }

  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self) noexcept {
    auto& exchange = *static_cast<Exchange*>(self);
    auto& body = exchange.response_.body;
    if (size > exchange.request_.body_most - body.size()) {
      exchange.objection_ =
          "the answer is longer than " + std::to_string(exchange.request_.body_most) + " bytes";
      return 0;
    }
    body.append(data, size);
    return size;
  }

  const Request& request_;
  Url url_;
  Target target_;
  List headers_;
  List connect_to_;
  std::array<char, CURL_ERROR_SIZE> reason_{};
  std::string objection_;  // Why we ended the exchange ourselves.
  std::size_t header_bytes_ = 0;
  Response response_;
  Easy easy_;  // Last: it refers to all of the above.
};

}  // namespace

std::optional<std::string_view> Response::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key.size() == name.size() && ::strncasecmp(key.data(), name.data(), name.size()) == 0) {
      return value;
    }
  }
  return std::nullopt;
}

Outcome<Response> fetch(const Request& request) {
  static const auto ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (ready != CURLE_OK) return Failure{Failure::Kind::kInternal, "libcurl does not start."};
  auto url = parse_url(request.url);
  if (!url) return url.error();
  return Exchange(request, *std::move(url)).run();
}

Outcome<Target> target_of(const std::string& url) {
  const auto parsed = parse_url(url);
  if (!parsed) return parsed.error();
  return target_of(parsed->get());
}

}  // namespace airlane::http
