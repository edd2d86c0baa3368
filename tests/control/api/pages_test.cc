// The pages of the endpoints, as a browser without JavaScript gets them.
#include "control/api/pages.h"

#include "control/api/request_line.h"
#include "tests/control/api/api_fixture.h"

namespace airlane::test {
namespace {

class PagesTest : public ApiTest {
 protected:
  static constexpr const char* kSession = "Cookie: sessionid=alice-session\r\n";
  std::string page(const std::string& target, std::string_view fields = kSession) {
    const auto answer = get(target, fields);
    EXPECT_EQ(answer.field("Content-Type"), "text/html; charset=utf-8") << target;
    return answer.body;
  }
  // A number where the route has one.
  static std::string path_of(const api::Route& route) {
    std::string path(route.path);
    if (const auto at = path.find("{id}"); at != std::string::npos) path.replace(at, 4, "17");
    return path;
  }
  static void expect_in(const std::string& page, const std::string& part) {
    EXPECT_NE(page.find(part), std::string::npos) << part << "\n" << page;
  }
  static void expect_not_in(const std::string& page, const std::string& part) {
    EXPECT_EQ(page.find(part), std::string::npos) << part << "\n" << page;
  }
};

TEST_F(PagesTest, HaveAFormWithEveryOption) {
  for (const auto& route : api::routes()) {
    const auto html = page(path_of(route) + "?format=api");
    for (const auto& option : route.options) {
      const std::string name = "name=\"" + std::string(option.name) + "\"";
      if (option.name == "key") {
        expect_not_in(html, name);
      } else {
        expect_in(html, name);
      }
      expect_in(html, "<dt><code>" + std::string(option.name) + "</code>");
    }
    expect_in(html, "action=\"" + path_of(route) + "\"");
    expect_in(html, api::escape_html(route.name) + "</h");  // h2 for what else its path offers.
  }
}

TEST_F(PagesTest, AskStrangersForTheirKey) {
  expect_in(page("/api/proxy/list/?format=api", ""), "name=\"key\" type=\"password\"");
}

TEST_F(PagesTest, ShowTheRequestTheHeadersAndTheAnswer) {
  const auto html = page("/api/proxy/ext_ip/?format=api&id=9042&key=alice-key", "");

  expect_in(html, "GET /api/proxy/ext_ip/?format=api&amp;id=9042&amp;key=***</h2>");
  expect_in(html,
            "HTTP 200 OK\nContent-Type: application/json\nVary: Accept, Cookie\n"
            "Allow: GET, HEAD, OPTIONS\n\n{\n    &quot;success&quot;: true,\n    "
            "&quot;ip&quot;: &quot;203.0.113.183&quot;,");
  expect_not_in(html, "alice-key");
}

TEST_F(PagesTest, ShowWhatIsNoJsonToo) {
  const auto html = page("/api/proxy/ext_ip/?format=api&id=1");

  expect_in(html, "HTTP 404 Not Found\nContent-Type: text/plain; charset=utf-8\n");
  expect_in(html, "\n\nNo such proxy</pre>");
}

TEST_F(PagesTest, KeepWhatWasAskedInTheForm) {
  const auto html = page("/api/proxy/traffic/?format=api&id=9042&delta=1%22%3E&data_unit=GB");

  expect_in(html, "name=\"id\" type=\"text\" value=\"9042\"");
  expect_in(html, "value=\"1&quot;&gt;\"");
  expect_in(html, "<option selected>GB</option>");
  expect_in(html, "<option selected>bps</option>");
}

TEST_F(PagesTest, OfTheIndexLeadEverywhere) {
  const auto html = page("/api/proxy/?format=api");
  for (const auto& route : api::routes()) {
    if (route.path == "/api/proxy/" || route.path.find('{') != route.path.npos) continue;
    const std::string path(route.path);
    expect_in(html, "<a href=\"" + path + "?format=api\">" + path + "</a>");
  }
  expect_in(html, "&quot;url&quot;: &quot;<a href=\"/api/proxy/list/?format=api\">");
  expect_in(html, "<a href=\"/api/docs/\">");
  EXPECT_EQ(get("/api/docs/").status, 200);
  expect_not_in(page("/api/proxy/list/?format=api"), "Also here");
}

TEST_F(PagesTest, SayWhatTheirButtonDoes) {
  expect_in(page("/api/login/?format=api"), "<button>Log in</button>");
  expect_in(page("/api/proxy/list/?format=api"), "<button>GET</button>");
  for (const auto& route : api::routes()) {
    expect_not_in(page(path_of(route) + "?format=api"), "<button>POST</button>");
  }
}

TEST_F(PagesTest, TellHowLongToWait) {
  get("/api/proxy/change_ip/?id=9042&key=alice-key");

  const auto html = page("/api/proxy/change_ip/?id=9042&format=api");
  expect_in(html, "HTTP 429 Too Many Requests\n");
  expect_in(html, "Retry-After: 5\n");
}

TEST_F(PagesTest, HaveNothingInThemThatTheirPolicyForbids) {
  for (const auto& route : api::routes()) {
    const auto answer = get(path_of(route) + "?format=api", kSession);
    EXPECT_EQ(answer.field("Content-Security-Policy"),
              "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; "
              "base-uri 'none'");
    for (const char* forbidden : {"<script", " style=", "<style", " onclick", "javascript:", "<img",
                                  "<iframe", "http://", "https://"}) {
      expect_not_in(answer.body, forbidden);
    }
    expect_in(answer.body, "<link rel=\"stylesheet\" href=\"/static/api.css\">");
  }
  const auto style = get("/static/api.css");
  EXPECT_EQ(style.status, 200);
  EXPECT_EQ(style.field("Content-Type"), "text/css; charset=utf-8");
  EXPECT_EQ(style.field("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(style.body, api::stylesheet());
  EXPECT_NE(style.body.find("body {"), std::string::npos);
}

TEST(RequestLine, MasksWhatIsSecretHoweverItIsWritten) {
  HttpRequest request;
  request.method = "GET";
  request.raw_path = "/api/proxy/list/";
  request.raw_query = "key=a&id=7&k%65y=b&KEY=c&&password=d%20e&x&api_key=f&keys=g&key";
  EXPECT_EQ(api::shown_request_line(request),
            "GET /api/proxy/list/?key=***&id=7&k%65y=***&KEY=***&password=***&x&api_key=***"
            "&keys=***&key");
}

TEST(RequestLine, MasksWhatWasPutInTheWrongPlace) {
  HttpRequest request;
  request.method = "GET";
  request.raw_query =
      "+key=a&id=1;key=b;x=1&fp=*:64:0&q=" + std::string(43, 'T') + "&" + std::string(43, 'K');
  request.raw_path = "/api/proxy/keys/" + std::string(43, 'k') + "/list/";
  EXPECT_EQ(api::shown_request_line(request),
            "GET /api/proxy/keys/***/list/?+key=***&id=1;key=***;x=1&fp=*:64:0&q=***&***");
  request.raw_query.clear();
  request.raw_path = "//r/" + std::string(40, 'a') + "-_%41/";
  EXPECT_EQ(api::shown_request_line(request), "GET //r/***/");
}

}  // namespace
}  // namespace airlane::test
