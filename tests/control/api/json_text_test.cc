#include "control/api/json_text.h"

#include <gtest/gtest.h>

#include "control/api/json.h"

namespace airlane::api {
namespace {

TEST(JsonText, PutsCommasWhereTheyBelong) {
  JsonText text;
  text.open('{');
  text.name("a");
  text.open('[');
  text.value(std::int64_t{1});
  text.value("[");
  text.value("{");
  text.open('[');
  text.close(']');
  text.open('{');
  text.close('}');
  text.close(']');
  text.name("b");
  text.value(true);
  text.name("c");
  text.value(nullptr);
  text.name("d");
  text.value(false);
  text.close('}');

  EXPECT_EQ(text.take(), R"({"a":[1,"[","{",[],{}],"b":true,"c":null,"d":false})");
}

TEST(JsonText, WritesWhatTheLibraryWouldHaveWritten) {
  for (const std::string& value : {std::string(), std::string("plain"), std::string("\"quoted\\\""),
                                   std::string("\x01\n\t\x7f"), std::string("\0", 1),
                                   std::string("\xc3\xbc \xe2\x82\xac \xf0\x9f\x99\x82"),
                                   std::string("bad \xff\xc3"), std::string("</script>")}) {
    JsonText text;
    text.value(value);
    EXPECT_EQ(text.take(), compact(Json(value)));
  }
  for (const std::int64_t number : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, INT64_MAX}) {
    JsonText text;
    text.value(number);
    EXPECT_EQ(text.take(), compact(Json(number)));
  }
}

}  // namespace
}  // namespace airlane::api
