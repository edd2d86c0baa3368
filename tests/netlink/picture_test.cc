// News and repetitions, message by message, without a kernel.
#include "netlink/picture.h"

#include <gtest/gtest.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "netlink/message.h"

namespace airlane::test {
namespace {

class PictureTest : public ::testing::Test {
 protected:
  std::vector<Change> hear(const NlMessage& message) {
    std::vector<Change> changes;
    picture_.apply(*nlmsg_hdr(message.get()), changes);
    return changes;
  }

  static NlMessage link(int kind, int index, const std::string& name, unsigned flags,
                        std::uint8_t family = AF_UNSPEC) {
    ifinfomsg header{};
    header.ifi_family = family;
    header.ifi_index = index;
    header.ifi_flags = flags;
    auto message = make_message(kind, 0, header);
    add(*message, IFLA_IFNAME, name);
    return message;
  }

  static NlMessage address(int kind, unsigned index, const char* ip, std::uint8_t flags = 0) {
    ifaddrmsg header{};
    header.ifa_index = index;
    header.ifa_prefixlen = 64;
    header.ifa_flags = flags;
    auto message = make_message(kind, 0, header);
    add(*message, IFA_ADDRESS, *Address::parse(ip));
    return message;
  }

  static constexpr unsigned kWorking = IFF_UP | IFF_RUNNING;
  Picture picture_;
};

TEST_F(PictureTest, HasNoNewsInWhatItWasGiven) {
  picture_.reset({Link{7, "dg0", true, true, false, ""}},
                 {InterfaceAddress{7, *Address::parse("2001:db8::1"), 64, true}});

  EXPECT_TRUE(hear(link(RTM_NEWLINK, 7, "dg0", kWorking)).empty());
  EXPECT_TRUE(hear(address(RTM_NEWADDR, 7, "2001:db8::1")).empty());
}

TEST_F(PictureTest, CountsAnAddressOnceItPassedDuplicateDetection) {
  (void)hear(link(RTM_NEWLINK, 7, "dg0", kWorking));

  EXPECT_TRUE(hear(address(RTM_NEWADDR, 7, "2001:db8::1", IFA_F_TENTATIVE)).empty());
  ASSERT_EQ(hear(address(RTM_NEWADDR, 7, "2001:db8::1")).size(), 1U);
  const auto failed = hear(address(RTM_NEWADDR, 7, "2001:db8::1", IFA_F_DADFAILED));
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_TRUE(failed[0].lost);
}

TEST_F(PictureTest, LosesALinkOnceThatStopsCarrying) {
  (void)hear(link(RTM_NEWLINK, 7, "dg0", kWorking));

  const auto carrier = hear(link(RTM_NEWLINK, 7, "dg0", IFF_UP));
  const auto down = hear(link(RTM_NEWLINK, 7, "dg0", 0));

  ASSERT_EQ(carrier.size(), 1U);
  EXPECT_TRUE(carrier[0].lost);
  ASSERT_EQ(down.size(), 1U);
  EXPECT_FALSE(down[0].lost) << "it was lost already";
}

TEST_F(PictureTest, NamesADeletedLinkAsItWasKnown) {
  (void)hear(link(RTM_NEWLINK, 7, "dg0", kWorking));

  const auto gone = hear(link(RTM_DELLINK, 7, "", 0));

  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone[0].interface, "dg0");
  EXPECT_TRUE(hear(link(RTM_DELLINK, 7, "dg0", 0)).empty());
}

TEST_F(PictureTest, SetsTwoLinksThatSwapNamesApart) {
  (void)hear(link(RTM_NEWLINK, 7, "dg0", kWorking));
  (void)hear(link(RTM_NEWLINK, 8, "dg1", kWorking));

  (void)hear(link(RTM_NEWLINK, 7, "swap", kWorking));
  (void)hear(link(RTM_NEWLINK, 8, "dg0", kWorking));
  (void)hear(link(RTM_NEWLINK, 7, "dg1", kWorking));

  EXPECT_EQ(hear(link(RTM_DELLINK, 7, "", 0)).at(0).interface, "dg1");
  EXPECT_EQ(hear(link(RTM_DELLINK, 8, "", 0)).at(0).interface, "dg0");
}

TEST_F(PictureTest, IgnoresWhatItDoesNotKnow) {
  EXPECT_TRUE(hear(address(RTM_NEWADDR, 9, "2001:db8::1")).empty());
  EXPECT_TRUE(hear(link(RTM_DELLINK, 9, "x", 0)).empty());
  EXPECT_TRUE(hear(link(RTM_DELLINK, 9, "x", 0, AF_BRIDGE)).empty());
  EXPECT_TRUE(hear(make_message(RTM_NEWRULE, 0, rtmsg{})).empty());
  EXPECT_TRUE(hear(make_message(RTM_NEWLINK, 0, char{})).empty()) << "cut short";
}

}  // namespace
}  // namespace airlane::test
