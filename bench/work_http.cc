#include <memory>

#include "bench/client.h"
#include "bench/net.h"
#include "bench/origin.h"

namespace airlane::bench {
namespace {

// A client that asks, reads the whole answer, and asks again on the same connection.
class Requester : public Handler {
 public:
  Requester(Load& load, const std::string& request, std::uint64_t& done)
      : load_(load), request_(request), done_(done) {}

  void open() {
    fd_ = begin_connect(load_.route.first_hop);
    if (!fd_) return fail("connect");
    load_.poller.add(fd_.get(), *this);
    asked_ = false;
  }

  void ready(std::uint32_t events) override {
    if (!fd_) return open();
    if (!asked_) {
      if (events & (EPOLLERR | EPOLLHUP)) return fail("connect");
      if (events & EPOLLOUT) ask();
      return;
    }
    if (events == 0 || (events & kReadable)) read();
  }

 private:
  void fail(const char* during) {
    load_.count_failure(during);
    fd_.reset();
    load_.poller.again(*this);
  }

  void ask() {
    asked_ = true;
    head_.clear();
    body_left_ = 0;
    began_ = Monotonic::now();
    const auto n = write_some(fd_.get(), request_);
    if (n != static_cast<ssize_t>(request_.size())) fail("send a request");
  }

  void read() {
    auto& buffer = load_.buffer;
    while (fd_) {
      const auto n = read_some(fd_.get(), buffer.data(), std::size_t{128} << 10);
      if (n == kWouldBlock) return;
      if (n <= 0) return fail("read an answer");
      std::string_view data(buffer.data(), static_cast<std::size_t>(n));
      if (body_left_ == 0 && !take_head(data)) continue;
      take_body(data);
      if (body_left_ == 0) return finish();
    }
  }

  // Leaves in `data` what belongs to the body.
  bool take_head(std::string_view& data) {
    const auto held = head_.size();
    head_ += data;
    const auto end = head_.find("\r\n\r\n");
    if (end == head_.npos) return false;
    data.remove_prefix(end + 4 - held);
    head_.resize(end + 2);
    if (!head_.starts_with("HTTP/1.1 200 ")) die("an answer begins " + head_.substr(0, 40));
    body_size_ = body_left_ = content_length();
    const std::size_t expected = load_.options.large ? kLargeBody : kSmallBody;
    if (body_size_ != expected) die("an answer has a body of " + std::to_string(body_size_));
    return true;
  }

  [[nodiscard]] std::size_t content_length() const {
    static constexpr std::string_view kName = "\r\ncontent-length:";
    for (std::size_t at = 0; at + kName.size() < head_.size(); ++at) {
      std::size_t same = 0;
      while (same < kName.size() && lower(head_[at + same]) == kName[same]) ++same;
      if (same == kName.size()) return std::stoul(head_.substr(at + same));
    }
    die("an answer has no Content-Length");
  }
  static char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

  void take_body(std::string_view data) {
    if (data.size() > body_left_) die("an answer goes on after its end");
    const auto position = body_size_ - body_left_;
    if (load_.options.check && !load_.pattern.matches(position, data.data(), data.size())) {
      die("an answer has a wrong body");
    }
    body_left_ -= data.size();
  }

  void finish() {
    load_.add_latency(began_);
    if (load_.measuring()) ++done_;
    ask();
  }

  Load& load_;
  const std::string& request_;
  std::uint64_t& done_;
  UniqueFd fd_;
  bool asked_ = false;
  Monotonic::time_point began_;
  std::string head_;
  std::size_t body_size_ = 0;
  std::size_t body_left_ = 0;
};

std::string request_of(const Load& load) {
  const auto host = load.route.target.to_string();
  const auto path = load.options.large ? "/100k" : "/1k";
  const bool proxied = load.route.kind == Route::Kind::kHttp;
  if (load.route.kind == Route::Kind::kSocks5) die("http needs an HTTP proxy, or none");
  return "GET " + (proxied ? "http://" + host : std::string()) + path +
         " HTTP/1.1\r\nHost: " + host + "\r\n" + load.route.http_authorization() +
         "User-Agent: airlane-bench\r\nAccept: */*\r\n\r\n";
}

}  // namespace

Findings run_http(Load& load) {
  const auto request = request_of(load);
  std::uint64_t done = 0;
  std::vector<std::unique_ptr<Requester>> requesters;
  for (unsigned i = 0; i < load.options.n; ++i) {
    requesters.push_back(std::make_unique<Requester>(load, request, done));
    requesters.back()->open();
  }
  load.measure([] {}, [] {});
  Findings found;
  found.done = static_cast<double>(done);
  found.value = found.done / load.window.seconds();
  found.unit = "requests/s";
  found.cpu_unit = "us/request";
  found.cpu_scale = 1e6;
  found.has_latencies = true;
  found.more["size"] = static_cast<double>(load.options.large ? kLargeBody : kSmallBody);
  return found;
}

}  // namespace airlane::bench
