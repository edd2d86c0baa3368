// One call of the API on its way to an answer, and what every handler may use. A Call is a handle:
// handlers that answer later keep a copy. Control thread only.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/event/http_server.h"
#include "control/api/backend.h"
#include "control/api/guessing.h"
#include "control/api/json.h"
#include "control/api/throttle.h"
#include "control/scopes.h"

namespace airlane::api {

struct Route;

struct Settings {
  std::string public_host;
  std::chrono::milliseconds rotation_limit{165'000};
  std::optional<gid_t> admin_group;
  std::function<Monotonic::time_point()> now = Monotonic::now;
  std::function<WallSeconds()> wall = wall_now;
};

// What outlives the call.
struct Context {
  Backend& backend;
  Settings settings;
  Throttle throttle{std::chrono::seconds(5)};
  // Since when an accepted rotation of a dongle is being prepared; the farm does not know of it
  // yet.
  std::unordered_map<std::int64_t, Monotonic::time_point> preparing{};
  Guessing guessing{};
};

enum class Format : std::uint8_t { kJson, kPage };

class Call {
 public:
  Call(HttpRequest&& request, HttpReply reply)
      : request_(std::make_shared<const HttpRequest>(std::move(request))),
        reply_(std::move(reply)) {}

  [[nodiscard]] const HttpRequest& request() const { return *request_; }
  [[nodiscard]] bool is_head() const { return request_->method == "HEAD"; }
  // An option of the query; null when it is absent, or empty, as forms send what was left out.
  [[nodiscard]] const std::string* option(std::string_view name) const;

  // The answers. The first one counts.
  void json(int status, const Json& body, HttpFields extra = {}) const;
  // The same of JSON that is written already: what json.h would have made of it.
  void json_text(int status, const std::string& body, HttpFields extra = {}) const;
  void detail(int status, std::string_view sentence, HttpFields extra = {}) const;
  void text(int status, std::string_view body,
            std::string_view type = "text/plain; charset=utf-8") const;
  void not_modified(HttpFields extra) const;  // 304: the caller has it already.
  void nothing() const;  // 200 and no body: for HEAD, where the body is not known without acting.
  void form() const;     // The page of a POST endpoint before anything was posted.
  void stylesheet(std::string_view css) const;  // What all pages share, and browsers may keep.
  void redirect(int status, const std::string& location, HttpFields extra = {}) const;

  const Route* route = nullptr;  // Null until one has been found.
  Format format = Format::kJson;
  std::int64_t user = 0;     // Who calls; 0 where nobody is known.
  bool has_session = false;  // And was it a session that said so?
  Scopes scopes{};           // What he may do.
  std::string user_name;     // Of the session, for pages.
  std::string form_token;    // What a form on a page must bring back; see sessions.h.

 private:
  [[nodiscard]] HttpFields fields(HttpFields extra, std::string_view type) const;
  void page_of(int status, HttpFields extra, std::string_view type, const std::string& body) const;

  std::shared_ptr<const HttpRequest> request_;
  HttpReply reply_;
};

// The status that a failure has in an answer.
int http_status(Failure::Kind kind);
// "24", and in sentences "24 seconds", "1 second": at least 1, rounded up.
std::int64_t whole_seconds(Monotonic::duration wait);
std::string in_words(std::int64_t seconds);

}  // namespace airlane::api
