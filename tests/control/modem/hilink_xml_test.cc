// What HiLink firmwares write, well and badly.
#include "control/modem/hilink_xml.h"

#include <gmock/gmock.h>

namespace airlane::test {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(HilinkXml, ReadsAFlatAnswerInOrder) {
  const auto document = parse_hilink(
      "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<!-- > --><response>\r\n"
      "<B>2</B><A attr=\"x\">  1 </A><Empty/><Also></Also><C><![CDATA[<&>]]></C>\r\n</response>\n");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->root, "response");
  EXPECT_THAT(document->fields, ElementsAre(Pair("B", "2"), Pair("A", "1"), Pair("Empty", ""),
                                            Pair("Also", ""), Pair("C", "<&>")));
  EXPECT_EQ(field_of(document->fields, "A"), "1");
  EXPECT_EQ(field_of(document->fields, "Missing"), "");
}

TEST(HilinkXml, ReadsTheTextOfTheRoot) {
  EXPECT_EQ(parse_hilink("<response>OK</response>")->text, "OK");
  EXPECT_EQ(parse_hilink("<response><a>1</a></response>")->text, "");
}

TEST(HilinkXml, FlattensWhatIsNested) {
  const auto document = parse_hilink("<response><Hosts><Host><Id>1</Id></Host></Hosts></response>");
  ASSERT_TRUE(document);
  EXPECT_THAT(document->fields, ElementsAre(Pair("Id", "1")));
}

TEST(HilinkXml, DecodesWhatMeansSomethingAndKeepsTheRest) {
  const auto document =
      parse_hilink("<r><n>A&amp;B &lt;&#x41;&#233;&gt; R&D &nope; &#0; &#xffffffff;</n></r>");
  ASSERT_TRUE(document);
  EXPECT_EQ(field_of(document->fields, "n"), "A&B <A\xc3\xa9> R&D &nope; &#0; &#xffffffff;");
}

TEST(HilinkXml, WritesWhatItCanRead) {
  const Fields fields{{"Username", "a<b>&\"c'"}, {"Mode", "03"}};
  const auto document = parse_hilink(write_hilink_request(fields));
  ASSERT_TRUE(document);
  EXPECT_EQ(document->root, "request");
  EXPECT_EQ(document->fields, fields);
}

TEST(HilinkXml, RefusesWhatIsNotWellFormed) {
  for (const char* xml :
       {"", "text", "<a>", "<a><b></a></b>", "</a>", "<a></a><b></b>", "<a></a>text", "<", "<a",
        "<!DOCTYPE html><html></html>", "<a><!-- </a>", "<a><![CDATA[x</a>", "<></>", "<a/"}) {
    EXPECT_FALSE(parse_hilink(xml)) << xml;
  }
}

TEST(HilinkXml, RefusesWhatIsTooDeepTooManyOrTooLong) {
  std::string deep;
  std::string many = "<r>";
  for (int i = 0; i < 20; ++i) deep += "<a>";
  for (int i = 0; i < 20; ++i) deep += "</a>";
  for (int i = 0; i < 2000; ++i) many += "<a/>";
  const std::string name(100, 'n');
  EXPECT_FALSE(parse_hilink(deep));
  EXPECT_FALSE(parse_hilink(many + "</r>"));
  EXPECT_FALSE(parse_hilink("<" + name + "></" + name + ">"));
}

TEST(HilinkXml, SurvivesEveryTruncation) {
  const std::string xml =
      "<?xml?><response><a b=\"c\">&amp;&#x41;</a><!-- x --><b/><![CDATA[y]]></response>";
  ASSERT_TRUE(parse_hilink(xml));
  for (std::size_t i = 0; i < xml.size(); ++i) EXPECT_FALSE(parse_hilink(xml.substr(0, i))) << i;
}

}  // namespace
}  // namespace airlane::test
