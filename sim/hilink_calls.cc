// What each path of the HiLink API does: one row of a table, one short function.
#include <string>

#include "sim/hilink.h"

namespace airlane::sim {
namespace {

constexpr int kBadFormat = 100005;
constexpr std::string_view kLteType = "19";
constexpr std::string_view kUmtsType = "9";
constexpr std::string_view kGsmType = "3";

std::string padded(std::string text, int number) {
  const auto digits = std::to_string(number);
  return text.replace(text.size() - digits.size(), digits.size(), digits);
}

std::string_view network_type(std::string_view mode) {
  if (mode == "01") return kGsmType;
  return mode == "02" ? kUmtsType : kLteType;
}

}  // namespace

// The functions of the table; a friend of Hilink, so that the table stays out of its header.
struct HilinkCalls {
  using Answer = Hilink::Answer;
  using Call = Hilink::Call;

  static std::string imei(int number) { return padded("861821000000000", number); }

  static Answer get_dataswitch(Hilink& self, const Call&) {
    return xml("dataswitch", self.radio_.data_enabled() ? "1" : "0");
  }

  static Answer post_dataswitch(Hilink& self, const Call& call) {
    return switch_data(self, xml_text(call.request.body, "dataswitch"));
  }

  static Answer post_dial(Hilink& self, const Call& call) {
    return switch_data(self, xml_text(call.request.body, "Action"));
  }

  static Answer switch_data(Hilink& self, std::string_view wanted) {
    if (wanted != "0" && wanted != "1") return kBadFormat;
    if (!self.settings_.ignore_writes) self.radio_.enable_data(wanted == "1");
    return std::string("OK");
  }

  static Answer get_net_mode(Hilink& self, const Call&) {
    return xml("NetworkMode", self.network_mode_) + xml("NetworkBand", self.network_band_) +
           xml("LTEBand", self.lte_band_);
  }

  // Replaces all three: what the body leaves out is empty afterwards. Their order is fixed.
  static Answer post_net_mode(Hilink& self, const Call& call) {
    const std::string_view body = call.request.body;
    const auto mode_at = body.find("<NetworkMode>");
    const auto band_at = body.find("<NetworkBand>");
    const auto lte_at = body.find("<LTEBand>");
    if (mode_at == body.npos || mode_at > band_at || mode_at > lte_at) return kBadFormat;
    if (lte_at != body.npos && band_at != body.npos && band_at > lte_at) return kBadFormat;
    const auto mode = xml_text(body, "NetworkMode");
    if (mode.empty() || mode.find_first_not_of("0123") != mode.npos) return kBadFormat;
    if (self.settings_.ignore_writes) return std::string("OK");
    const bool changed = mode != self.network_mode_;
    self.network_mode_ = mode;
    self.network_band_ = xml_text(body, "NetworkBand");
    self.lte_band_ = xml_text(body, "LTEBand");
    if (changed) self.radio_.reattach();
    return std::string("OK");
  }

  static Answer post_control(Hilink& self, const Call& call) {
    const auto control = xml_text(call.request.body, "Control");
    if (control != "1" && control != "4") return kBadFormat;
    if (self.settings_.ignore_writes) return std::string("OK");
    if (control == "1") {
      self.radio_.reboot();
    } else {
      self.radio_.power_off();
    }
    return std::string("OK");
  }

  static Answer status(Hilink& self, const Call&) {
    const auto connection = self.radio_.connection();
    const bool up = connection == Radio::Connection::kConnected;
    return xml("ConnectionStatus", std::to_string(static_cast<int>(connection))) +
           xml("WifiConnectionStatus", "") + xml("SignalStrength", "") + xml("SignalIcon", "4") +
           xml("CurrentNetworkType", up ? network_type(self.network_mode_) : "0") +
           xml("CurrentServiceDomain", "3") + xml("RoamingStatus", "0") + xml("SimStatus", "1") +
           xml("WanIPAddress", self.radio_.external_ip()) + xml("WanIPv6Address", "") +
           xml("PrimaryDns", up ? "198.19.0.53" : "") + xml("SecondaryDns", "") +
           xml("ServiceStatus", "2") + xml("maxsignal", "5");
  }

  static Answer basic_information(Hilink&, const Call&) {
    return xml("productfamily", "LTE") + xml("classify", "hilink") + xml("multimode", "0") +
           xml("restore_default_status", "0") + xml("devicename", "E3372");
  }

  static Answer information(Hilink& self, const Call&) {
    const auto number = self.number_;
    return xml("DeviceName", "E3372") + xml("SerialNumber", padded("G4PDW00000000000", number)) +
           xml("Imei", imei(number)) + xml("Imsi", padded("001010000000000", number)) +
           xml("Iccid", padded("8900101000000000000", number)) + xml("Msisdn", "") +
           xml("HardwareVersion", "CL2E3372HM") + xml("SoftwareVersion", "22.333.01.00.00") +
           xml("WebUIVersion", "17.100.20.03.00") + xml("MacAddress1", "0C:5B:8F:27:9A:64") +
           xml("MacAddress2", "") + xml("WanIPAddress", self.radio_.external_ip()) +
           xml("ProductFamily", "LTE") + xml("Classify", "hilink") +
           xml("workmode", network_type(self.network_mode_) == kLteType ? "LTE" : "WCDMA");
  }

  static Answer signal(Hilink& self, const Call&) {
    return xml("pci", std::to_string(100 + self.number_)) + xml("sc", "") +
           xml("cell_id", std::to_string(5500000 + self.number_)) + xml("rsrq", "-9dB") +
           xml("rsrp", "-97dBm") + xml("rssi", "-67dBm") + xml("sinr", "8dB") + xml("mode", "7") +
           xml("band", "3") + xml("plmn", "00101");
  }

  static Answer current_plmn(Hilink& self, const Call&) {
    const auto type = network_type(self.network_mode_);
    return xml("State", "0") + xml("FullName", "Simulated Mobile") + xml("ShortName", "SimMob") +
           xml("Numeric", "00101") + xml("Rat", type == kLteType ? "7" : "2");
  }

  static Answer state_login(Hilink& self, const Call& call) {
    const bool in = call.session->logged_in || !self.needs_login();
    return xml("State", in ? "0" : "-1") +
           xml("Username", in && self.needs_login() ? "admin" : "") + xml("password_type", "4") +
           xml("extern_password_type", "1") + xml("firstlogin", "0");
  }

  static Answer hilink_login(Hilink& self, const Call&) {
    return xml("hilink_login", self.needs_login() ? "1" : "0");
  }

  static Answer login(Hilink& self, const Call& call) { return self.log_in(call); }

  static Answer logout(Hilink&, const Call& call) {
    call.session->logged_in = false;
    return std::string("OK");
  }

  static Answer connection(Hilink&, const Call&) {
    return xml("RoamAutoConnectEnable", "0") + xml("MaxIdelTime", "600") + xml("ConnectMode", "0") +
           xml("MTU", "1500") + xml("auto_dial_switch", "1") + xml("pdp_always_on", "0");
  }

  static Answer dhcp(Hilink&, const Call&) {
    return xml("DhcpIPAddress", "192.168.8.1") + xml("DhcpLanNetmask", "255.255.255.0") +
           xml("DhcpStatus", "1") + xml("DhcpStartIPAddress", "192.168.8.100") +
           xml("DhcpEndIPAddress", "192.168.8.200") + xml("DhcpLeaseTime", "86400") +
           xml("DnsStatus", "1") + xml("PrimaryDns", "192.168.8.1") +
           xml("SecondaryDns", "192.168.8.1");
  }

  static Answer pin_status(Hilink&, const Call&) {
    return xml("SimState", "257") + xml("PinOptState", "258") + xml("SimPinTimes", "3") +
           xml("SimPukTimes", "10");
  }
};

const Hilink::Endpoint Hilink::kEndpoints[] = {
    {"dialup/mobile-dataswitch", false, HilinkCalls::get_dataswitch, HilinkCalls::post_dataswitch},
    {"dialup/dial", false, nullptr, HilinkCalls::post_dial},
    {"dialup/connection", false, HilinkCalls::connection, nullptr},
    {"net/net-mode", false, HilinkCalls::get_net_mode, HilinkCalls::post_net_mode},
    {"net/current-plmn", false, HilinkCalls::current_plmn, nullptr},
    {"device/control", false, nullptr, HilinkCalls::post_control},
    {"device/information", false, HilinkCalls::information, nullptr},
    {"device/basic_information", true, HilinkCalls::basic_information, nullptr},
    {"device/signal", false, HilinkCalls::signal, nullptr},
    {"monitoring/status", true, HilinkCalls::status, nullptr},
    {"user/state-login", true, HilinkCalls::state_login, nullptr},
    {"user/hilink_login", true, HilinkCalls::hilink_login, nullptr},
    {"user/login", true, nullptr, HilinkCalls::login},
    {"user/logout", true, nullptr, HilinkCalls::logout},
    {"dhcp/settings", false, HilinkCalls::dhcp, nullptr},
    {"pin/status", false, HilinkCalls::pin_status, nullptr},
};
const std::size_t Hilink::kEndpointCount = std::size(kEndpoints);

}  // namespace airlane::sim
